using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>How an output beside the record stands.</summary>
/// <param name="Id"><see cref="HlsId"/>, or the <see cref="WorkerTarget.Id"/> of a target.</param>
/// <param name="Kind"><see cref="HlsKind"/>, or the word of the kind of target, such as <c>rtmp</c>.</param>
/// <param name="Target">The playlist's folder, or <see cref="WorkerTarget.Shown"/> of the target.</param>
/// <param name="State">Its state.</param>
/// <param name="Since">Since when it is in this state.</param>
/// <param name="Reason">Why it is retried or has failed, the peer's answer included, without the stream's key; of an
/// active target what it waits for; else null.</param>
/// <param name="FramesSent">Encoded frames written or sent since the worker began.</param>
/// <param name="FramesDropped">Encoded frames that were made while it could not take them.</param>
/// <param name="BytesSent">Bytes written or sent.</param>
/// <param name="Retries">How often it was tried again.</param>
public sealed record WorkerOutput(
    string Id,
    string Kind,
    string Target,
    WorkerOutputState State,
    DateTimeOffset Since,
    string? Reason,
    long FramesSent,
    long FramesDropped,
    long BytesSent,
    int Retries
)
{
    /// <summary>The id of the live playlist's output.</summary>
    public const string HlsId = "hls";

    /// <summary>The kind of the live playlist's output.</summary>
    public const string HlsKind = "hls";
}

/// <summary>States of an output.</summary>
[JsonConverter(typeof(LineEnumConverter<WorkerOutputState>))]
public enum WorkerOutputState
{
    /// <summary>Tried for the first time.</summary>
    Starting,

    /// <summary>Media flows.</summary>
    Active,

    /// <summary>Refused, gone or stalled; tried again for as long as the worker lives.</summary>
    Retrying,

    /// <summary>Given up.</summary>
    Failed,

    /// <summary>Ended as asked: with the record, or by its removal.</summary>
    Finished,
}
