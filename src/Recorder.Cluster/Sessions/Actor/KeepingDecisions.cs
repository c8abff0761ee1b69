using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>The decisions of a session about how long its records are kept. Pure.</summary>
internal static class KeepingDecisions
{
    /// <summary>How long after its end a session keeps its events at least: see <c>Retention:Journal</c>, which is 25
    /// hours or more.</summary>
    private static readonly TimeSpan EventsAreSafeFor = TimeSpan.FromHours(24);

    /// <summary>By how much the clocks of two nodes may differ.</summary>
    private static readonly TimeSpan ClocksAgree = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The event with which later ones go on when earlier ones are deleted, or may be deleted at this moment.
    /// </summary>
    /// <param name="state">The session; without any event when its events are deleted.</param>
    /// <param name="known">The session as the lists have it, or null.</param>
    /// <param name="now">Where and when.</param>
    /// <returns>No event when the session's own events are there for some time; null when nothing is known of the
    /// session.</returns>
    public static ImmutableList<ISessionEvent>? Recall(SessionState state, SessionSummary? known, Moment now) =>
        state switch
        {
            { Phase: SessionPhase.New } when known is not null && !known.Running && known.Phase != SessionPhase.New =>
            [
                new SessionRecalled(known, now.At, now.Node),
            ],
            { Phase: SessionPhase.New } => null,
            { Settled: true } when now.At - state.PhaseSince > EventsAreSafeFor =>
            [
                new SessionRecalled(state.Summarise(), now.At, now.Node),
            ],
            _ => [],
        };

    /// <summary>Decides whether records are erased: all of the wanted ones, or none. For a cause of the recorder's own,
    /// the records that may not be erased are passed over.</summary>
    /// <param name="state">The session.</param>
    /// <param name="numbers">The numbers of the records; empty: every record.</param>
    /// <param name="cause">Why.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="now">Where and when.</param>
    public static ChangeDecision Erase(
        SessionState state,
        ImmutableList<int> numbers,
        EraseCause cause,
        string reason,
        Moment now
    )
    {
        var wanted = state.Numbered.FindAll(record =>
            !record.Lost && (numbers.IsEmpty || numbers.Contains(record.Number))
        );
        var missing = numbers.RemoveAll(number => wanted.Exists(record => record.Number == number));
        if (cause == EraseCause.Asked && !missing.IsEmpty)
        {
            return NoSuchRecord(state, missing[0]);
        }

        // A record that is erased, or is being erased, stays so.
        var due = wanted.FindAll(record => record.Erasing is null);
        if (cause != EraseCause.Asked)
        {
            due = WhatTheStartAllows(state, due, cause, now);
        }
        return due.Select(record => WhyNot(state, record)).FirstOrDefault(refusal => refusal is not null)
            is { } refusal
            ? new ChangeDecision([], refusal)
            : new ChangeDecision(
                [.. due.Select(record => new ErasingDecided(record.Path, cause, reason, now.At, now.Node))],
                null
            );
    }

    /// <summary>Decides whether a record is put on hold.</summary>
    public static ChangeDecision Hold(SessionState state, int number, string reason, Moment now) =>
        Find(state, number) switch
        {
            null => NoSuchRecord(state, number),
            { Erasing: { } erasing } record => ChangeDecision.Refused(
                FaultCode.RecordErased,
                erasing.Done is { } done
                    ? $"Record {IdOf(state, record)} was erased at {done.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC; there is nothing left to hold."
                    : $"Record {IdOf(state, record)} is being erased since {erasing.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC; that cannot be stopped any more."
            ),
            { Hold: { } hold } when hold.Reason == reason => new ChangeDecision([], null),
            var record => new ChangeDecision([new RecordHeld(record.Path, reason, now.At, now.Node)], null),
        };

    /// <summary>Decides whether the hold of a record ends.</summary>
    public static ChangeDecision Release(SessionState state, int number, Moment now) =>
        Find(state, number) switch
        {
            null => NoSuchRecord(state, number),
            { Hold: null } => new ChangeDecision([], null),
            var record => new ChangeDecision([new RecordReleased(record.Path, now.At, now.Node)], null),
        };

    /// <summary>The node that holds the files has removed them, or could not.</summary>
    public static ImmutableList<ISessionEvent> Hear(SessionState state, EraseFilesReply heard, Moment now) =>
        state.Records.Find(record => record.Path == heard.Path && record.ErasingDue) is not { } record ? []
        : heard is FilesNotErased failed
            ? failed.Message == record.Erasing!.Obstacle
                ? []
                : [new ErasingDelayed(record.Path, failed.Message, now.At, record.Node)]
        : [new RecordErased(record.Path, now.At, record.Node)];

    /// <summary>No node has said that it has the files of a record. That is written down once.</summary>
    public static ImmutableList<ISessionEvent> Unanswered(SessionState state, Moment now) =>
        [
            .. from record in state.Records
            where record.ErasingDue
            let message =
                $"The node {record.Node}, which holds the record, does not answer or has not its folder; the record is erased when a node has the folder again."
            where record.Erasing!.Obstacle is null
            select new ErasingDelayed(record.Path, message, now.At, record.Node),
        ];

    /// <summary>Whether the asked records are all gone.</summary>
    public static bool IsDone(SessionState state, ImmutableList<int> numbers) =>
        !state.Numbered.Exists(record =>
            record.ErasingDue && (numbers.IsEmpty || numbers.Contains(record.Number))
        );

    private static RecordState? Find(SessionState state, int number) =>
        state.Numbered.Find(record => record.Number == number && !record.Lost);

    private static Refusal? WhyNot(SessionState state, RecordState record) =>
        record switch
        {
            { Closed: false } when record.Path == state.Current => new Refusal(
                FaultCode.NotFinished,
                $"Record {IdOf(state, record)} is still being written; stop session {state.Id} first, then erase the record."
            ),
            { Closed: false } => new Refusal(
                FaultCode.NotFinished,
                $"Record {IdOf(state, record)} was left open and waits for its repair; erase the record once it is repaired."
            ),
            { Hold: { } hold } => new Refusal(
                FaultCode.OnHold,
                $"Record {IdOf(state, record)} is on hold since {hold.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC{(hold.Reason.Length > 0 ? $" ({hold.Reason})" : "")}; release the record first, then erase it."
            ),
            _ => null,
        };

    /// <summary>The records that the recorder itself may erase. The sweeper has looked at the lists, which may be
    /// older than a hold.</summary>
    private static ImmutableList<RecordState> WhatTheStartAllows(
        SessionState state,
        ImmutableList<RecordState> due,
        EraseCause cause,
        Moment now
    )
    {
        if (due.IsEmpty || state.Spec is not { } spec)
        {
            return [];
        }
        var told = state.Summarise().Records;
        return due.FindAll(record =>
            told.Find(summary => summary.Number == record.Number) is { } summary
            && RetentionPolicy.WhyKept(summary) is null
            && (
                cause == EraseCause.Delivered || RetentionPolicy.StartSpeaks(spec)
                    ? cause != EraseCause.Size && RetentionPolicy.OwnEnd(spec, summary) <= now.At + ClocksAgree
                    : true
            )
        );
    }

    private static RecordId IdOf(SessionState state, RecordState record) => new(state.Id, record.Number);

    private static ChangeDecision NoSuchRecord(SessionState state, int number) =>
        ChangeDecision.Refused(
            FaultCode.NoSuchRecord,
            $"There is no record {new RecordId(state.Id, number)}; GET /api/records lists the records."
        );
}
