using System.Globalization;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Live;
using Recorder.Worker.Picture;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Live;

[Collection(UnhurriedCollection.Name)]
[Trait("ring", "media")]
public class HlsTests
{
    private const ulong Second = 1_000_000_000;

    [Fact]
    public void A_playlist_says_what_is_there_and_its_end()
    {
        var growing = HlsPlaylist.Text(
            [
                new HlsSegment(0, TimeSpan.FromSeconds(4), Follows: true)
                {
                    At = new DateTimeOffset(2026, 11, 30, 9, 8, 7, 65, TimeSpan.FromHours(1)),
                },
                new HlsSegment(1, TimeSpan.FromSeconds(3.84), Follows: false),
            ],
            ended: false
        );

        Assert.Equal(
            """
            #EXTM3U
            #EXT-X-VERSION:3
            #EXT-X-TARGETDURATION:6
            #EXT-X-MEDIA-SEQUENCE:0
            #EXT-X-PLAYLIST-TYPE:EVENT
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-PROGRAM-DATE-TIME:2026-11-30T08:08:07.065Z
            #EXTINF:4.000000,
            segment-00000.ts
            #EXT-X-DISCONTINUITY
            #EXTINF:3.840000,
            segment-00001.ts

            """,
            growing
        );
        Assert.EndsWith("#EXT-X-ENDLIST\n", HlsPlaylist.Text([], ended: true), StringComparison.Ordinal);
        Assert.Contains(
            "#EXT-X-TARGETDURATION:7\n",
            HlsPlaylist.Text([new HlsSegment(0, TimeSpan.FromSeconds(6.6), Follows: true)], ended: false),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_segment_ends_at_a_key_frame_once_its_sound_is_there()
    {
        HlsSegmenter<string> segmenter = new();
        Assert.Null(segmenter.Add(EncodedTrack.Audio, 0, 0, isDelta: false, "a0"));
        Assert.Null(segmenter.Add(EncodedTrack.Video, 0, 0, isDelta: false, "v0"));
        Assert.Null(segmenter.Add(EncodedTrack.Video, 2 * Second, 0, isDelta: false, "v2"));
        Assert.False(segmenter.WantsKeyFrame);
        Assert.Null(segmenter.Add(EncodedTrack.Video, HlsSegmenter.CutAfter, 0, isDelta: true, "v3.5"));
        Assert.False(segmenter.WantsKeyFrame);
        Assert.Null(segmenter.Add(EncodedTrack.Video, HlsSegmenter.Overdue, 0, isDelta: true, "v4.3"));
        Assert.True(segmenter.WantsKeyFrame);
        Assert.Null(segmenter.Add(EncodedTrack.Video, 5 * Second, Second, isDelta: false, "v5"));
        Assert.Null(segmenter.Add(EncodedTrack.Audio, 3 * Second, 0, isDelta: false, "a3"));
        var segment = segmenter.Add(EncodedTrack.Audio, 5 * Second, 0, isDelta: false, "a5");

        Assert.NotNull(segment);
        Assert.Equal((0UL, 5 * Second), (segment.Start, segment.End));
        Assert.Equal(["v0", "v2", "v3.5", "v4.3"], segment.Pictures);
        Assert.Equal(["a0", "a3"], segment.Sound);
        var rest = Assert.Single(segmenter.End());
        Assert.Equal((5 * Second, 6 * Second), (rest.Start, rest.End));
        Assert.Equal(["v5", "a5"], rest.Pictures.Concat(rest.Sound));
    }

    [Fact]
    public async Task The_playlist_of_a_worker_that_died_is_ended_by_the_repair()
    {
        await using WorkerRun run = new();
        var record = run.PathOf("record.mp4");
        var folder = PlaylistNames.FolderOf(record);
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(
            Path.Combine(folder, PlaylistNames.Playlist),
            "#EXTM3U\n#EXTINF:4.0,\nsegment-00000.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4.0,\nsegment-00001.ts\n"
        );
        await File.WriteAllTextAsync(Path.Combine(folder, PlaylistNames.Segment(0) + HlsMuxer.GrowingSuffix), "half");
        run.Say(new WorkerCommand.Repair(record, FileContainer.Mp4, 0));
        await run.ExpectAsync<WorkerEvent.Unrecoverable>();

        Assert.Equal(
            "#EXTM3U\n#EXTINF:4.0,\nsegment-00000.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4.0,\nsegment-00001.ts\n#EXT-X-ENDLIST\n",
            await File.ReadAllTextAsync(Path.Combine(folder, PlaylistNames.Playlist))
        );
        Assert.Single(Directory.GetFiles(folder));
        Assert.Equal(new PlaylistLength(2, 1), HlsPlaylist.End(folder));
        Assert.Null(HlsPlaylist.End(folder + ".none"));
    }

    [Fact]
    public async Task A_live_playlist_is_readable_while_it_grows_and_whole_at_the_end()
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(
            run.Settings(FileContainer.Mp4) with
            {
                Picture = WorkerRun.SmallPicture with { KeyframeInterval = 1000 },
                Hls = true,
            }
        );
        var playlist = Path.Combine(PlaylistNames.FolderOf(path), PlaylistNames.Playlist);
        Assert.Equal(
            PlaylistNames.FolderOf(path),
            (await run.OutputAsync(WorkerOutputState.Active, WorkerOutput.HlsId)).Target
        );
        Assert.DoesNotContain("ENDLIST", await File.ReadAllTextAsync(playlist), StringComparison.Ordinal);
        var first = await Probe.OfAsync(Path.Combine(PlaylistNames.FolderOf(path), PlaylistNames.Segment(0)));
        Assert.Equal(("h264", "aac", ""), (first.Video["codec_name"], first.Sound["codec_name"], first.Errors));
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        var lines = await File.ReadAllLinesAsync(playlist);
        Assert.Equal("#EXT-X-ENDLIST", lines[^1]);
        Assert.Equal(
            lines.Count(line => line.StartsWith("#EXTINF:", StringComparison.Ordinal)),
            finished.Hls?.Segments
        );
        var began = run.Said.OfType<WorkerEvent.FirstFrame>().Single().At;
        var dates = lines
            .Where(line => line.StartsWith("#EXT-X-PROGRAM-DATE-TIME:", StringComparison.Ordinal))
            .Select(line => DateTimeOffset.Parse(line[25..], CultureInfo.InvariantCulture))
            .ToList();
        Assert.Equal(finished.Hls?.Segments, dates.Count);
        Assert.InRange(dates[0] - began, TimeSpan.FromMilliseconds(-2), TimeSpan.FromMilliseconds(100));
        var length = lines
            .Where(line => line.StartsWith("#EXTINF:", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[8..^1], CultureInfo.InvariantCulture));
        Assert.InRange(length, finished.Duration - 0.1, finished.Duration + 0.1);
        var whole = await Probe.OfAsync(playlist);
        Assert.Equal("", whole.Errors);
        Assert.Equal(finished.Frames, long.Parse(whole.Video["nb_read_frames"], CultureInfo.InvariantCulture));
        Assert.Empty(Directory.GetFiles(PlaylistNames.FolderOf(path), "*" + HlsMuxer.GrowingSuffix));
    }

    [Theory]
    [InlineData("ultrafast", 25, 60, true)]
    [InlineData("veryfast", 5, 60, true)]
    [InlineData("ultrafast", 25, 1000, false)]
    public async Task Segments_are_of_four_seconds_at_every_rate_and_preset(
        string preset,
        int framerate,
        int interval,
        bool liveKeyFrames
    )
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(
            run.Settings(FileContainer.Mp4) with
            {
                Hls = true,
                Picture = WorkerRun.SmallPicture with
                {
                    Preset = preset,
                    Framerate = framerate,
                    KeyframeInterval = interval,
                    LiveKeyFrames = liveKeyFrames,
                },
            }
        );
        await run.ProgressAsync(13);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();

        var lines = await File.ReadAllLinesAsync(Path.Combine(PlaylistNames.FolderOf(path), PlaylistNames.Playlist));
        Assert.Contains("#EXT-X-TARGETDURATION:6", lines);
        double[] lengths =
        [
            .. lines
                .Where(line => line.StartsWith("#EXTINF:", StringComparison.Ordinal))
                .Select(line => double.Parse(line[8..^1], CultureInfo.InvariantCulture)),
        ];
        Assert.InRange(lengths.Length, 3, 5);
        Assert.All(lengths[..^1], length => Assert.InRange(length, 3.5, 5));
    }

    [Theory]
    [InlineData(2, true, true, false, true)]
    [InlineData(3, true, true, false, false)]
    [InlineData(2, true, false, true, true)]
    [InlineData(2, true, false, false, false)]
    [InlineData(2, false, true, true, false)]
    [InlineData(4, false, true, true, true)]
    [InlineData(4, false, true, false, false)]
    public void A_key_frame_is_due_where_something_live_needs_one(
        long second,
        bool everyTwo,
        bool streams,
        bool playlist,
        bool due
    )
    {
        var settings = WorkerRun.SmallPicture with { LiveKeyFrames = everyTwo };
        Assert.Equal(due, LiveKeyFrames.Due(second, settings, streams, playlist));
        Assert.False(LiveKeyFrames.Due(second, settings with { KeyframeInterval = 50 }, streams, playlist));
    }

    [Fact]
    public async Task What_a_playlist_that_cannot_be_written_was_given_is_let_go()
    {
        const int seconds = 12;
        Application.Init();
        var folder = Directory.CreateTempSubdirectory("recorder-hls-").FullName;
        try
        {
            var record = Path.Combine(folder, "record.mp4");
            await File.WriteAllTextAsync(PlaylistNames.FolderOf(record), "in the way");
            using FramePool pool = new(new PictureFormat(64, 64), seconds);
            HlsOutput output = new(
                record,
                new KeyFrameRequests(() => { }, TimeProvider.System),
                at => at,
                TimeProvider.System
            );
            using (var caps = Caps.FromString("video/x-h264,stream-format=avc,alignment=au"))
            {
                for (ulong second = 0; second < seconds; second++)
                {
                    var buffer = pool.Take(out var _);
                    buffer.Pts = second * Second;
                    buffer.Duration = Second;
                    output.Take(new EncodedFrame(EncodedTrack.Video, buffer, caps));
                    buffer.Unref();
                }
            }

            await output.CloseAsync().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(
                (WorkerOutputState.Finished, (long)seconds),
                (output.Summary.State, output.Summary.FramesDropped)
            );
            var free = Enumerable.Range(0, seconds).Select(_ => pool.Take(out var _)).ToList();
            Assert.DoesNotContain(free, buffer => buffer.IsNull);
            free.ForEach(buffer => buffer.Unref());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_playlist_that_cannot_be_written_leaves_the_record_alone()
    {
        await using WorkerRun run = new();
        var settings = run.Settings(FileContainer.Mp4) with { Hls = true };
        await File.WriteAllTextAsync(PlaylistNames.FolderOf(settings.Path!), "in the way");
        var path = await run.RecordAsync(settings);
        Assert.NotNull((await run.OutputAsync(WorkerOutputState.Retrying, WorkerOutput.HlsId)).Reason);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal("", (await Probe.OfAsync(path)).Errors);
    }
}
