using Recorder.Cluster.Sessions.Model;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Workers;

/// <summary>
/// Translates the sessions' types to the worker's protocol and back. The two share no types, because a journal is read
/// for years, while the protocol lives within one build.
/// </summary>
internal static class WorkerWords
{
    /// <summary>Translates a container.</summary>
    public static FileContainer ToWorker(this RecordContainer container) =>
        container switch
        {
            RecordContainer.Mp4 => FileContainer.Mp4,
            RecordContainer.Ts => FileContainer.Ts,
            RecordContainer.Mkv => FileContainer.Mkv,
            RecordContainer.Webm => FileContainer.Webm,
            RecordContainer.M4a => FileContainer.M4a,
            RecordContainer.Ogg => FileContainer.Ogg,
            RecordContainer.Mp3 => FileContainer.Mp3,
            RecordContainer.Flac => FileContainer.Flac,
            _ => throw new ArgumentOutOfRangeException(nameof(container), container, "No worker knows this container."),
        };

    /// <summary>Translates a page's picture settings.</summary>
    public static PictureSettings ToWorker(this VideoSettings video) =>
        new()
        {
            Width = video.Width,
            Height = video.Height,
            Framerate = video.Framerate,
            Bitrate = video.Bitrate,
            Preset = video.Preset.ToString().ToLowerInvariant(),
            Profile = video.Profile.ToString().ToLowerInvariant(),
            KeyframeInterval = video.KeyframeInterval,
            LiveKeyFrames = !video.KeyframeIntervalAsked,
        };

    /// <summary>Translates a page's sound settings.</summary>
    public static SoundSettings ToWorker(this AudioSettings audio) => new() { Bitrate = audio.Bitrate };

    /// <summary>Translates a codec.</summary>
    public static PictureCodec ToWorker(this RtpCodec codec) =>
        codec switch
        {
            RtpCodec.Vp8 => PictureCodec.Vp8,
            RtpCodec.Vp9 => PictureCodec.Vp9,
            RtpCodec.H264 => PictureCodec.H264,
            _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "No worker knows this codec."),
        };

    /// <summary>Translates a stream target.</summary>
    public static WorkerTarget ToWorker(this StreamOutput output) =>
        new(output.Id, output.Target.Address, output.Target.Redacted);

    /// <summary>Translates an output.</summary>
    public static OutputSummary ToSession(this WorkerOutput output) =>
        new(
            output.Id,
            OutputKinds.Of(output.Kind),
            output.Target,
            output.State.ToSession(),
            output.Since,
            output.Reason,
            output.FramesSent,
            output.FramesDropped,
            output.BytesSent,
            output.Retries
        );

    /// <summary>Translates the state of an output.</summary>
    public static OutputState ToSession(this WorkerOutputState state) =>
        state switch
        {
            WorkerOutputState.Starting => OutputState.Starting,
            WorkerOutputState.Active => OutputState.Active,
            WorkerOutputState.Retrying => OutputState.Retrying,
            WorkerOutputState.Failed => OutputState.Failed,
            WorkerOutputState.Finished => OutputState.Finished,
            _ => throw new ArgumentOutOfRangeException(
                nameof(state),
                state,
                "No session knows this state of an output."
            ),
        };

    /// <summary>Translates the length of a playlist.</summary>
    public static HlsLength ToSession(this PlaylistLength length) => new(length.Segments, length.Breaks);

    /// <summary>Translates the figures of received RTP.</summary>
    public static RtpStatistics ToSession(this RtpFigures figures) =>
        new(figures.At, figures.Video.ToSession(), figures.Audio?.ToSession());

    private static RtpLegStatistics ToSession(this RtpLegFigures leg) =>
        new(
            leg.Ssrc,
            leg.LastPacketAt,
            leg.Packets,
            leg.Bytes,
            leg.Lost,
            leg.Rejected,
            leg.Jitter,
            leg.SourceChanges,
            leg.KeyFrameRequests
        );
}
