using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.HandOver;

/// <summary>
/// Begins records on this node for sessions that another node is about to hand over. The keeper keeps each record
/// until the session's next incarnation, on this node, adopts the record. A record without adoption is finalised and
/// goes into the session's list. Meanwhile the keeper tells the placement what it keeps.
/// </summary>
internal sealed partial class MediaKeeperActor : ReceiveActor, IWithTimers
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "media-keeper";

    /// <summary>How long the first frame may take.</summary>
    public static readonly TimeSpan PrepareLimit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a record is written after it was last asked for. Longer than the farm takes to find that the earlier
    /// node has died and to resume the session.
    /// </summary>
    public static readonly TimeSpan AdoptionLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    private readonly ISessionMedia _media;
    private readonly IActorRef _placement;
    private readonly string _node;
    private readonly TimeProvider _clock;
    private readonly IRecordsFolder? _folder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<SessionId, Kept> _kept = [];

    /// <param name="media">The node's media side.</param>
    /// <param name="placement">The placement singleton, or its proxy.</param>
    /// <param name="node">The node's cluster address.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="folder">The node's records folder; null where it is not known.</param>
    public MediaKeeperActor(
        ISessionMedia media,
        IActorRef placement,
        string node,
        TimeProvider clock,
        IRecordsFolder? folder = null
    )
    {
        _media = media;
        _placement = placement;
        _node = node;
        _clock = clock;
        _folder = folder;
        Receive<PrepareMedia>(OnPrepare);
        Receive<DismissMedia>(dismiss => End(dismiss.Id, remove: true));
        Receive<AdoptMedia>(OnAdopt);
        Receive<IMediaEvent>(OnMediaEvent);
        Receive<LimitPassed>(passed => OnLimitPassed(passed.Id));
        Receive<TellDue>(_ => TellPlacement());
        Receive<RecordListed>(OnListed);
        Receive<Terminated>(OnTerminated);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    // The death of a child is reported to the session like any death of its media.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnPrepare(PrepareMedia ask)
    {
        if (_kept.TryGetValue(ask.Id, out var known))
        {
            if (known.Step is Step.Adopted or Step.Ending)
            {
                Sender.Tell(
                    new MediaNotPrepared(ask.Id, $"The media of session {ask.Id} on this node has not ended yet.")
                );
                return;
            }

            known.Asker = Sender;
            known.Ask = ask;
            if (known.Step != Step.Prepared)
            {
                return;
            }
            FollowPause(known);
            Timers.StartSingleTimer(ask.Id, new LimitPassed(ask.Id), AdoptionLimit);
            TellPrepared(known);
            return;
        }

        if (ask.Prepared)
        {
            return;
        }
        var path = RecordPath.Next(
            _media.RecordsFolder,
            ask.Id,
            path => ask.Taken.Exists(taken => RecordPath.IsOfOneName(taken, path)) || File.Exists(path),
            ask.Spec.Container,
            _clock.GetUtcNow()
        );
        var child = Context.ActorOf(_media.MediaOf(ask.Id, ask.Spec));
        _kept.Add(ask.Id, new Kept(ask, child, path) { Asker = Sender });
        Context.Watch(child);
        Timers.StartSingleTimer(ask.Id, new LimitPassed(ask.Id), PrepareLimit);
        _log.Info("Session {0}: {1} is begun for it, which another node hands over", ask.Id, path);
        child.Tell(new BeginRecording(ask.Attempt, ask.Spec, path));
        TellPlacement();
    }

    private void OnMediaEvent(IMediaEvent heard)
    {
        if (_kept.Values.FirstOrDefault(kept => kept.Media.Equals(Sender)) is not { } kept)
        {
            return;
        }
        switch (kept.Step)
        {
            case Step.Adopted:
                kept.Session.Tell(heard, kept.Media);
                break;
            case Step.Preparing when heard is FirstFrameWritten first:
                kept.OpenedAt = first.At + FarmClock.OffsetOf(_clock);
                kept.Step = Step.Prepared;
                FollowPause(kept);
                Timers.StartSingleTimer(kept.Ask.Id, new LimitPassed(kept.Ask.Id), AdoptionLimit);
                TellPrepared(kept);
                if (!kept.Session.IsNobody())
                {
                    GiveTo(kept.Session, kept);
                }
                break;
            case Step.Preparing when heard is MediaFailed failed:
                NotPrepared(kept, failed.Message);
                break;
            case Step.Prepared:
                kept.Said.Add(heard);
                break;
            case Step.Ending when heard is RecordFinished finished:
                kept.Finished = finished;
                Context.Stop(kept.Media);
                break;
            case Step.Ending when heard is RecordUnrecoverable or MediaFailed:
                Context.Stop(kept.Media);
                break;
        }
    }

    private void OnAdopt(AdoptMedia ask)
    {
        if (_kept.TryGetValue(ask.Id, out var kept))
        {
            switch (kept.Step)
            {
                case Step.Prepared or Step.Adopted:
                    GiveTo(Sender, kept);
                    return;
                case Step.Preparing:
                    kept.Session = Sender;
                    if (!ask.Waits)
                    {
                        NotPrepared(kept, $"Session {ask.Id} is ended before the first frame was written.");
                    }
                    return;
                case Step.Ending when kept.Remove:
                    // The record that is being removed and the next record might get the same name.
                    kept.Session = Sender;
                    return;
            }
        }

        Sender.Tell(new NoKeptMedia(ask.Id));
    }

    private void GiveTo(IActorRef session, Kept kept)
    {
        session.Tell(new KeptMedia(kept.Ask.Id, kept.Media, kept.Path, kept.OpenedAt, kept.Paused));
        if (kept.Step == Step.Adopted && kept.Session.Equals(session))
        {
            return;
        }
        Timers.Cancel(kept.Ask.Id);
        kept.Step = Step.Adopted;
        kept.Session = session;
        Context.Watch(session);
        foreach (var heard in kept.Said)
        {
            session.Tell(heard, kept.Media);
        }
        kept.Said.Clear();
    }

    private void OnLimitPassed(SessionId id)
    {
        if (!_kept.TryGetValue(id, out var kept))
        {
            return;
        }
        if (kept.Step == Step.Preparing)
        {
            NotPrepared(kept, $"No frame was written within {PrepareLimit.TotalSeconds:0} seconds.");
            return;
        }

        // The session's node may have died: then this record is the only one of those seconds.
        _log.Warning(
            "Session {0} was not taken up here within {1} seconds; {2} is ended and goes into its list",
            id,
            AdoptionLimit.TotalSeconds,
            kept.Path
        );
        End(id, remove: false);
    }

    private void OnTerminated(Terminated ended)
    {
        if (
            _kept.Values.FirstOrDefault(kept => kept.Step == Step.Adopted && kept.Session.Equals(ended.ActorRef)) is
            { } orphan
        )
        {
            // The keeper does not know whether the session's journal has the record. The session is told, and does
            // not list a listed record twice.
            orphan.Step = Step.Ending;
            Context.Stop(orphan.Media);
            return;
        }

        if (_kept.Values.FirstOrDefault(kept => kept.Media.Equals(ended.ActorRef)) is not { } gone)
        {
            return;
        }
        if (gone.Step == Step.Preparing)
        {
            NotPrepared(gone, "The media side ended unexpectedly.");
        }
        Timers.Cancel(gone.Ask.Id);
        _kept.Remove(gone.Ask.Id);
        if (gone.Remove)
        {
            Remove(gone.Path);
        }
        else if (gone.Step is Step.Prepared or Step.Ending)
        {
            Leave(gone);
        }
        if (gone.Failure is { } failure)
        {
            gone.Asker.Tell(new MediaNotPrepared(gone.Ask.Id, failure));
        }
        if (gone.Step == Step.Ending)
        {
            gone.Session.Tell(new NoKeptMedia(gone.Ask.Id));
        }
    }

    private void NotPrepared(Kept kept, string message)
    {
        kept.Failure = message;
        End(kept.Ask.Id, remove: true);
    }

    private void End(SessionId id, bool remove)
    {
        if (!_kept.TryGetValue(id, out var kept) || kept.Step is Step.Adopted or Step.Ending)
        {
            return;
        }
        Timers.Cancel(id);
        kept.Remove = remove;
        if (remove)
        {
            Context.Stop(kept.Media);
        }
        else
        {
            kept.Media.Tell(new FinishRecording());
        }
        kept.Step = Step.Ending;
    }

    private static void TellPrepared(Kept kept) =>
        kept.Asker.Tell(new MediaPrepared(kept.Ask.Id, kept.Path, kept.OpenedAt));

    private static void FollowPause(Kept kept)
    {
        if (kept.Paused == kept.Ask.Paused)
        {
            return;
        }
        kept.Paused = kept.Ask.Paused;
        kept.Media.Tell(kept.Paused ? new PauseRecording() : new UnpauseRecording());
    }

    private enum Step
    {
        Preparing,
        Prepared,
        Adopted,
        Ending,
    }

    private sealed class Kept(PrepareMedia ask, IActorRef media, string path)
    {
        /// <summary>The latest request for this media.</summary>
        public PrepareMedia Ask { get; set; } = ask;

        public IActorRef Media { get; } = media;

        public string Path { get; } = path;

        public Step Step { get; set; }

        public IActorRef Asker { get; set; } = ActorRefs.Nobody;

        /// <summary>The incarnation that has adopted the media, or waits for their first frame.</summary>
        public IActorRef Session { get; set; } = ActorRefs.Nobody;

        public DateTimeOffset OpenedAt { get; set; }

        /// <summary>Whether the record's timeline was last told to stand still.</summary>
        public bool Paused { get; set; }

        /// <summary>Whether the record is removed when the media end.</summary>
        public bool Remove { get; set; }

        /// <summary>Why the media could not be prepared. Told once every process has ended.</summary>
        public string? Failure { get; set; }

        /// <summary>How the record was finished, or null while that is not known.</summary>
        public RecordFinished? Finished { get; set; }

        /// <summary>What the child has reported since its first frame, for the session that adopts the media.</summary>
        public List<IMediaEvent> Said { get; } = [];
    }

    private sealed record LimitPassed(SessionId Id);
}
