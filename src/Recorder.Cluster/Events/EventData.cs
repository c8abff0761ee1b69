using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Events;

/// <summary>The data of <c>session.accepted</c>.</summary>
internal sealed record AcceptedData(SpecAnswer Spec);

/// <summary>The data of <c>session.attempt_started</c>.</summary>
internal sealed record AttemptData(int Attempt, string? FromNode);

/// <summary>The data of events that say nothing more.</summary>
internal sealed record NoData;

/// <summary>The data of events about gaps.</summary>
internal sealed record GapData(DateTimeOffset From, DateTimeOffset? To, string Code);

/// <summary>The data of <c>session.fault</c>.</summary>
internal sealed record FaultData(string Code, string Message);

/// <summary>The data of <c>session.targets_changed</c>.</summary>
internal sealed record TargetsData(IReadOnlyList<TargetData> Targets);

/// <summary>A stream target, without what grants access to it.</summary>
internal sealed record TargetData(string Id, string Target);

/// <summary>The data of <c>session.stopping</c>.</summary>
internal sealed record StoppingData(SessionPhase Outcome, string? Code, string? Message)
{
    /// <summary>Why the session ends.</summary>
    public string? EndReason { get; init; }
}

/// <summary>The data of <c>session.waiting</c>.</summary>
internal sealed record WaitingData(bool InLobby);

/// <summary>The data of <c>session.ending_soon</c>.</summary>
internal sealed record EndingSoonData(string EndReason, DateTimeOffset EndsAt);

/// <summary>The data of <c>session.page_changed</c>.</summary>
internal sealed record PageChangedData(string? Uri, bool Css)
{
    /// <summary>The layout that the page was given; empty where a layout was taken away, null where none was
    /// named.</summary>
    public string? Layout { get; init; }
}

/// <summary>The data of <c>session.end_changed</c>.</summary>
internal sealed record EndRulesData(EndRulesAnswer? End);

/// <summary>The data of the events that end a session.</summary>
internal sealed record EndData(string? Code, string? Message, IReadOnlyList<RecordData> Records)
{
    /// <summary>Why the session ended.</summary>
    public string? EndReason { get; init; }
}

/// <summary>The data of the events of a record.</summary>
internal sealed record RecordData(
    string Path,
    int Attempt,
    string Node,
    DateTimeOffset? OpenedAt,
    double? Duration,
    long? Bytes,
    bool Repaired,
    string? Sha256
)
{
    /// <summary>The record's id.</summary>
    public string? Record { get; init; }

    /// <summary>Why the record is away, lost, on hold or erased; null otherwise.</summary>
    public string? Reason { get; init; }
}

/// <summary>The data of the events of an output.</summary>
internal sealed record OutputData(string Output, OutputKind Kind, string Target, string? Reason, int Retries);

/// <summary>The data of the events of a delivery.</summary>
internal sealed record DeliveryData(string Path, string To, int? Attempt, string? Error)
{
    /// <summary>The record's id.</summary>
    public string? Record { get; init; }

    /// <summary>Whether the destination has only what was sent while the record grew.</summary>
    public bool Partial { get; init; }

    /// <summary>When the next attempt begins; null when none follows.</summary>
    public DateTimeOffset? NextTry { get; init; }
}

/// <summary>The data of the events of a node.</summary>
internal sealed record NodeData(long Life, IReadOnlyList<string>? Roles, string? Version);

/// <summary>A time of a schedule for which no room will be there.</summary>
internal sealed record ScheduleAtRiskData(string Schedule, string? Name, DateTimeOffset At, string Message);

/// <summary>A time of a schedule that has no recording.</summary>
internal sealed record ScheduleMissedData(
    string Schedule,
    string? Name,
    DateTimeOffset At,
    int? Session,
    string? Code,
    string Message
);
