using System.Collections.Immutable;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>
/// The decisions of a session that ends by itself. Pure. All that they count is in the state, which the journal holds:
/// so a restart, a pause and a hand-over keep what was counted.
/// </summary>
internal static class EndingDecisions
{
    /// <summary>How long before its end a session says that it ends.</summary>
    public static readonly TimeSpan Warning = TimeSpan.FromMinutes(1);

    /// <summary>The longest sleep between two looks at the rules. The farm's clock may be set while a timer
    /// runs.</summary>
    private static readonly TimeSpan LongestUnwritten = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(10);

    /// <summary>When the session ends by itself and why, as far as that is known now. A pause stops the rules of the
    /// session, but not the limits of its farm and its key: a session that is paused and forgotten ends too. Null
    /// before the session has begun, and after its end.</summary>
    /// <param name="state">The session.</param>
    /// <param name="now">Where and when.</param>
    public static PlannedEnd? Next(SessionState state, Moment now) =>
        state is { Lasting: true, BeganAt: { } began }
            ? OwnRulesOf(state, began).Concat(LimitsOf(state, began, now)).MinBy(planned => planned.At)
            : null;

    /// <summary>What follows from the rules now: the end, the warning before it, or nothing.</summary>
    /// <param name="state">The session.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Due(SessionState state, Moment now) =>
        Next(state, now) switch
        {
            null => [],
            { } planned when planned.At <= now.At => [End(state, planned, now)],
            { } planned when planned.At - now.At <= Warning && state.EndsSoon is null =>
            [
                new SessionEndsSoon(planned.Reason, planned.At, now.At, now.Node),
            ],
            _ => [],
        };

    /// <summary>The end of a session whose time passed while nothing acted for the session; null when its time has not
    /// passed.</summary>
    /// <param name="state">The session.</param>
    /// <param name="now">Where and when.</param>
    public static EndDecided? Overdue(SessionState state, Moment now) =>
        Next(state, now) is { } planned && planned.At <= now.At ? End(state, planned, now) : null;

    /// <summary>What follows from the growth of the record.</summary>
    /// <param name="state">The session.</param>
    /// <param name="grew">How far the record has grown.</param>
    /// <param name="now">Where and when.</param>
    /// <param name="silentSince">Since when there is no sound, or null.</param>
    public static ImmutableList<ISessionEvent> Hear(
        SessionState state,
        RecordGrew grew,
        Moment now,
        DateTimeOffset? silentSince = null
    )
    {
        if (state is { Lasting: true, PausedSince: null } && grew.Capture is { } capture)
        {
            ImmutableList<ISessionEvent> turned =
            [
                .. Turn(state, EndReason.Silence, silentSince, grew.At, now),
                .. Turn(state, EndReason.Still, StillSince(state, capture, grew), grew.At, now),
            ];
            if (!turned.IsEmpty)
            {
                return turned;
            }
        }
        if (!state.Lasting || state.EndRules.MaxBytes is not { } most)
        {
            return [];
        }
        var bytes = grew.Bytes + state.Records.Where(record => record.Path != grew.RecordPath).Sum(BytesOf);
        return bytes < most
            ? []
            :
            [
                new EndDecided(
                    SessionPhase.Stopped,
                    null,
                    $"The records of session {state.Id} have reached {new ByteSize(most)}, the most of end.max_bytes.",
                    now.At,
                    now.Node
                )
                {
                    Reason = EndReason.MaxBytes,
                },
            ];
    }

    /// <summary>Since when there is no sound, as the figures of the record tell; null while there is sound, and while
    /// silence does not count yet.</summary>
    /// <param name="state">The session.</param>
    /// <param name="since">Since when there was no sound before these figures, or null.</param>
    /// <param name="grew">The figures.</param>
    public static DateTimeOffset? SilentSince(SessionState state, DateTimeOffset? since, RecordGrew grew)
    {
        if (
            state is not { Lasting: true, PausedSince: null, EndRules.Silence: { } rule, BeganAt: { } began }
            || grew.At < began + state.PausedFor + (rule.NotBefore ?? TimeSpan.Zero)
            || !(grew.Capture?.SoundLevel < rule.BelowDb)
        )
        {
            return null;
        }
        return since ?? grew.At - Second;
    }

    /// <summary>What follows from what the page says or does.</summary>
    /// <param name="state">The session.</param>
    /// <param name="said">What the page says.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Hear(SessionState state, PageSays said, Moment now)
    {
        if (!state.Lasting || state.EndRules.PatienceOf(said.Reason) is null)
        {
            return [];
        }
        var held = state.Holding.Exists(condition => condition.Reason == said.Reason);
        return held == said.Holds ? []
            : said.Holds ? [new ConditionBegan(said.Reason, said.At, now.At, now.Node)]
            : [new ConditionEnded(said.Reason, now.At, now.Node)];
    }

    /// <summary>What follows from what the page said between its beginning and the first frame. The page does not say
    /// such things again.</summary>
    /// <param name="state">The session before its first frame.</param>
    /// <param name="said">What the page said last of each reason.</param>
    /// <param name="now">Where and when.</param>
    public static IEnumerable<ISessionEvent> HearEarly(
        SessionState state,
        ImmutableDictionary<string, PageSays> said,
        Moment now
    ) =>
        from word in said.Values
        where word.Holds && state.EndRules.PatienceOf(word.Reason) is not null
        orderby word.At, word.Reason
        select new ConditionBegan(word.Reason, word.At, now.At, now.Node);

    /// <summary>How long the session may sleep before its rules are looked at again; null without anything to wait
    /// for.</summary>
    /// <param name="state">The session.</param>
    /// <param name="now">Where and when.</param>
    public static TimeSpan? Sleep(SessionState state, Moment now)
    {
        if (Next(state, now) is not { } planned)
        {
            return null;
        }
        var left = (state.EndsSoon is null ? planned.At - Warning : planned.At) - now.At;
        return left > LongestSleep ? LongestSleep
            : left > TimeSpan.Zero ? left
            : TimeSpan.Zero;
    }

    /// <summary>The ends that the rules of the session plan. The rule of the session's own stands before the limits,
    /// and so gives the reason when both fall due at once: whoever set that rule awaits its word.</summary>
    private static IEnumerable<PlannedEnd> OwnRulesOf(SessionState state, DateTimeOffset began)
    {
        if (state.PausedSince is not null)
        {
            return [];
        }
        var conditions = ConditionsOf(state);
        return state.EndRules.MaxDuration is { } most
            ? conditions.Append(new PlannedEnd(EndReason.MaxDuration, Later(began + state.PausedFor, most)))
            : conditions;
    }

    /// <summary>The ends that the farm and the key of the start plan.</summary>
    private static IEnumerable<PlannedEnd> LimitsOf(SessionState state, DateTimeOffset began, Moment now)
    {
        if (state.Spec?.KeyDuration is { } key)
        {
            yield return new PlannedEnd(EndReason.KeyLimit, Later(began, key));
        }
        yield return new PlannedEnd(EndReason.MaxDuration, Later(began, now.LongestSession)) { OfFarm = true };
    }

    /// <summary>The ends that conditions plan.</summary>
    private static IEnumerable<PlannedEnd> ConditionsOf(SessionState state)
    {
        foreach (var held in state.Holding)
        {
            if (state.EndRules.PatienceOf(held.Reason) is { } patience)
            {
                yield return new PlannedEnd(held.Reason, Later(held.Since, patience));
            }
        }
        if (state.SenderSilentFrom is { } from && state.EndRules.SenderSilent is { } silent)
        {
            yield return new PlannedEnd(EndReason.SenderSilent, Later(from, silent));
        }
    }

    /// <summary>A condition that has held for a while is written down, so that a restart keeps its time. People pause
    /// in what they say, and such pauses are not written.</summary>
    private static IEnumerable<ISessionEvent> Turn(
        SessionState state,
        string reason,
        DateTimeOffset? since,
        DateTimeOffset at,
        Moment now
    )
    {
        var held = state.Holding.Exists(condition => condition.Reason == reason);
        var patience = state.EndRules.PatienceOf(reason);
        if (held && (since is null || patience is null))
        {
            yield return new ConditionEnded(reason, now.At, now.Node);
        }
        else if (!held && since is { } from && patience is { } wait && at - from >= Shorter(LongestUnwritten, wait / 2))
        {
            yield return new ConditionBegan(reason, from, now.At, now.Node);
        }
    }

    /// <summary>Since when the picture stands still. The worker counts on through a pause, and a pause does not
    /// count. A worker that has seen no movement in all of its record ends nothing that an earlier worker has
    /// seen.</summary>
    private static DateTimeOffset? StillSince(SessionState state, CaptureStatistics capture, RecordGrew grew)
    {
        var still = capture.StillFor ?? TimeSpan.Zero;
        if (
            state.Holding.Find(condition => condition.Reason == EndReason.Still) is { } held
            && state.Records.Find(record => record.Path == grew.RecordPath)?.OpenedAt is { } opened
            && still + (2 * Second) >= grew.At - opened
        )
        {
            return held.Since;
        }
        if (still < 2 * Second)
        {
            return null;
        }
        var since = grew.At - still;
        return state.Pauses is [.., { To: { } unpaused }] && unpaused > since && !Holds(state, EndReason.Still)
            ? unpaused
            : since;
    }

    private static bool Holds(SessionState state, string reason) =>
        state.Holding.Exists(condition => condition.Reason == reason);

    private static TimeSpan Shorter(TimeSpan limit, TimeSpan? other) => other < limit ? other.Value : limit;

    // What is known of a record that nobody has repaired yet is how far it had grown.
    private static long BytesOf(RecordState record) => record.Bytes ?? record.BytesSeen ?? 0;

    private static DateTimeOffset Later(DateTimeOffset from, TimeSpan wait) =>
        wait < DateTimeOffset.MaxValue - from ? from + wait : DateTimeOffset.MaxValue;

    private static EndDecided End(SessionState state, PlannedEnd planned, Moment now) =>
        new(SessionPhase.Stopped, null, Sentence(state, planned, now), now.At, now.Node) { Reason = planned.Reason };

    private static string Sentence(SessionState state, PlannedEnd planned, Moment now) =>
        planned.Reason switch
        {
            EndReason.Silence =>
                $"Session {state.Id} had no sound for {Duration.Format(state.EndRules.Silence!.For)}, as end.silence says.",
            EndReason.Still =>
                $"The picture of session {state.Id} stood still for {Duration.Format(state.EndRules.Still!.Value)}, as end.still says.",
            EndReason.SenderSilent =>
                $"The sender of session {state.Id} was silent for {Duration.Format(state.EndRules.SenderSilent!.Value)}, as end.sender_silent says.",
            EndReason.EndSignal => $"The page of session {state.Id} said that its record ends, as end.page allows.",
            EndReason.Closed => $"The page of session {state.Id} closed itself, as end.page says.",
            EndReason.NavigatedAway => $"The page of session {state.Id} went to another address, as end.page says.",
            EndReason.SelectorGone => $"The element of end.selector is gone from the page of session {state.Id}.",
            EndReason.Text => $"The page of session {state.Id} shows a text of end.text.",
            EndReason.Alone =>
                $"The page of session {state.Id} showed no more than {state.EndRules.Alone!.AtMost} elements of end.alone for {Duration.Format(state.EndRules.Alone!.For)}.",
            EndReason.KeyLimit =>
                $"Session {state.Id} has lasted {Duration.Format(state.Spec!.KeyDuration!.Value)} with its pauses, the most that the API key of its start allows.",
            _ when planned.OfFarm =>
                $"Session {state.Id} has lasted {Duration.Format(now.LongestSession)} with its pauses, the most of Sessions:MaxDuration on this farm.",
            _ =>
                $"Session {state.Id} has lasted {Duration.Format(state.EndRules.MaxDuration!.Value)}, the most of end.max_duration.",
        };
}

/// <summary>When a session ends by itself.</summary>
/// <param name="Reason">One of <see cref="EndReason"/>.</param>
/// <param name="At">When.</param>
internal sealed record PlannedEnd(string Reason, DateTimeOffset At)
{
    /// <summary>Whether the limit of the farm plans this end.</summary>
    public bool OfFarm { get; init; }
}
