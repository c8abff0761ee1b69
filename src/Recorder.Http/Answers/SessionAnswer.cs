using System.Text.Json.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>A session has been started, or is starting.</summary>
/// <param name="Id">The session's number.</param>
/// <param name="Status">started; or starting, when the caller did not wait; or waiting_to_begin or waiting_to_enter, when
/// the page had not begun in the time of a call.</param>
/// <param name="Host">For type rtp: the host to send to. Host and ports are absent otherwise.</param>
/// <param name="RtpPort">The port of the picture's RTP.</param>
/// <param name="RtcpPort">The port of the picture's RTCP.</param>
/// <param name="AudioRtpPort">The port of the sound's RTP; absent without sound.</param>
/// <param name="AudioRtcpPort">The port of the sound's RTCP; absent without sound.</param>
public sealed record StartAnswer(
    int Id,
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Host = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? RtpPort = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? RtcpPort = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? AudioRtpPort = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? AudioRtcpPort = null
);

/// <summary>A session has been stopped.</summary>
/// <param name="Status">Always stopped: the session's record is final and playable.</param>
public sealed record StopAnswer(string Status);

/// <summary>A session in the original recorder's status list.</summary>
/// <param name="Id">The session's number.</param>
/// <param name="Records">The paths of the session's finished records, oldest first.</param>
/// <param name="Running">Whether the session has not ended yet.</param>
/// <param name="IsRunning">The same as running; the original's documentation shows both names.</param>
internal sealed record StatusEntry(int Id, IReadOnlyList<string> Records, bool Running, bool IsRunning);

/// <summary>Everything that is known about a session.</summary>
/// <param name="Id">The session's number.</param>
/// <param name="State">The present state of the session.</param>
/// <param name="Since">When the present state began.</param>
/// <param name="Running">Whether the session has not ended yet.</param>
/// <param name="EverRecorded">Whether any frame of the session was ever written.</param>
/// <param name="Node">The node that the session runs or last ran on.</param>
/// <param name="Attempt">The number of the session's present attempt, from 1; each resume on a node begins a new
/// attempt.</param>
/// <param name="Spec">What the session records, with every default filled in.</param>
/// <param name="Endpoint">The endpoint on which a session of type rtp receives; null otherwise.</param>
/// <param name="PausedSince">When the session's record was paused on request; null while the record is not
/// paused.</param>
/// <param name="Outputs">The places that the session's media goes to, each with a state of its own: the record, the
/// live playlist, the stream targets.</param>
/// <param name="Capture">The present figures of the page's capture; null before the first figures, and after the
/// session has ended.</param>
/// <param name="Reception">The present figures of the RTP reception; null before the first figures, and after the
/// session has ended.</param>
/// <param name="Records">The session's files, oldest first, including the growing file.</param>
/// <param name="Gaps">The times in which the session should have been recorded and was not.</param>
/// <param name="Faults">The faults that the session met, survived or not.</param>
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
)
{
    /// <summary>Who started the session: the owner of the API key. Left out without a key, and for sessions from before
    /// there were owners.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Owner { get; init; }

    /// <summary>The rules by which the session ends by itself now; left out without rules, and after the end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EndRulesAnswer? End { get; init; }

    /// <summary>When the session ends by itself, as far as that is known; left out when nothing says so, while the
    /// session is paused, and after the end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Why the session ends or has ended: requested, the rule that ended the session, or the code of the
    /// fault; left out before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EndReason { get; init; }

    /// <summary>The marked moments, in the order in which they were given; left out without marks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MarkAnswer>? Marks { get; init; }
}

/// <summary>A record of a session.</summary>
/// <param name="Id">The record's id, by which <c>/api/records</c> knows the record.</param>
/// <param name="Path">Absolute path on the node that wrote the file. In a folder that has moved, the file has the same
/// name.</param>
/// <param name="Attempt">The attempt that wrote the record, from 1.</param>
/// <param name="Finished">Whether the file is final; a growing record is not.</param>
/// <param name="OpenedAt">When the record's first frame was written.</param>
/// <param name="DurationSeconds">Playing time in seconds; null while the record grows.</param>
/// <param name="Bytes">Size in bytes; null while the record grows.</param>
/// <param name="Repaired">Whether the record was rebuilt after the death of its worker.</param>
/// <param name="FramesCaptured">Frames handed to the encoder, as of the last confirmation or the end of the
/// record.</param>
/// <param name="FramesDropped">Frames dropped because the encoder could not keep up, as of the last confirmation or the
/// end of the record.</param>
/// <param name="Sha256">The SHA-256 of the file, from the manifest beside the file; null until the manifest is
/// written.</param>
/// <param name="Deliveries">The deliveries of the record since it was closed; empty when the record only stays on its
/// node.</param>
/// <param name="Node">The node that holds the file, or last held it.</param>
/// <param name="Folder">The id of the records folder that holds the file; null for a record of an earlier
/// version.</param>
/// <param name="Away">Why the file cannot be reached at present; null when nothing is known against it. The record is
/// looked for again when its folder is back.</param>
public sealed record RecordAnswer(
    string Id,
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
    IReadOnlyList<DeliveryAnswer> Deliveries,
    string? Node,
    string? Folder,
    string? Away
);

/// <summary>How far a delivery is.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<DeliveryProgress>))]
public enum DeliveryProgress
{
    /// <summary>Not begun yet.</summary>
    Queued,

    /// <summary>An attempt is under way.</summary>
    Sending,

    /// <summary>The destination has the record.</summary>
    Delivered,

    /// <summary>The last attempt failed, and another attempt follows.</summary>
    Retrying,

    /// <summary>The last attempt failed, and no attempt follows unless somebody asks for it.</summary>
    Failed,
}

/// <summary>One delivery of a closed record.</summary>
/// <param name="To">The name of the destination.</param>
/// <param name="Kind">The kind of the destination, such as command or s3.</param>
/// <param name="Name">The record's name at the destination; null where the destination chooses the name.</param>
/// <param name="State">The present state of the delivery.</param>
/// <param name="Since">When the present state began.</param>
/// <param name="NextTry">When the next attempt begins; null unless the delivery is retrying.</param>
/// <param name="Attempts">How many attempts have begun.</param>
/// <param name="ExitCode">The exit code of the last attempt that ended; null before that, and when no process ended by
/// itself.</param>
/// <param name="LastOutput">The last lines of that attempt's output, at most 20 lines and 4096 bytes; null without
/// output, and when five newer deliveries of the session have output.</param>
/// <param name="Error">What hinders the delivery; null when nothing does.</param>
/// <param name="SentBytes">How many bytes the destination has confirmed while the record grew; null unless the record
/// is sent while it grows.</param>
/// <param name="Partial">Whether the destination has only what was sent while the record grew, since the node of the
/// record was lost.</param>
public sealed record DeliveryAnswer(
    string To,
    string Kind,
    string? Name,
    DeliveryProgress State,
    DateTimeOffset Since,
    DateTimeOffset? NextTry,
    int Attempts,
    int? ExitCode,
    string? LastOutput,
    string? Error,
    long? SentBytes,
    bool Partial
);

/// <summary>A time in which the session should have been recorded and was not.</summary>
/// <param name="From">The last evidence of recording before the gap.</param>
/// <param name="To">The first evidence of recording after the gap; null while the gap lasts.</param>
/// <param name="Code">The reason.</param>
public sealed record GapAnswer(DateTimeOffset From, DateTimeOffset? To, string Code);

/// <summary>A fault that a session met.</summary>
/// <param name="At">When the fault was noticed.</param>
/// <param name="Node">The node on which the fault happened.</param>
/// <param name="Code">The reason.</param>
/// <param name="Message">What happened.</param>
public sealed record FaultAnswer(DateTimeOffset At, string Node, string Code, string Message);
