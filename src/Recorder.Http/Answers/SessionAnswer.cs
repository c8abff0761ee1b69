using System.Text.Json.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>A session has been started.</summary>
/// <param name="Id">The session's number.</param>
/// <param name="Status">Always started.</param>
/// <param name="Host">Of type rtp: the host to send to; absent otherwise, as are the ports.</param>
/// <param name="RtpPort">The port of the picture's RTP.</param>
/// <param name="RtcpPort">The port of its RTCP.</param>
/// <param name="AudioRtpPort">The port of the sound's RTP; absent without sound.</param>
/// <param name="AudioRtcpPort">The port of its RTCP.</param>
internal sealed record StartAnswer(
    int Id,
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Host = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? RtpPort = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? RtcpPort = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? AudioRtpPort = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? AudioRtcpPort = null
);

/// <summary>A session has been stopped.</summary>
/// <param name="Status">Always stopped: its record is final and playable.</param>
internal sealed record StopAnswer(string Status);

/// <summary>A session in the original recorder's status list.</summary>
/// <param name="Id">The session's number.</param>
/// <param name="Records">The paths of its finished records, oldest first.</param>
/// <param name="Running">Whether it has not ended.</param>
/// <param name="IsRunning">The same; the original's documentation shows both names.</param>
internal sealed record StatusEntry(int Id, IReadOnlyList<string> Records, bool Running, bool IsRunning);

/// <summary>All that is known about a session.</summary>
/// <param name="Id">The session's number.</param>
/// <param name="State">Where in its life it is.</param>
/// <param name="Since">Since when it is in this state.</param>
/// <param name="Running">Whether it has not ended.</param>
/// <param name="EverRecorded">Whether a frame of it was ever written.</param>
/// <param name="Node">The node it runs or last ran on.</param>
/// <param name="Attempt">Which life of the session this is, from 1; each resume on a node counts one.</param>
/// <param name="Spec">What it records, every default filled in.</param>
/// <param name="Endpoint">Where a session of type rtp receives; null otherwise.</param>
/// <param name="PausedSince">Since when its record stands still because it was asked to; null while it does
/// not.</param>
/// <param name="Outputs">Where its media goes, each with a state of its own: the record, the live playlist, the stream
/// targets.</param>
/// <param name="Capture">How the capture of the page goes now; null before the first figures, and of a session that has
/// ended.</param>
/// <param name="Reception">How the reception of RTP goes now, likewise.</param>
/// <param name="Records">Its files, oldest first, the growing one included.</param>
/// <param name="Gaps">The times in which it should have been recorded and was not.</param>
/// <param name="Faults">What it met, survived or not.</param>
public sealed record SessionAnswer(
    int Id,
    SessionPhase State,
    DateTimeOffset Since,
    bool Running,
    bool EverRecorded,
    string Node,
    int Attempt,
    SpecAnswer Spec,
    EndpointAnswer? Endpoint,
    DateTimeOffset? PausedSince,
    IReadOnlyList<OutputAnswer> Outputs,
    CaptureAnswer? Capture,
    ReceptionAnswer? Reception,
    [property: JsonRequired] IReadOnlyList<RecordAnswer> Records,
    [property: JsonRequired] IReadOnlyList<GapAnswer> Gaps,
    [property: JsonRequired] IReadOnlyList<FaultAnswer> Faults
);

/// <summary>A record of a session.</summary>
/// <param name="Path">Absolute path on the node that holds the file.</param>
/// <param name="Attempt">The attempt that wrote it, from 1.</param>
/// <param name="Finished">Whether the file is final; a growing record is not.</param>
/// <param name="OpenedAt">When its first frame was written.</param>
/// <param name="DurationSeconds">Playing time in seconds; null while it grows.</param>
/// <param name="Bytes">Size in bytes; null while it grows.</param>
/// <param name="Repaired">Whether it was rebuilt after its worker had died.</param>
/// <param name="FramesCaptured">Frames handed to the encoder, as of the last confirmation or of the end of the
/// record.</param>
/// <param name="FramesDropped">Frames dropped because the encoder could not keep up, likewise.</param>
/// <param name="Sha256">The SHA-256 of the file, as its manifest beside it tells; null until that is written.</param>
/// <param name="Deliveries">Where else the record goes since it was closed; empty where it stays.</param>
public sealed record RecordAnswer(
    string Path,
    int Attempt,
    bool Finished,
    DateTimeOffset? OpenedAt,
    double? DurationSeconds,
    long? Bytes,
    bool Repaired,
    long FramesCaptured,
    long FramesDropped,
    string? Sha256,
    IReadOnlyList<DeliveryAnswer> Deliveries
);

/// <summary>One delivery of a closed record.</summary>
/// <param name="Kind">The kind of destination: command.</param>
/// <param name="State">How far it is.</param>
/// <param name="Since">Since when it is in this state.</param>
/// <param name="Attempts">How many attempts have begun.</param>
/// <param name="ExitCode">The exit code of the last attempt that ended; null before, and where no process ended by
/// itself.</param>
/// <param name="LastOutput">The last lines that attempt wrote, at most 20 lines and 4096 bytes; null without any, and
/// where five newer deliveries of the session have some.</param>
/// <param name="Error">What stands in the way; null where nothing does.</param>
public sealed record DeliveryAnswer(
    string Kind,
    DeliveryState State,
    DateTimeOffset Since,
    int Attempts,
    int? ExitCode,
    string? LastOutput,
    string? Error
);

/// <summary>A time in which the session should have been recorded and was not.</summary>
/// <param name="From">The last evidence of recording before it.</param>
/// <param name="To">The first evidence after it; null while it lasts.</param>
/// <param name="Code">The reason.</param>
public sealed record GapAnswer(DateTimeOffset From, DateTimeOffset? To, string Code);

/// <summary>A fault that a session met.</summary>
/// <param name="At">When it was noticed.</param>
/// <param name="Node">The node it happened on.</param>
/// <param name="Code">The reason.</param>
/// <param name="Message">What happened.</param>
public sealed record FaultAnswer(DateTimeOffset At, string Node, string Code, string Message);
