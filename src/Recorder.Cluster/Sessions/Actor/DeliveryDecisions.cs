using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>The decisions of a session about the deliveries of its records. Pure.</summary>
internal static class DeliveryDecisions
{
    /// <summary>The wait after the first failed attempt, before the jitter; each further failure doubles it.</summary>
    public static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between two attempts.</summary>
    public static readonly TimeSpan LongestBackOff = TimeSpan.FromHours(1);

    /// <summary>An ended session stays awake for a shorter wait than this.</summary>
    public static readonly TimeSpan WorthSleep = TimeSpan.FromMinutes(1);

    /// <summary>The events, with the plan of its deliveries after each closing of a record. The closing and the plan
    /// are written together.</summary>
    /// <param name="state">The session before the events.</param>
    /// <param name="decided">What was decided.</param>
    /// <param name="destinations">The destinations of this node.</param>
    public static ImmutableList<ISessionEvent> WithPlans(
        SessionState state,
        ImmutableList<ISessionEvent> decided,
        DestinationList destinations
    )
    {
        if (!decided.Exists(happened => ClosedBy(happened) is not null || happened is RecordOpened or RecordLost))
        {
            return decided;
        }
        var planned = ImmutableList.CreateBuilder<ISessionEvent>();
        foreach (var happened in decided)
        {
            planned.Add(happened);
            state = state.Apply(happened);
            if (state.Spec is { } spec)
            {
                planned.AddRange(After(state, spec, happened, destinations));
            }
        }
        return planned.ToImmutable();
    }

    private static IEnumerable<ISessionEvent> After(
        SessionState state,
        SessionSpec spec,
        ISessionEvent happened,
        DestinationList destinations
    )
    {
        switch (happened)
        {
            case RecordOpened { Path: var path } when Knows(state, path) is { Deliveries.IsEmpty: true }:
                return Orders(spec, destinations)
                    .Where(order => WhileRecording(order, destinations))
                    .Select(order => Plan(state, spec, path, order, destinations, happened));
            case RecordLost lost when Knows(state, lost.Path) is { } record:
                return GrowthDecisions.AfterLoss(record, lost);
            case var _ when ClosedBy(happened) is { } path:
                var known = Knows(state, path)?.Deliveries ?? [];
                return Orders(spec, destinations)
                    .Where(order => !known.Exists(delivery => delivery.To == order.To))
                    .Select(order => (ISessionEvent)Plan(state, spec, path, order, destinations, happened))
                    .Concat(
                        // The record was given up, or made of parts while its node was away, and is here again.
                        from delivery in known
                        where delivery is { WhileRecording: true, Open: false }
                        where delivery.Partial || delivery.State == DeliveryState.GivenUp
                        select new DeliveryAskedAgain(path, delivery.To, happened.At, happened.Node)
                    );
            default:
                return [];
        }
    }

    private static RecordState? Knows(SessionState state, string path) =>
        state.Records.Find(record => record.Path == path);

    private static bool WhileRecording(DeliveryOrder order, DestinationList destinations) =>
        destinations.Find(order.To) is { TakesGrowing: true } destination
        && (order.WhileRecording ?? destination.WhileRecording);

    /// <summary>The address that the caller gave for a record; null where the caller gave none, and
    /// <see cref="CallersAddress.None"/> where the caller gave fewer addresses than the session has records.</summary>
    /// <param name="state">The session.</param>
    /// <param name="path">The record.</param>
    /// <param name="to">The destination.</param>
    public static Uri? AddressOf(SessionState state, string path, string to) =>
        state.Spec?.Deliver?.Orders.Find(order => order.To == to)?.Addresses is { IsEmpty: false } addresses
            ? addresses.ElementAtOrDefault(NumberOf(state, path) - 1) ?? CallersAddress.None
            : null;

    /// <summary>The open deliveries of the records that are ready: the record's manifest is written or given
    /// up.</summary>
    public static IEnumerable<(RecordState Record, DeliverySummary Delivery)> Open(SessionState state) =>
        from record in state.Records
        where record is { Closed: true, Lost: false, ManifestDue: false }
        from delivery in record.Deliveries
        where delivery.Open
        select (record, delivery);

    /// <summary>Whether a delivery needs an ended session to stay awake: an attempt is under way or near. Until a later
    /// attempt the session sleeps, and the placement wakes it.</summary>
    /// <param name="delivery">An open delivery.</param>
    /// <param name="now">The time.</param>
    public static bool IsNear(DeliverySummary delivery, DateTimeOffset now) =>
        delivery.State != DeliveryState.Failed || DueAt(delivery) - now <= WorthSleep;

    /// <summary>When the next attempt may begin. A failure of an earlier version did not note the time.</summary>
    public static DateTimeOffset DueAt(DeliverySummary delivery) =>
        delivery.State == DeliveryState.Failed ? delivery.NextTry ?? delivery.Since + FirstBackOff * 2 : delivery.Since;

    /// <summary>The wait after a failed attempt: doubled with each failure, and up to a quarter longer. The addition
    /// follows from the record, so that many records that fail together do not come back together.</summary>
    /// <param name="path">The record.</param>
    /// <param name="to">The destination.</param>
    /// <param name="failures">How many attempts have failed, from 1.</param>
    public static TimeSpan BackOff(string path, string to, int failures)
    {
        var wait = FirstBackOff * Math.Pow(2, Math.Clamp(failures - 1, 0, 16));
        var share = SHA256.HashData(Encoding.UTF8.GetBytes($"{path}\n{to}\n{failures}"))[0] / 255d;
        var whole = (wait < LongestBackOff ? wait : LongestBackOff) * (1 + share / 4);
        return whole < LongestBackOff ? whole : LongestBackOff * (1 - share / 4);
    }

    /// <summary>The number of the attempt to ask for: the attempt that the session knows to be under way, or else the
    /// next one.</summary>
    public static int AttemptOf(DeliverySummary delivery) =>
        delivery.State == DeliveryState.Running ? delivery.Attempts : delivery.Attempts + 1;

    /// <summary>Decides what follows from the answer of the node that holds the record.</summary>
    /// <param name="state">The session.</param>
    /// <param name="heard">The answer.</param>
    /// <param name="patience">How long a delivery is tried.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Hear(
        SessionState state,
        DeliveryReply heard,
        DeliveryPatience patience,
        Moment now
    )
    {
        if (Find(state, heard.Path, heard.To) is not ({ } record, { } delivery))
        {
            return [];
        }

        // A late answer of an attempt whose end is already known changes nothing. The sending of a growing record is no
        // attempt.
        if (heard.Attempt < AttemptOf(delivery) && !(heard.Attempt == 0 && heard is DeliveryHeldUp))
        {
            return [];
        }
        switch (heard)
        {
            case DeliveryRunning when delivery.State != DeliveryState.Running || delivery.Error is not null:
                return [new DeliveryBegun(heard.Path, heard.To, heard.Attempt, now.At, record.Node)];
            case DeliveryDone { Partial: true } when record.Closed:
                // The record was found again while another node completed the parts of it. The whole record goes.
                return [];
            case DeliveryDone done:
                return
                [
                    new RecordDelivered(
                        done.Path,
                        done.To,
                        done.Attempt,
                        done.ExitCode,
                        done.LastOutput,
                        now.At,
                        record.Node
                    )
                    {
                        Partial = done.Partial,
                    },
                ];
            case DeliveryHeldUp held when delivery.Error != held.Message:
                return [new DeliveryDelayed(heard.Path, heard.To, held.Message, now.At, record.Node)];
            case DeliveryNotDone failed:
                var next = now.At + BackOff(failed.Path, failed.To, failed.Attempt - delivery.Forgiven);
                var goesOn =
                    failed.MayPass
                    && (patience.Attempts == 0 || failed.Attempt - delivery.Forgiven < patience.Attempts)
                    && next - (delivery.TriedSince ?? now.At) <= patience.Limit;
                var happened = new DeliveryFailed(
                    failed.Path,
                    failed.To,
                    failed.Attempt,
                    failed.ExitCode,
                    failed.LastOutput,
                    failed.Message,
                    now.At,
                    record.Node
                )
                {
                    NextTry = goesOn ? next : null,
                };
                return goesOn
                    ? [happened]
                    :
                    [
                        happened,
                        new FaultMet(
                            FaultCode.DeliveryFailed,
                            $"The record {failed.Path} was not delivered ({failed.To}, attempt {failed.Attempt}): {failed.Message}",
                            now.At,
                            record.Node
                        ),
                        new DeliveryGivenUp(failed.Path, failed.To, failed.Message, now.At, record.Node),
                    ];
            default:
                return [];
        }
    }

    /// <summary>Decides what follows when the node that holds the record was asked and has not answered. The delay is
    /// reported once, until the node answers.</summary>
    public static ImmutableList<ISessionEvent> Unanswered(SessionState state, string path, string to, Moment now)
    {
        if (Find(state, path, to) is not ({ } record, { } delivery))
        {
            return [];
        }
        var message =
            $"The node {record.Node}, which holds the record, does not answer; the delivery waits for that node.";
        return delivery.Error == message ? [] : [new DeliveryDelayed(path, to, message, now.At, record.Node)];
    }

    /// <summary>The number of a record within its session, from 1; 0 when the session has no such record. The number
    /// is not the record's place: a record that is found later can stand before records that were named
    /// earlier.</summary>
    public static int NumberOf(SessionState state, string path) =>
        state.Numbered.Find(record => record.Path == path)?.Number ?? 0;

    private static ImmutableList<DeliveryOrder> Orders(SessionSpec spec, DestinationList destinations) =>
        spec.Deliver?.Orders ?? destinations.Default.ConvertAll(to => new DeliveryOrder(to, null, [], []));

    private static DeliveryPlanned Plan(
        SessionState state,
        SessionSpec spec,
        string path,
        DeliveryOrder order,
        DestinationList destinations,
        ISessionEvent closing
    )
    {
        var destination = destinations.Find(order.To);
        var template = order.Name ?? destination?.Name;
        var facts = new NameFacts(
            state.Id,
            NumberOf(state, path),
            Path.GetFileName(path),
            (spec as PageSessionSpec)?.Page.Host,
            spec.Name,
            spec.Labels.ToImmutableDictionary(label => label.Key, label => label.Value)
        );
        return new DeliveryPlanned(path, order.To, closing.At, closing.Node)
        {
            DestinationKind = destination?.Kind is null or "command" ? null : destination.Kind,
            Name = template is null ? null : NameTemplate.Of(template, facts, destination?.KeepsColons ?? false),
            What = order.What.IsEmpty ? destination?.What ?? [] : order.What,
            WhileRecording = WhileRecording(order, destinations),
            KeepLocal = (order.KeepLocal ?? new LocalKeeping(destination?.KeepLocal)).After,
        };
    }

    private static (RecordState? Record, DeliverySummary? Delivery) Find(SessionState state, string path, string to) =>
        Open(state).FirstOrDefault(open => open.Record.Path == path && open.Delivery.To == to) is ({ }, { }) ready
            ? ready
            : (
                from record in state.Records
                where record.Path == path && !record.Closed
                from delivery in record.Deliveries
                where delivery is { WhileRecording: true, Open: true } && delivery.To == to
                select (record, delivery)
            ).FirstOrDefault();

    private static string? ClosedBy(ISessionEvent happened) =>
        happened switch
        {
            RecordClosed closed => closed.Path,
            RecordFound { Duration: not null } found => found.Path,
            _ => null,
        };
}
