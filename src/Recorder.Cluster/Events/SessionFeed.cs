using System.Collections.Immutable;
using System.Globalization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Events;

/// <summary>
/// Turns what a session has journalled into the events that people get. Pure: the same journal always gives the same
/// events with the same ids, on whichever node and however often it is read. No text has an address's secrets.
/// </summary>
internal static class SessionFeed
{
    /// <summary>The events that one journalled event tells, in their order; often none.</summary>
    /// <param name="before">The session before the event.</param>
    /// <param name="happened">The journalled event.</param>
    /// <param name="after">The session after the event.</param>
    /// <param name="sequenceNr">The number of the event in the session's journal.</param>
    public static ImmutableList<EventDraft> Of(
        SessionState before,
        ISessionEvent happened,
        SessionState after,
        long sequenceNr
    ) =>
        [
            .. Tell(before, happened, after)
                .Select(
                    (told, number) =>
                        new EventDraft(
                            IdOf(after.Id, sequenceNr, number, happened.At),
                            told.Type,
                            happened.At,
                            happened.Node,
                            sequenceNr,
                            Named(told.Data, after)
                        )
                ),
        ];

    /// <summary>The id of an event. The time is a part of the id: a journal that was restored from a backup tells other
    /// events under the same numbers.</summary>
    /// <param name="session">The session.</param>
    /// <param name="sequenceNr">The number of the journalled event.</param>
    /// <param name="number">The number among the events that the journalled event tells, from 0.</param>
    /// <param name="at">The time in the journalled event.</param>
    public static string IdOf(SessionId session, long sequenceNr, int number, DateTimeOffset at) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"evt_{session.Value}-{sequenceNr}-{number}-{at.ToUnixTimeMilliseconds():x}"
        );

    /// <summary>The data with the ids of the records that the data tell of.</summary>
    private static object Named(object data, SessionState after)
    {
        return data switch
        {
            RecordData record => WithId(record),
            DeliveryData delivery => delivery with { Record = IdOf(delivery.Path) },
            EndData end => end with { Records = [.. end.Records.Select(WithId)] },
            _ => data,
        };

        RecordData WithId(RecordData record) => record with { Record = IdOf(record.Path) };

        string? IdOf(string path) =>
            after.Numbered.Find(record => record.Path == path) is { } known
                ? new RecordId(after.Id, known.Number).ToString()
                : null;
    }

    private static IEnumerable<(string Type, object Data)> Tell(
        SessionState before,
        ISessionEvent happened,
        SessionState after
    )
    {
        if (happened is SessionRecalled)
        {
            // People were told of all this long ago.
            yield break;
        }
        if (Own(before, happened, after) is { } own)
        {
            yield return own;
        }
        if (!before.Started && after.Started)
        {
            yield return (EventType.SessionStarted, new NoData());
        }
        // A repair finds more of the lost record: the gap begins later and goes on. Its end tells its beginning.
        if (!Moved(before, after))
        {
            if (OpenGap(before) is { } open && OpenGap(after)?.From != open.From)
            {
                // A gap is told with its end as the session knows it now.
                var closed = after.Gaps.FindLast(gap => gap.From == open.From && gap.To is not null);
                yield return (EventType.SessionGapEnded, new GapData(open.From, closed?.To ?? happened.At, open.Code));
            }
            if (OpenGap(after) is { } begun && OpenGap(before)?.From != begun.From)
            {
                yield return (EventType.SessionGapBegan, new GapData(begun.From, null, begun.Code));
            }
        }
        if (happened is SessionEnded)
        {
            yield return (
                after.Phase switch
                {
                    SessionPhase.Failed => EventType.SessionFailed,
                    SessionPhase.Interrupted => EventType.SessionInterrupted,
                    _ => EventType.SessionStopped,
                },
                new EndData(
                    after.Outcome?.Code,
                    Hidden(after.Outcome?.Message),
                    [.. after.Records.Where(record => !record.Lost).Select(record => DataOf(record))]
                )
                {
                    EndReason = after.EndReason,
                }
            );
        }
    }

    private static (string Type, object Data)? Own(SessionState before, ISessionEvent happened, SessionState after) =>
        happened switch
        {
            SessionAccepted e => (EventType.SessionAccepted, new AcceptedData(SpecAnswer.Of(e.Spec))),
            AttemptStarted { Attempt: > 1 } e => (
                EventType.SessionAttemptStarted,
                new AttemptData(e.Attempt, before.Node.Length > 0 && before.Node != e.Node ? before.Node : null)
            ),
            RecordingPaused when before.PausedSince is null => (EventType.SessionPaused, new NoData()),
            RecordingUnpaused when before.PausedSince is not null => (EventType.SessionUnpaused, new NoData()),
            FaultMet e => (EventType.SessionFault, new FaultData(e.Code, AddressRedaction.Of(e.Message))),
            TargetsChanged e => (
                EventType.SessionTargetsChanged,
                new TargetsData([.. e.Targets.Select(target => new TargetData(target.Id, target.Target.Redacted))])
            ),
            SessionWaits e => (EventType.SessionWaiting, new WaitingData(e.InLobby)),
            SessionEndsSoon e => (EventType.SessionEndingSoon, new EndingSoonData(e.Reason, e.EndsAt)),
            PageChanged e => (
                EventType.SessionPageChanged,
                new PageChangedData(
                    e.Change.Page is { } page ? AddressRedaction.WithQuery(page.OriginalString) : null,
                    e.Change.Css is not null
                )
                {
                    Layout = e.Change.Layout,
                }
            ),
            EndRulesChanged e => (EventType.SessionEndChanged, new EndRulesData(EndRulesAnswer.Of(e.Rules))),
            EndDecided e => (
                EventType.SessionStopping,
                new StoppingData(e.Outcome, e.Code, Hidden(e.Message)) { EndReason = after.EndReason }
            ),
            RecordOpened e => OfRecord(EventType.RecordOpened, after, e.Path),
            RecordClosed e => OfRecord(EventType.RecordFinished, after, e.Path),
            ManifestWritten e => OfRecord(EventType.RecordManifestWritten, after, e.Path),
            RecordFound e => OfRecord(EventType.RecordFound, after, e.Path),
            RecordWentAway e => OfRecord(EventType.RecordAway, after, e.Path, e.Message),
            RecordLost e => OfRecord(EventType.RecordLost, after, e.Path, e.Message),
            RecordHeld e => OfRecord(EventType.RecordHeld, after, e.Path, e.Reason),
            RecordReleased e => OfRecord(EventType.RecordReleased, after, e.Path),
            RecordErased e => OfRecord(
                EventType.RecordErased,
                after,
                e.Path,
                after.Records.Find(record => record.Path == e.Path)?.Erasing?.Reason
            ),
            OutputStateChanged e => OfOutput(e),
            DeliveryAskedAgain e => (EventType.DeliveryQueued, new DeliveryData(e.Path, e.To, null, null)),
            DeliveryPlanned e => (EventType.DeliveryQueued, new DeliveryData(e.Path, e.To, null, null)),
            RecordDelivered e => (
                EventType.DeliveryDelivered,
                new DeliveryData(e.Path, e.To, e.Attempt, null) { Partial = e.Partial }
            ),

            // Without a next try the journal goes on with DeliveryGivenUp, which is told.
            DeliveryFailed { NextTry: { } next } e => (
                EventType.DeliveryRetrying,
                new DeliveryData(e.Path, e.To, e.Attempt, Hidden(e.Message)) { NextTry = next }
            ),
            DeliveryGivenUp e => (
                EventType.DeliveryFailed,
                new DeliveryData(e.Path, e.To, null, Hidden(e.Message))
            ),
            _ => null,
        };

    private static (string Type, object Data)? OfRecord(
        string type,
        SessionState after,
        string path,
        string? reason = null
    ) =>
        after.Records.Find(record => record.Path == path) is { } record
            ? (type, DataOf(record) with { Reason = Hidden(reason) })
            : null;

    private static (string Type, object Data)? OfOutput(OutputStateChanged changed) =>
        changed.State switch
        {
            OutputState.Active => (EventType.OutputActive, DataOf(changed)),
            OutputState.Retrying => (EventType.OutputRetrying, DataOf(changed)),
            OutputState.Failed => (EventType.OutputFailed, DataOf(changed)),
            _ => null,
        };

    private static OutputData DataOf(OutputStateChanged changed) =>
        new(
            changed.Output,
            changed.Kind,
            AddressRedaction.Of(changed.Target),
            Hidden(changed.Reason),
            changed.Retries
        );

    private static RecordData DataOf(RecordState record) =>
        new(
            record.Path,
            record.Attempt,
            record.Node,
            record.OpenedAt,
            record.Duration?.TotalSeconds,
            record.Bytes,
            record.Repaired,
            record.Sha256
        );

    /// <summary>Whether one gap is open before and after an event, and at most its beginning has changed.</summary>
    private static bool Moved(SessionState before, SessionState after) =>
        OpenGap(before) is not null && OpenGap(after) is not null && before.Gaps.Count == after.Gaps.Count;

    private static SessionGap? OpenGap(SessionState state) => state.Gaps is [.., { To: null } open] ? open : null;

    private static string? Hidden(string? text) => text is null ? null : AddressRedaction.Of(text);
}
