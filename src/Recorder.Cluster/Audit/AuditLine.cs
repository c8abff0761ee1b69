using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Audit;

/// <summary>A call that changed something, that tried to, or that was refused. No part has a query, a body or a
/// key.</summary>
/// <param name="At">When the call was answered.</param>
/// <param name="Node">The cluster address of the node that answered.</param>
/// <param name="Who">The name of the caller's key, or <see cref="Loopback"/>, <see cref="Page"/> or
/// <see cref="Unknown"/>.</param>
/// <param name="Address">The caller's address, without its port.</param>
/// <param name="Action">The name of the call in the API's description, such as <c>start</c>; <see cref="NoCall"/> where
/// there is no such call.</param>
/// <param name="Call">Method and path.</param>
/// <param name="Session">The session that the call is about; null where there is none.</param>
/// <param name="Status">The HTTP status of the answer.</param>
public sealed record AuditLine(
    DateTimeOffset At,
    string Node,
    string Who,
    string Address,
    string Action,
    string Call,
    SessionId? Session,
    int Status
)
{
    /// <summary>A caller of this machine, where calls need no key.</summary>
    public const string Loopback = "loopback";

    /// <summary>A web page.</summary>
    public const string Page = "page";

    /// <summary>A caller whose key is missing or unknown.</summary>
    public const string Unknown = "unknown";

    /// <summary>The node itself, of what could not be written.</summary>
    public const string Recorder = "recorder";

    /// <summary>The action of a refused call that no route answers.</summary>
    public const string NoCall = "none";

    /// <summary>The action of a line that tells how many lines are missing.</summary>
    public const string NotWritten = "not_written";

    /// <summary>The place of the line among all lines of the farm, counted upwards; 0 before it is written.</summary>
    public long Number { get; init; }

    /// <summary>The code of the error that was answered; null where none was.</summary>
    public string? Code { get; init; }

    /// <summary>What else says what was done, such as an operation or a new id; null where nothing does.</summary>
    public string? Detail { get; init; }
}

/// <summary>Which lines of the audit are asked for.</summary>
/// <param name="Before">Only lines with a lower number.</param>
/// <param name="Limit">At most this many.</param>
public sealed record AuditQuestion(long Before, int Limit)
{
    /// <summary>Only calls of this caller; null: of all.</summary>
    public string? Who { get; init; }

    /// <summary>Only calls about this session; null: about all, and about none.</summary>
    public SessionId? Session { get; init; }

    /// <summary>Only calls of this name; null: all calls.</summary>
    public string? Action { get; init; }

    /// <summary>Only calls that were answered at this time or later; null: any time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only calls that were answered before this time; null: any time.</summary>
    public DateTimeOffset? To { get; init; }
}
