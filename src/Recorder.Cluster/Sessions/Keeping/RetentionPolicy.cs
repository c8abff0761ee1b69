using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Keeping;

/// <summary>How long the records of sessions with a label are kept.</summary>
/// <param name="Label">The label.</param>
/// <param name="Age">The time from the end of a record until the record may be erased; null: the record is
/// kept.</param>
public sealed record RetentionRule(SessionLabel Label, TimeSpan? Age);

/// <summary>
/// How long records are kept: what the start said, else the first rule of a label of the session, else the default. A
/// record on hold or undelivered is never erased by the recorder itself. Pure.
/// </summary>
/// <param name="Default">The time from the end of a record until the record may be erased; null: the record is
/// kept.</param>
/// <param name="Rules">The rules; the first one that fits counts.</param>
public sealed record RetentionPolicy(TimeSpan? Default, ImmutableList<RetentionRule> Rules)
{
    /// <summary>Every record is kept.</summary>
    public static RetentionPolicy Keep { get; } = new(null, []);

    /// <summary>The shortest time after which a rule or the default erases; null when none of them ever
    /// erases.</summary>
    public TimeSpan? Shortest => Rules.Select(rule => rule.Age).Append(Default).Min();

    /// <summary>When a record may be erased; null when that never comes, or is not known yet. A hold or a delivery
    /// that is not over may keep the record longer.</summary>
    /// <param name="spec">What the session records.</param>
    /// <param name="record">The record.</param>
    public DateTimeOffset? ExpiresAt(SessionSpec spec, RecordSummary record)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(record);
        return spec.Retention is not null
            ? OwnEnd(spec, record)
            : Earlier(OwnEnd(spec, record), End(record, AgeOf(spec)));
    }

    /// <summary>When a record may be erased by what its own start said: by its age, or after its deliveries. The
    /// options of the nodes play no part.</summary>
    /// <param name="spec">What the session records.</param>
    /// <param name="record">The record.</param>
    public static DateTimeOffset? OwnEnd(SessionSpec spec, RecordSummary record)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(record);
        return spec.Retention switch
        {
            { Age: null } => null,
            { Age: { } age } => Earlier(End(record, age), AfterDeliveries(record)),
            null => AfterDeliveries(record),
        };
    }

    /// <summary>When a record may be erased after its deliveries: once all of them have delivered, and each says how
    /// long the record stays then. Null when one of them says nothing or has not delivered.</summary>
    /// <param name="record">The record.</param>
    public static DateTimeOffset? AfterDeliveries(RecordSummary record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return
            !record.Deliveries.IsEmpty
            && record.Deliveries.TrueForAll(delivery =>
                delivery is { State: DeliveryState.Delivered, KeepLocal: not null }
            )
            ? record.Deliveries.Max(delivery => delivery.Since + delivery.KeepLocal!.Value)
            : null;
    }

    /// <summary>Why the recorder itself may not erase a record, however old it is; null when nothing speaks against
    /// it.</summary>
    /// <param name="record">The record.</param>
    public static string? WhyKept(RecordSummary record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return !record.Finished ? "The record is not finished."
            : record.Erasing is not null ? "The record is erased, or is being erased."
            : record.Hold is not null ? "The record is on hold."
            : record.ManifestDue ? "The manifest of the record is still to be written."
            : record.Deliveries.Exists(delivery => delivery.State != DeliveryState.Delivered)
                ? "The record is not delivered everywhere."
            : null;
    }

    /// <summary>Why a record may be erased at a time; null when it may not be.</summary>
    /// <param name="spec">What the session records.</param>
    /// <param name="record">The record.</param>
    /// <param name="now">The time.</param>
    public EraseCause? CauseAt(SessionSpec spec, RecordSummary record, DateTimeOffset now) =>
        WhyKept(record) is not null || ExpiresAt(spec, record) is not { } end || end > now ? null
        : AfterDeliveries(record) == end ? EraseCause.Delivered
        : EraseCause.Age;

    /// <summary>Whether a record may go when the records take too much room: neither its start nor a rule says how long
    /// it is kept.</summary>
    /// <param name="spec">What the session records.</param>
    /// <param name="record">The record.</param>
    public bool MayMakeRoom(SessionSpec spec, RecordSummary record)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return WhyKept(record) is null && spec.Retention is null && RuleOf(spec) is null;
    }

    private TimeSpan? AgeOf(SessionSpec spec) => RuleOf(spec) is { } rule ? rule.Age : Default;

    private RetentionRule? RuleOf(SessionSpec spec) => Rules.Find(rule => spec.Labels.Contains(rule.Label));

    private static DateTimeOffset? End(RecordSummary record, TimeSpan? age) =>
        record.EndedAt is { } ended && age is { } kept && kept < DateTimeOffset.MaxValue - ended ? ended + kept : null;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is { } first && other is { } second ? (first < second ? first : second) : one ?? other;
}
