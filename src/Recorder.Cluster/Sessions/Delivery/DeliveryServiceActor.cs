using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.Delivery;

/// <summary>
/// Delivers this node's records for their sessions, on whatever node the sessions run. A few attempts are under way
/// at a time; the others wait their turn. The outcomes of the newest attempts are kept. A session that missed an
/// outcome gets the kept one, without a second attempt.
/// </summary>
internal sealed class DeliveryServiceActor : ReceiveActor, IWithTimers
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "record-deliveries";

    /// <summary>How often a session asks again for a delivery that has not ended.</summary>
    public static readonly TimeSpan AskInterval = TimeSpan.FromMinutes(1);

    /// <summary>How many asks for a growing record may be missing before its sending ends.</summary>
    private const int AsksMissed = 3;

    /// <summary>How many outcomes are kept, each of at most some 4 kB.</summary>
    private const int OutcomesKept = 50;

    private readonly IRecordDelivery? _delivery;
    private readonly IRecordsFolder _folder;
    private readonly string _node;
    private readonly TimeSpan _askInterval;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>The attempts that are under way or wait, oldest first.</summary>
    private readonly List<Job> _jobs = [];

    /// <summary>The growing records that are being sent.</summary>
    private readonly List<Job> _growing = [];

    /// <summary>The growing records that wait for the end of another one's sending, oldest first.</summary>
    private readonly List<(DeliverRecord Ask, IActorRef Asker)> _growingLater = [];

    /// <summary>The outcomes of ended attempts, oldest first.</summary>
    private readonly List<DeliveryReply> _ended = [];

    /// <summary>The destinations whose attempts have begun, the newest last.</summary>
    private readonly List<string> _served = [];

    /// <param name="delivery">How records are delivered on this node; null when they are not delivered.</param>
    /// <param name="folder">The node's records folder.</param>
    /// <param name="node">The node's cluster address.</param>
    /// <param name="askInterval">How often sessions ask again, such as <see cref="AskInterval"/>.</param>
    public DeliveryServiceActor(IRecordDelivery? delivery, IRecordsFolder folder, string node, TimeSpan askInterval)
    {
        _delivery = delivery;
        _folder = folder;
        _node = node;
        _askInterval = askInterval;
        Receive<DeliverRecord>(OnAsk);
        Receive<GiveUpDelivery>(OnGivenUp);
        Receive<GrownPartSent>(OnPart);
        Receive<DeliveryOutcome>(outcome => OnOutcome(Sender, outcome));
        Receive<NotAskedFor>(unasked => OnNotAskedFor(unasked.Job));
        Receive<Terminated>(ended =>
            OnOutcome(
                ended.ActorRef,
                new DeliveryOutcome.Failed(
                    null,
                    null,
                    "What was to deliver the record ended unexpectedly; the node's log tells why.",
                    MayPass: true
                )
            )
        );
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    // An attempt that throws has failed. A restart would repeat the attempt without counting it.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnAsk(DeliverRecord ask)
    {
        if (Refusal(ask) is { } refusal)
        {
            if (refusal is DeliveryNotDone not)
            {
                _log.Warning("Session {0}: {1}", ask.Id, not.Message);
            }
            Sender.Tell(refusal);
            return;
        }

        if (ask.Growing)
        {
            OnGrowing(ask);
            return;
        }

        if (
            _ended.Find(ended => ended.Path == ask.Path && ended.To == ask.To && ended.Attempt == ask.Attempt) is
            { } known
        )
        {
            Sender.Tell(known);
            return;
        }

        // The closed record is sent when nothing sends the growing one any more: both go on with the same parts.
        Forget(ask);
        if (GrowingOf(ask) is { } growing)
        {
            growing.Child!.Tell(StopSending.Instance);
        }
        var job = _jobs.Find(job => job.Ask.Path == ask.Path && job.Ask.To == ask.To);
        if (job is null)
        {
            _jobs.Add(job = new Job(ask));
        }
        job.Askers.Add(Sender);
        BeginWhatMayBegin();
        Sender.Tell(
            job.Child is null
                ? new DeliveryQueued(ask.Path, ask.To, job.Ask.Attempt)
                : new DeliveryRunning(ask.Path, ask.To, job.Ask.Attempt)
        );
    }

    /// <summary>Begins to send a growing record. Such a sending lasts as long as the recording, so it takes no place of
    /// an attempt.</summary>
    private void OnGrowing(DeliverRecord ask)
    {
        if (GrowingOf(ask) is not { } job)
        {
            if (_jobs.Exists(job => job.Ask.Path == ask.Path && job.Ask.To == ask.To))
            {
                return;
            }
            if (_growing.Count >= _delivery!.GrowingAtOnce)
            {
                BeginLater(ask);
                return;
            }
            Forget(ask);
            job = new Job(ask) { Sharers = GrowthShares.For(_growing.Count + 1) };
            _growing.Add(job);
            job.Child = Context.Watch(Context.ActorOf(_delivery!.DeliveryOf(ask.To, RecordOf(ask, job.Sharers))));
            _log.Info("Session {0}: sends {1} to {2} while it grows", ask.Id, ask.Path, ask.To);
        }
        else if (_delivery!.SharesLimit && GrowthShares.For(_growing.Count) > job.Sharers)
        {
            // A process keeps its share as long as it runs. The next ask begins with a smaller one, and with the parts
            // that are confirmed.
            job.Askers.Clear();
            job.Child!.Tell(StopSending.Instance);
            return;
        }

        // The session's end may be hidden from this node by a lost message.
        Timers.StartSingleTimer(job, new NotAskedFor(job), AsksMissed * _askInterval);
        var isKnown = job.Askers.Contains(Sender);
        job.Askers.Clear();
        job.Askers.Add(Sender);
        Sender.Tell(new DeliveryQueued(ask.Path, ask.To, 0));

        // A session that began anew may have missed parts. The journal takes the parts in their order only.
        foreach (var part in job.Parts.Values.Where(_ => !isKnown))
        {
            Sender.Tell(part);
        }
    }

    /// <summary>A growing record waits in its turn. Whoever asks again keeps the place.</summary>
    private void BeginLater(DeliverRecord ask)
    {
        var known = _growingLater.FindIndex(later => later.Ask.Path == ask.Path && later.Ask.To == ask.To);
        if (known < 0)
        {
            _log.Info(
                "Session {0}: {1} is sent to {2} later, since {3} growing records are being sent (Delivery:GrowingAtOnce)",
                [ask.Id, ask.Path, ask.To, _growing.Count]
            );
            _growingLater.Add((ask, Sender));
        }
        else
        {
            _growingLater[known] = (ask, Sender);
        }
        Sender.Tell(new DeliveryQueued(ask.Path, ask.To, 0));
    }

    private void Forget(DeliverRecord ask) =>
        _growingLater.RemoveAll(later => later.Ask.Path == ask.Path && later.Ask.To == ask.To);

    private void BeginNextGrowing()
    {
        if (_growing.Count < _delivery?.GrowingAtOnce && _growingLater is [var (ask, asker), ..])
        {
            _growingLater.RemoveAt(0);
            Self.Tell(ask, asker);
        }
    }

    private void OnGivenUp(GiveUpDelivery givenUp)
    {
        if (_delivery?.Destinations.Find(givenUp.To) is not null)
        {
            _delivery.GiveUp(givenUp.To, givenUp.Path);
        }
    }

    private void OnNotAskedFor(Job job)
    {
        if (!_growing.Contains(job))
        {
            return;
        }
        _log.Warning(
            "Session {0}: nobody asks any more for {1} to be sent to {2} while it grows; its sending ends",
            job.Ask.Id,
            job.Ask.Path,
            job.Ask.To
        );
        job.Askers.Clear();
        job.Child!.Tell(StopSending.Instance);
    }

    private void OnPart(GrownPartSent part)
    {
        if (_growing.Find(job => Sender.Equals(job.Child)) is not { } job)
        {
            return;
        }
        // Another id is another upload: the earlier parts are gone.
        if (job.Parts.Values.Any(known => known.UploadId != part.UploadId))
        {
            job.Parts.Clear();
        }
        var told = new PartDelivered(
            job.Ask.Path,
            job.Ask.To,
            part.Key,
            part.UploadId,
            part.PartSize,
            part.Number,
            part.Tag
        );
        job.Parts[part.Number] = told;
        foreach (var asker in job.Askers)
        {
            asker.Tell(told);
        }
    }

    private Job? GrowingOf(DeliverRecord ask) =>
        _growing.Find(job => job.Ask.Path == ask.Path && job.Ask.To == ask.To);

    private RecordToDeliver RecordOf(DeliverRecord ask, int sharers) =>
        new(ask.Id, Here(ask, ask.Path), Here(ask, ask.Manifest), ask.Attempt)
        {
            Name = ask.Name,
            What = ask.What,
            Sha256 = ask.Sha256,
            Address = ask.Address,
            Growing = ask.Growing,
            Complete = ask.Complete,
            Chapters = ask.Chapters ? Here(ask, ChaptersFile.PathOf(ask.Path)) : null,
            GrowingSharers = sharers,
        };

    private DeliveryReply? Refusal(DeliverRecord ask)
    {
        if (ask.Complete is null && RecordPresence.WhyAway(_folder, _folder.Standing, ask.Folder) is { } away)
        {
            return new DeliveryHeldUp(ask.Path, ask.To, ask.Attempt, away);
        }
        if (
            ask.Complete is null
            && (
                (ask.Folder is null && Path.GetDirectoryName(Path.GetFullPath(ask.Path)) != _folder.Path)
                || !RecordPath.IsNameOf(ask.Id, Path.GetFileName(ask.Path))
            )
        )
        {
            return new DeliveryNotDone(
                ask.Path,
                ask.To,
                ask.Attempt,
                null,
                null,
                $"{ask.Path} is no record of session {ask.Id} in this node's records folder {_folder.Path}; it is not delivered.",
                MayPass: false
            );
        }

        return _delivery?.Destinations.Find(ask.To) is not null
            ? null
            : new DeliveryNotDone(
                ask.Path,
                ask.To,
                ask.Attempt,
                null,
                null,
                $"The node {_node}, which holds the record, has no destination {ask.To} among its options; add it to Destinations there.",
                MayPass: true
            );
    }

    private void BeginWhatMayBegin()
    {
        while (DeliveryTurns.Next(_jobs.ConvertAll(TurnOf), _delivery!.AtOnce, _served) is { } next)
        {
            var job = _jobs[next];
            var ask = job.Ask;
            _served.Remove(ask.To);
            _served.Add(ask.To);
            var record = RecordOf(ask, GrowthShares.For(_growing.Count));
            job.Child = Context.Watch(Context.ActorOf(_delivery!.DeliveryOf(ask.To, record)));
            _log.Info("Session {0}: delivers {1} ({2}, attempt {3})", ask.Id, ask.Path, ask.To, ask.Attempt);
            foreach (var asker in job.Askers.Where(asker => !asker.Equals(Sender)))
            {
                asker.Tell(new DeliveryRunning(ask.Path, ask.To, ask.Attempt));
            }
        }
    }

    private DeliveryTurn TurnOf(Job job) =>
        new(
            job.Ask.To,
            job.Child is not null ? DeliveryTurnState.UnderWay
                : GrowingOf(job.Ask) is null ? DeliveryTurnState.Ready
                : DeliveryTurnState.Held
        );

    /// <summary>The path on this node. The folder may be at another path than when the record was made.</summary>
    [return: NotNullIfNotNull(nameof(path))]
    private string? Here(DeliverRecord ask, string? path) =>
        path is null || ask.Folder is null ? path : Path.Join(_folder.Path, Path.GetFileName(path));

    private void OnOutcome(IActorRef child, DeliveryOutcome outcome)
    {
        if (_growing.Find(job => child.Equals(job.Child)) is { } growing)
        {
            OnGrowingEnded(growing, outcome);
            return;
        }
        if (_jobs.Find(job => child.Equals(job.Child)) is not { } job)
        {
            return;
        }
        _jobs.Remove(job);
        Context.Unwatch(child);
        Context.Stop(child);
        var ask = job.Ask;
        DeliveryReply reply = outcome is DeliveryOutcome.Failed failed
            ? new DeliveryNotDone(
                ask.Path,
                ask.To,
                ask.Attempt,
                failed.ExitCode,
                failed.LastOutput,
                failed.Message,
                failed.MayPass
            )
            : new DeliveryDone(ask.Path, ask.To, ask.Attempt, outcome.ExitCode, outcome.LastOutput)
            {
                Partial = ask.Complete is not null,
            };
        if (reply is DeliveryNotDone not)
        {
            _log.Warning("Session {0}: {1}", ask.Id, not.Message);
        }
        _ended.Add(reply);
        if (_ended.Count > OutcomesKept)
        {
            _ended.RemoveAt(0);
        }
        foreach (var asker in job.Askers)
        {
            asker.Tell(reply);
        }
        BeginWhatMayBegin();
    }

    /// <summary>The session asks for the sending again after a while, as long as the record grows.</summary>
    private void OnGrowingEnded(Job job, DeliveryOutcome outcome)
    {
        _growing.Remove(job);
        Timers.Cancel(job);
        Context.Unwatch(job.Child);
        Context.Stop(job.Child);
        var ask = job.Ask;
        if (
            outcome is DeliveryOutcome.Failed { Message: var message }
            && !_jobs.Exists(next => next.Ask.Path == ask.Path && next.Ask.To == ask.To)
        )
        {
            _log.Warning("Session {0}: {1}", ask.Id, message);
            foreach (var asker in job.Askers)
            {
                asker.Tell(new DeliveryHeldUp(ask.Path, ask.To, ask.Attempt, message));
            }
        }
        if (_delivery is not null)
        {
            BeginWhatMayBegin();
            BeginNextGrowing();
        }
    }

    private sealed class Job(DeliverRecord ask)
    {
        public DeliverRecord Ask { get; } = ask;

        public HashSet<IActorRef> Askers { get; } = [];

        public IActorRef? Child { get; set; }

        /// <summary>With how many growing records the sending of a growing record shares the node's limit.</summary>
        public int Sharers { get; init; }

        /// <summary>The parts of a growing record that the destination has confirmed, by their numbers.</summary>
        public SortedDictionary<int, PartDelivered> Parts { get; } = [];
    }

    private sealed record NotAskedFor(Job Job);
}
