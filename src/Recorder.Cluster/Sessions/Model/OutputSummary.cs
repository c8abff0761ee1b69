using System.Text.Json.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>One place that encoded media goes to, with a state of its own.</summary>
/// <param name="Id"><see cref="RecordId"/>, <see cref="HlsId"/>, or the <see cref="StreamOutput.Id"/> of a
/// target.</param>
/// <param name="Kind">The kind of output.</param>
/// <param name="Target">The record's path, the HLS folder, or the redacted address of the stream target.</param>
/// <param name="State">The state of the output.</param>
/// <param name="Since">Since when the output has been in this state.</param>
/// <param name="Reason">Why the output is retried or has failed, with the peer's answer but without the stream's key;
/// otherwise null. For an active output: what it waits for before media flows.</param>
/// <param name="FramesSent">Encoded frames written or sent since the session, or its worker, began. For the record:
/// the frames in its file, without those of a pause.</param>
/// <param name="FramesDropped">Encoded frames that came while the output could not take them.</param>
/// <param name="BytesSent">Bytes written or sent.</param>
/// <param name="Retries">How often the output was retried.</param>
public sealed record OutputSummary(
    string Id,
    OutputKind Kind,
    string Target,
    OutputState State,
    DateTimeOffset Since,
    string? Reason,
    long FramesSent,
    long FramesDropped,
    long BytesSent,
    int Retries
)
{
    /// <summary>The id of the record's output.</summary>
    public const string RecordId = "record";

    /// <summary>The id of the HLS output.</summary>
    public const string HlsId = "hls";

    /// <summary>Whether the output is a stream target, of whatever kind.</summary>
    [JsonIgnore]
    public bool IsTarget => Kind is not (OutputKind.Record or OutputKind.Hls);
}

/// <summary>Kinds of outputs.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<OutputKind>))]
public enum OutputKind
{
    /// <summary>The file.</summary>
    Record,

    /// <summary>An RTMP or RTMPS target.</summary>
    Rtmp,

    /// <summary>The live playlist beside the record.</summary>
    Hls,

    /// <summary>An SRT target.</summary>
    Srt,
}

/// <summary>Finds kinds of outputs by their words.</summary>
public static class OutputKinds
{
    /// <summary>The kind with this word. The worker and the answers use the same words.</summary>
    /// <exception cref="ArgumentException">No kind has this word.</exception>
    public static OutputKind Of(string word) => Enum.Parse<OutputKind>(word, ignoreCase: true);
}

/// <summary>States of an output.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<OutputState>))]
public enum OutputState
{
    /// <summary>Tried for the first time.</summary>
    Starting,

    /// <summary>Media flows.</summary>
    Active,

    /// <summary>Refused, gone or stalled; tried again for as long as the session lasts.</summary>
    Retrying,

    /// <summary>Given up.</summary>
    Failed,

    /// <summary>Ended as asked: with the session, or by its removal.</summary>
    Finished,
}
