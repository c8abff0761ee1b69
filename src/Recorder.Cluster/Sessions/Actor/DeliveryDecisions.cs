using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>The decisions of a session about the deliveries of its records. Pure.</summary>
internal static class DeliveryDecisions
{
    /// <summary>The wait after the first failed attempt; each further failure doubles it.</summary>
    public static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait between two attempts. A session that has ended stays awake for longer than this
    /// wait.</summary>
    public static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(5);

    /// <summary>The events, with the plan of its deliveries after each closing of a record. The closing and the plan
    /// are written together.</summary>
    /// <param name="decided">What was decided.</param>
    /// <param name="kinds">The kinds of delivery that every record gets.</param>
    public static ImmutableList<ISessionEvent> WithPlans(
        ImmutableList<ISessionEvent> decided,
        ImmutableList<string> kinds
    ) =>
        kinds.IsEmpty || !decided.Exists(happened => ClosedBy(happened) is not null)
            ? decided
            :
            [
                .. decided.SelectMany(happened =>
                    (IEnumerable<ISessionEvent>)(
                        ClosedBy(happened) is { } path
                            ?
                            [
                                happened,
                                .. kinds.Select(kind => new DeliveryPlanned(path, kind, happened.At, happened.Node)),
                            ]
                            : [happened]
                    )
                ),
            ];

    /// <summary>The open deliveries of the records that are ready: the record's manifest is written or given
    /// up.</summary>
    public static IEnumerable<(RecordState Record, DeliverySummary Delivery)> Open(SessionState state) =>
        from record in state.Records
        where record is { Closed: true, Lost: false, ManifestDue: false }
        from delivery in record.Deliveries
        where delivery.Open
        select (record, delivery);

    /// <summary>When the next attempt may begin.</summary>
    public static DateTimeOffset DueAt(DeliverySummary delivery)
    {
        if (delivery.State != DeliveryState.Failed)
        {
            return delivery.Since;
        }
        var wait = FirstBackOff * Math.Pow(2, Math.Min(delivery.Attempts - 1, 16));
        return delivery.Since + (wait < LongestBackOff ? wait : LongestBackOff);
    }

    /// <summary>The number of the attempt to ask for: the attempt that the session knows to be under way, or else the
    /// next one.</summary>
    public static int AttemptOf(DeliverySummary delivery) =>
        delivery.State == DeliveryState.Running ? delivery.Attempts : delivery.Attempts + 1;

    /// <summary>Decides what follows from the answer of the node that holds the record.</summary>
    /// <param name="state">The session.</param>
    /// <param name="heard">The answer.</param>
    /// <param name="attempts">How many attempts a delivery has.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Hear(SessionState state, DeliveryReply heard, int attempts, Moment now)
    {
        if (Find(state, heard.Path, heard.Kind) is not ({ } record, { } delivery))
        {
            return [];
        }

        // A late answer of an attempt whose end is already known changes nothing.
        if (heard.Attempt < AttemptOf(delivery))
        {
            return [];
        }
        switch (heard)
        {
            case DeliveryRunning when delivery.State != DeliveryState.Running || delivery.Error is not null:
                return [new DeliveryBegun(heard.Path, heard.Kind, heard.Attempt, now.At, record.Node)];
            case DeliveryDone done:
                return
                [
                    new RecordDelivered(
                        done.Path,
                        done.Kind,
                        done.Attempt,
                        done.ExitCode,
                        done.LastOutput,
                        now.At,
                        record.Node
                    ),
                ];
            case DeliveryHeldUp held when delivery.Error != held.Message:
                return [new DeliveryDelayed(heard.Path, heard.Kind, held.Message, now.At, record.Node)];
            case DeliveryNotDone failed:
                var happened = new DeliveryFailed(
                    failed.Path,
                    failed.Kind,
                    failed.Attempt,
                    failed.ExitCode,
                    failed.LastOutput,
                    failed.Message,
                    now.At,
                    record.Node
                );
                return failed.MayPass && failed.Attempt < attempts
                    ? [happened]
                    :
                    [
                        happened,
                        new FaultMet(
                            FaultCode.DeliveryFailed,
                            $"The record {failed.Path} was not delivered ({failed.Kind}, attempt {failed.Attempt}): {failed.Message}",
                            now.At,
                            record.Node
                        ),
                        new DeliveryGivenUp(failed.Path, failed.Kind, failed.Message, now.At, record.Node),
                    ];
            default:
                return [];
        }
    }

    /// <summary>Decides what follows when the node that holds the record was asked and has not answered. The delay is
    /// reported once, until the node answers.</summary>
    public static ImmutableList<ISessionEvent> Unanswered(SessionState state, string path, string kind, Moment now)
    {
        if (Find(state, path, kind) is not ({ } record, { } delivery))
        {
            return [];
        }
        var message =
            $"The node {record.Node}, which holds the record, does not answer; the delivery waits for that node.";
        return delivery.Error == message ? [] : [new DeliveryDelayed(path, kind, message, now.At, record.Node)];
    }

    private static (RecordState? Record, DeliverySummary? Delivery) Find(
        SessionState state,
        string path,
        string kind
    ) => Open(state).FirstOrDefault(open => open.Record.Path == path && open.Delivery.Kind == kind);

    private static string? ClosedBy(ISessionEvent happened) =>
        happened switch
        {
            RecordClosed closed => closed.Path,
            RecordFound { Duration: not null } found => found.Path,
            _ => null,
        };
}
