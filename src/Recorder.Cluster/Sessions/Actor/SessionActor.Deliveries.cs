using Akka.Actor;
using Akka.Cluster.Sharding;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>
/// How a session gets its records delivered. The session asks the node that holds the file for each delivery, until
/// the journal has the delivery's end. As with manifests, an ended session waits for its deliveries before it sleeps.
/// A node that is back and still holds undelivered records wakes the session.
/// </summary>
internal sealed partial class SessionActor
{
    /// <summary>How often an unfinished delivery is asked for again: the node may have restarted, or a message may be
    /// lost.</summary>
    private static readonly TimeSpan DeliveryAskInterval = DeliveryServiceActor.AskInterval;

    /// <summary>The shortest wait. Without this limit, two clocks that disagree by a moment would cause a
    /// loop.</summary>
    private static readonly TimeSpan ShortestDeliveryWait = TimeSpan.FromMilliseconds(100);

    /// <summary>The deliveries asked for, each with the time of the next request and whether the node has
    /// answered.</summary>
    private readonly Dictionary<(string Path, string To), (DateTimeOffset Again, bool Answered)> _deliveriesAsked = [];

    /// <summary>When the parts of a growing record, or the completing of an abandoned record, are asked for
    /// again.</summary>
    private readonly Dictionary<(string Path, string To, bool Growing), DateTimeOffset> _growthAsked = [];

    /// <summary>The askers of another attempt; they are answered after the write.</summary>
    private readonly List<IActorRef> _retriers = [];

    /// <summary>Whether this incarnation waits for a delivery, under way or near, on a node that is present.</summary>
    private bool AwaitsDeliveries =>
        SeesToDeliveries
        && (DeliveryDecisions
            .Open(_state)
            .Any(open =>
                DeliveryDecisions.IsNear(open.Delivery, Now().At)
                && (IsHere(open.Record) || _reachable.Contains(NodeOf(open.Record)))
            )
            || Abandoned.Any()
        );

    private bool SeesToDeliveries => _tendsManifests && !Leaving && !_surroundings.Deliveries.IsNobody();

    /// <summary>The deliveries that this node is to complete without the file.</summary>
    private IEnumerable<(
        RecordState Record,
        DeliverySummary Delivery,
        GrownParts Parts,
        DateTimeOffset Due
    )> Abandoned => GrowthDecisions.Abandoned(_state, IsHere, _surroundings.DeliveryPatience.CompleteAfter);

    private void HearOfDeliveries()
    {
        Command<PartDelivered>(part => Decide(GrowthDecisions.Hear(_state, part, Now())));
        Command<RetryDelivery>(OnRetry);
        Command<DeliveryReply>(OnDeliveryReply);
        Command<DeliveriesDue>(_ =>
        {
            var unheard = _deliveriesAsked
                .Where(asked => asked.Value.Again <= Now().At && !asked.Value.Answered)
                .Select(asked => asked.Key);
            Decide([.. unheard.SelectMany(asked => DeliveryDecisions.Unanswered(_state, asked.Path, asked.To, Now()))]);
        });
    }

    /// <summary>Asks for the deliveries that are due, and sets the timer for the others. The <c>stopped</c> answer
    /// does not wait for deliveries.</summary>
    private void SeeToDeliveries()
    {
        AnswerAll(_retriers, new SessionChanged(Details()));
        if (!SeesToDeliveries)
        {
            return;
        }
        var now = Now().At;
        DateTimeOffset? next = null;
        foreach (var (record, delivery) in DeliveryDecisions.Open(_state))
        {
            var key = (record.Path, delivery.To);
            var due = _deliveriesAsked.TryGetValue(key, out var asked)
                ? asked.Again
                : DeliveryDecisions.DueAt(delivery);
            if (due <= now)
            {
                due = now + DeliveryAskInterval;
                _deliveriesAsked[key] = (due, false);
                AskForDelivery(AskFor(record, delivery), record);
            }

            if (next is null || due < next)
            {
                next = due;
            }
        }
        next = SeeToGrowing(now, next);

        if (next is not { } at)
        {
            Timers.Cancel(nameof(DeliveriesDue));
        }
        else
        {
            Timers.StartSingleTimer(
                nameof(DeliveriesDue),
                new DeliveriesDue(),
                at - now > ShortestDeliveryWait ? at - now : ShortestDeliveryWait
            );
        }
    }

    /// <summary>Has the parts of growing records sent, and completes what a lost node has sent.</summary>
    /// <param name="now">The time.</param>
    /// <param name="next">When the next request of another kind is due; null: never.</param>
    /// <returns>When the next request of any kind is due.</returns>
    private DateTimeOffset? SeeToGrowing(DateTimeOffset now, DateTimeOffset? next)
    {
        foreach (var (record, delivery) in Alive ? GrowthDecisions.Growing(_state) : [])
        {
            if (IsHere(record))
            {
                var ask = AskFor(record, delivery) with { Growing = true, Attempt = 0 };
                Ask((record.Path, delivery.To, true), now, ask);
            }
        }
        foreach (var (record, delivery, parts, due) in Abandoned)
        {
            Ask((record.Path, delivery.To, false), due, AskFor(record, delivery) with { Complete = parts });
        }
        return next;

        void Ask((string, string, bool) key, DateTimeOffset due, DeliverRecord ask)
        {
            due = _growthAsked.TryGetValue(key, out var again) && again > due ? again : due;
            if (due <= now)
            {
                _growthAsked[key] = due = now + DeliveryAskInterval;
                _surroundings.Deliveries.Tell(ask, Self);
            }
            next = next is null || due < next ? due : next;
        }
    }

    private DeliverRecord AskFor(RecordState record, DeliverySummary delivery) =>
        new(
            _state.Id,
            record.Path,
            record.ManifestGivenUp ? null : RecordManifest.PathOf(record.Path),
            delivery.To,
            DeliveryDecisions.AttemptOf(delivery)
        )
        {
            Folder = record.Folder,
            Name = delivery.Name,
            What = delivery.What,
            Sha256 = record.Sha256,
            Chapters = !record.ManifestGivenUp && !_state.MarksIn(record).IsEmpty,
            Address = DeliveryDecisions.AddressOf(_state, record.Path, delivery.To),
        };

    private void AskForDelivery(DeliverRecord ask, RecordState record) => TellDeliveries(ask, record);

    /// <summary>A node that does not hear of the end of a delivery finds out by the age of what is left.</summary>
    private void TellGivenUp(DeliveryGivenUp givenUp)
    {
        if (_state.Records.Find(record => record.Path == givenUp.Path) is { } record)
        {
            TellDeliveries(new GiveUpDelivery(_state.Id, givenUp.Path, givenUp.To), record);
        }
    }

    private void TellDeliveries(object message, RecordState record)
    {
        if (IsHere(record))
        {
            _surroundings.Deliveries.Tell(message, Self);
        }
        else
        {
            Context.ActorSelection($"{NodeOf(record)}/user/{DeliveryServiceActor.Name}").Tell(message, Self);
        }
    }

    /// <summary>An ended session has no node at hand when it is woken for this call. The placement hears of the open
    /// delivery by the report, and tells the session which node holds the record.</summary>
    private void OnRetry(RetryDelivery retry)
    {
        if (_state.Spec is null)
        {
            Sender.Tell(
                new ChangeRefused(
                    _state.Id,
                    LastSequenceNr > 0 ? FaultCode.JournalDeleted : FaultCode.NoSuchSession,
                    LastSequenceNr > 0
                        ? $"Session {_state.Id} ended so long ago that its events are deleted (Retention:Journal), so nothing is delivered for it any more; fetch the record itself and bring it there."
                        : $"There is no session {_state.Id}."
                )
            );
            Context.Parent.Tell(new Passivate(LeaveNode.Instance));
            return;
        }
        var decided = RetryDecisions.Retry(_state, retry.Path, retry.Destination, Now());
        if ((decided.Refusal ?? WhyNoRetry()) is { } refusal)
        {
            Sender.Tell(new ChangeRefused(_state.Id, refusal.Code, refusal.Message));
            if (_state.Ended)
            {
                Report();
            }
            return;
        }

        // A delivery that is queued may wait for an answer that never comes.
        _deliveriesAsked.Remove((retry.Path, retry.Destination));
        _retriers.Add(Sender);
        Decide(decided.Events);
    }

    private Refusal? WhyNoRetry() => _state.Ended && !Leaving ? null : WhyNoMedia();

    private void OnDeliveryReply(DeliveryReply heard)
    {
        var key = (heard.Path, heard.To);
        if (heard is DeliveryDone or DeliveryNotDone)
        {
            _deliveriesAsked.Remove(key);
            _growthAsked.Remove((heard.Path, heard.To, false));
        }
        else if (_deliveriesAsked.TryGetValue(key, out var asked))
        {
            _deliveriesAsked[key] = asked with { Answered = true };
        }

        // An ended session stays awake as long as the delivering node gives signs of life. A folder that is away may
        // stay away.
        if (_state.Ended && AwaitsDeliveries && heard is not DeliveryHeldUp)
        {
            Timers.StartSingleTimer(nameof(RepairPatienceEnded), new RepairPatienceEnded(), RepairPatience);
        }
        Decide(DeliveryDecisions.Hear(_state, heard, _surroundings.DeliveryPatience, Now()));
    }

    /// <summary>A node is back. Unanswered requests to that node may never have arrived, and are forgotten.</summary>
    private void ForgetUnansweredDeliveries(string node)
    {
        var there = DeliveryDecisions
            .Open(_state)
            .Where(open => NodeOf(open.Record) == node)
            .Select(open => (open.Record.Path, open.Delivery.To));
        foreach (
            var key in there.Where(key => _deliveriesAsked.TryGetValue(key, out var asked) && !asked.Answered).ToList()
        )
        {
            _deliveriesAsked.Remove(key);
        }
    }

    private sealed record DeliveriesDue;
}
