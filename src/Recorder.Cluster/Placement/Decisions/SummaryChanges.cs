using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>
/// The difference of two summaries of one session. A session with thousands of records is reported whole, and the
/// placement writes only what is new in the report. Pure.
/// </summary>
internal static class SummaryChanges
{
    /// <summary>The event that makes a session's summary what the session told.</summary>
    /// <param name="known">The session as the placement's events say.</param>
    /// <param name="told">The session's summary, as reported.</param>
    /// <param name="version">The version of the report.</param>
    public static SessionAdvanced Of(PlacedSession known, SessionSummary told, long version)
    {
        var before = known.Summary;
        return new SessionAdvanced(
            told.Id,
            version,
            told.Phase,
            told.PhaseSince,
            told.Node,
            told.Attempt,
            told.EverRecorded
        )
        {
            Spec = IsSame(before.Spec, told.Spec) ? null : told.Spec,
            Endpoint = told.Endpoint,
            PausedSince = told.PausedSince,
            End = told.End,
            EndsAt = told.EndsAt,
            EndReason = told.EndReason,
            Records = Between(before.Records, told.Records, IsSame),
            Faults = Between(before.Faults, told.Faults, AreEqual),
            Gaps = Between(before.Gaps, told.Gaps, AreEqual),
            Outputs = Between(before.Outputs, told.Outputs, AreEqual),
            Marks = Between(before.Marks, told.Marks, AreEqual),
        };
    }

    /// <summary>The session after the event.</summary>
    /// <param name="known">The session before.</param>
    /// <param name="happened">What the session reported.</param>
    public static PlacedSession Apply(PlacedSession known, SessionAdvanced happened)
    {
        var before = known.Summary;
        return known with
        {
            Version = happened.Version,
            Summary = new SessionSummary(
                happened.Id,
                happened.Phase,
                happened.PhaseSince,
                happened.Node,
                happened.Attempt,
                happened.Spec ?? before.Spec,
                Apply(before.Records, happened.Records),
                Apply(before.Faults, happened.Faults),
                Apply(before.Gaps, happened.Gaps)
            )
            {
                EverRecorded = happened.EverRecorded,
                Outputs = Apply(before.Outputs, happened.Outputs),
                Endpoint = happened.Endpoint,
                PausedSince = happened.PausedSince,
                End = happened.End,
                EndsAt = happened.EndsAt,
                EndReason = happened.EndReason,
                Marks = Apply(before.Marks, happened.Marks),
            },
        };
    }

    /// <summary>The change from one list to another: the items in between that differ, after items that have left at
    /// the front. Null when there is no difference.</summary>
    internal static ListChange<T>? Between<T>(ImmutableList<T> before, ImmutableList<T> after, Func<T, T, bool> isSame)
    {
        // A list that keeps the newest hundred loses its first item with each new one.
        var dropped = after.IsEmpty ? 0 : Math.Max(0, before.FindIndex(item => isSame(item, after[0])));
        var length = before.Count - dropped;
        var most = Math.Min(length, after.Count);
        var start = 0;
        while (start < most && isSame(before[dropped + start], after[start]))
        {
            start++;
        }
        var tail = 0;
        while (tail < most - start && isSame(before[before.Count - 1 - tail], after[after.Count - 1 - tail]))
        {
            tail++;
        }

        var removed = length - start - tail;
        var added = after.GetRange(start, after.Count - start - tail);
        return dropped == 0 && removed == 0 && added.IsEmpty
            ? null
            : new ListChange<T>(start, added)
            {
                Dropped = dropped,
                Removed = removed,
            };
    }

    /// <summary>The list after a change.</summary>
    internal static ImmutableList<T> Apply<T>(ImmutableList<T> before, ListChange<T>? change)
    {
        if (change is null)
        {
            return before;
        }
        var rest = before.RemoveRange(0, Math.Min(change.Dropped, before.Count));
        var start = Math.Min(change.Start, rest.Count);
        return rest.RemoveRange(start, Math.Min(change.Removed, rest.Count - start)).InsertRange(start, change.Added);
    }

    // A record holds a list, and two lists are never equal by themselves.
    private static bool IsSame(RecordSummary one, RecordSummary other) =>
        one.Path == other.Path
        && one with { Deliveries = [] } == other with { Deliveries = [] }
        && one.Deliveries.SequenceEqual(other.Deliveries);

    // By the written form, as keys of starts are compared.
    private static bool IsSame(SessionSpec one, SessionSpec other) =>
        ReferenceEquals(one, other) || KeyBook.MarkOf(one) == KeyBook.MarkOf(other);

    private static bool AreEqual<T>(T one, T other) => EqualityComparer<T>.Default.Equals(one, other);
}
