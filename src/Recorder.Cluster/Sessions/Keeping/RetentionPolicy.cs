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
        return StartSpeaks(spec) ? OwnEnd(spec, record)
            : RuleOf(spec) is { } rule ? End(record, rule.Age)
            : Earlier(AfterDeliveries(record), End(record, Default));
    }

    /// <summary>Whether the start of a session says how long its records are kept.</summary>
    /// <param name="spec">What the session records.</param>
    public static bool StartSpeaks(SessionSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Retention is not null || LocalKeepings(spec).Any();
    }

    /// <summary>When a record may be erased as far as its session knows: by what the start said, or after the
    /// deliveries. A rule of the nodes may keep the record longer.</summary>
    /// <param name="spec">What the session records.</param>
    /// <param name="record">The record.</param>
    public static DateTimeOffset? OwnEnd(SessionSpec spec, RecordSummary record)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(record);
        var said = LocalKeepings(spec).ToList();
        return spec.Retention switch
        {
            { Age: null } => null,
            // What the options say of a destination is for starts that say nothing.
            { Age: { } age } => Earlier(End(record, age), said.Count > 0 ? AfterDeliveries(record) : null),
            null => said.Exists(keeping => keeping.After is null) ? null : AfterDeliveries(record),
        };
    }

    /// <summary>When a record may be erased after its deliveries: once all of them have delivered the whole record, and
    /// each says how long the record stays then. Null when one of them says nothing, has not delivered or has confirmed
    /// nothing, and when only manifests were delivered.</summary>
    /// <param name="record">The record.</param>
    public static DateTimeOffset? AfterDeliveries(RecordSummary record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return
            record.Deliveries.Exists(delivery =>
                delivery.What.IsEmpty || delivery.What.Contains(DeliveredFile.Record)
            )
            && record.Deliveries.TrueForAll(delivery =>
                IsDelivered(delivery) && IsConfirmed(delivery) && delivery.KeepLocal is not null
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
            : record.Deliveries.Exists(delivery => !IsDelivered(delivery))
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
        return WhyKept(record) is null && !StartSpeaks(spec) && RuleOf(spec) is null;
    }

    private static IEnumerable<LocalKeeping> LocalKeepings(SessionSpec spec) =>
        (spec.Deliver?.Orders ?? []).Select(order => order.KeepLocal).OfType<LocalKeeping>();

    /// <summary>Whether the whole record is at the destination. What was sent of a growing record is only a
    /// part.</summary>
    private static bool IsDelivered(DeliverySummary delivery) =>
        delivery is { State: DeliveryState.Delivered, Partial: false };

    /// <summary>Whether the destination has told what it holds. A delivery by PUT has an output only where the server
    /// told no sum.</summary>
    /// <param name="delivery">A delivery that is done.</param>
    public static bool IsConfirmed(DeliverySummary delivery) =>
        delivery is not { DestinationKind: "put", LastOutput: not null };

    private RetentionRule? RuleOf(SessionSpec spec) => Rules.Find(rule => spec.Labels.Contains(rule.Label));

    private static DateTimeOffset? End(RecordSummary record, TimeSpan? age) =>
        record.EndedAt is { } ended && age is { } kept && kept < DateTimeOffset.MaxValue - ended ? ended + kept : null;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is { } first && other is { } second ? (first < second ? first : second) : one ?? other;
}
