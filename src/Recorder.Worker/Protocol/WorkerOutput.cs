using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>The state of an output other than the record.</summary>
/// <param name="Id"><see cref="HlsId"/>, or the <see cref="WorkerTarget.Id"/> of a target.</param>
/// <param name="Kind"><see cref="HlsKind"/>, or the name of the target's kind, such as <c>rtmp</c>.</param>
/// <param name="Target">The playlist's folder, or <see cref="WorkerTarget.Shown"/> of the target.</param>
/// <param name="State">The output's state.</param>
/// <param name="Since">When the output entered this state.</param>
/// <param name="Reason">Why the output is retried or has failed, with the peer's answer and without the stream's key.
/// For an active target, what the target waits for. Otherwise null.</param>
/// <param name="FramesSent">Encoded frames written or sent since the worker began.</param>
/// <param name="FramesDropped">Encoded frames that were made while the output could not take them.</param>
/// <param name="BytesSent">Bytes written or sent.</param>
/// <param name="Retries">How often the output was tried again.</param>
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

    /// <summary>Refused, gone or stalled; retried for as long as the worker lives.</summary>
    Retrying,

    /// <summary>Given up.</summary>
    Failed,

    /// <summary>Ended as asked: with the record, or by its removal.</summary>
    Finished,
}
