using System.Text.Json;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Node.Workers;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Node.Tests.Workers;

/// <summary>Sessions and workers have types of their own, and mean the same by them.</summary>
public sealed class WorkerWordsTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 20, 1, 2, TimeSpan.Zero);

    [Fact]
    public void Every_value_of_an_enum_has_its_like_on_the_other_side()
    {
        AssertSameNames<RecordContainer, FileContainer>(WorkerWords.ToWorker);
        AssertSameNames<RtpCodec, PictureCodec>(WorkerWords.ToWorker);
        AssertSameNames<WorkerOutputState, OutputState>(WorkerWords.ToSession);
    }

    [Fact]
    public void Every_kind_of_target_is_a_kind_of_output()
    {
        // A record is no output of the worker's: its progress is told by itself.
        var told = StreamKinds
            .All.Select(kind => kind.Name)
            .Append(WorkerOutput.HlsKind)
            .Select(OutputKinds.Of)
            .Append(OutputKind.Record);

        Assert.Equal(Enum.GetValues<OutputKind>().Order(), told.Order());
    }

    [Fact]
    public void Both_sides_name_the_files_of_a_playlist_and_its_output_alike()
    {
        Assert.Equal(HlsFiles.Playlist, PlaylistNames.Playlist);
        Assert.Equal(HlsFiles.FolderOf("/r/a.mp4"), PlaylistNames.FolderOf("/r/a.mp4"));
        Assert.Equal(HlsFiles.Segment(7), PlaylistNames.Segment(7));
        Assert.Equal(OutputSummary.HlsId, WorkerOutput.HlsId);
        Assert.Equal(SessionThumbnail.MaximumBytes, WorkerProtocol.LargestThumbnail);
    }

    [Fact]
    public void No_figure_is_lost_on_the_way()
    {
        var figures = new RtpFigures(
            At,
            new RtpLegFigures(1, At, 2, 3, 4, 5, TimeSpan.FromSeconds(6), 7, 8),
            new RtpLegFigures(9, null, 10, 11, 12, 13, TimeSpan.FromSeconds(14), 15, 16)
        );
        var output = new WorkerOutput(
            "target-1",
            "rtmp",
            "rtmp://host/app/…",
            WorkerOutputState.Retrying,
            At,
            "Refused.",
            1,
            2,
            3,
            4
        );

        // The names of the two are the same, so their lines are.
        Assert.Equal(JsonSerializer.Serialize(figures), JsonSerializer.Serialize(figures.ToSession()));
        Assert.Equal(JsonSerializer.Serialize(output), JsonSerializer.Serialize(output.ToSession()));
        Assert.Equal(new HlsLength(3, 1), new PlaylistLength(3, 1).ToSession());
    }

    [Fact]
    public void No_setting_of_picture_and_sound_is_lost_on_the_way()
    {
        var video = new VideoSettings
        {
            Width = 1,
            Height = 2,
            Framerate = 3,
            Bitrate = 4,
            Preset = EncoderPreset.Veryfast,
            Profile = EncoderProfile.Main,
            KeyframeInterval = 5,
            KeyframeIntervalAsked = true,
        };

        Assert.Equal(
            new PictureSettings
            {
                Width = 1,
                Height = 2,
                Framerate = 3,
                Bitrate = 4,
                Preset = "veryfast",
                Profile = "main",
                KeyframeInterval = 5,
                LiveKeyFrames = false,
            },
            video.ToWorker()
        );
        Assert.True((video with { KeyframeIntervalAsked = false }).ToWorker().LiveKeyFrames);
        Assert.Equal(CountOf<VideoSettings>(), CountOf<PictureSettings>());
        Assert.Equal(new SoundSettings { Bitrate = 96 }, new AudioSettings { Bitrate = 96 }.ToWorker());
        Assert.Equal(CountOf<AudioSettings>(), CountOf<SoundSettings>());

        static int CountOf<T>() => typeof(T).GetProperties().Count(setting => setting.GetMethod is { IsStatic: false });
    }

    [Fact]
    public void A_target_is_shown_without_its_key()
    {
        var target = new StreamOutput("target-1", new StreamTarget("rtmp://host/app/secret")).ToWorker();

        Assert.Equal(new WorkerTarget("target-1", "rtmp://host/app/secret", "rtmp://host/app/…"), target);
        Assert.DoesNotContain("secret", $"{target}", StringComparison.Ordinal);
    }

    private static void AssertSameNames<TFrom, TTo>(Func<TFrom, TTo> translate)
        where TFrom : struct, Enum
        where TTo : struct, Enum
    {
        Assert.Equal(Enum.GetNames<TTo>(), Enum.GetValues<TFrom>().Select(value => translate(value).ToString()));
    }
}
