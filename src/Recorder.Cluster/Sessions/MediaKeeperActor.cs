using Akka.Actor;
using Akka.Event;

namespace Recorder.Cluster.Sessions;

/// <summary>
/// Begins records on this node for sessions that another node is about to hand over, and keeps them until the session's next
/// incarnation, on this node, adopts them. What nobody adopts is ended and finalised.
/// </summary>
internal sealed class MediaKeeperActor : ReceiveActor, IWithTimers
{
    /// <summary>The name under <c>/user</c> that it is found by.</summary>
    public const string Name = "media-keeper";

    /// <summary>How long the first frame may take.</summary>
    public static readonly TimeSpan PrepareLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long a record is written for nobody: longer than the farm takes to find that the earlier node has died.</summary>
    public static readonly TimeSpan AdoptionLimit = TimeSpan.FromSeconds(60);

    private readonly ISessionMedia _media;
    private readonly TimeProvider _clock;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<SessionId, Kept> _kept = [];

    public MediaKeeperActor(ISessionMedia media, TimeProvider clock)
    {
        _media = media;
        _clock = clock;
        Receive<PrepareMedia>(OnPrepare);
        Receive<DismissMedia>(dismiss => End(dismiss.Id, remove: true));
        Receive<AdoptMedia>(OnAdopt);
        Receive<IMediaEvent>(OnMediaEvent);
        Receive<LimitPassed>(passed => OnLimitPassed(passed.Id));
        Receive<Terminated>(OnTerminated);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    // What dies is told to the session as any death of its media.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnPrepare(PrepareMedia ask)
    {
        if (_kept.TryGetValue(ask.Id, out var known) && known.Step is Step.Adopted or Step.Ending)
        {
            Sender.Tell(new MediaNotPrepared(ask.Id, $"The media of session {ask.Id} on this node has not ended yet."));
            return;
        }

        if (known is not null)
        {
            known.Asker = Sender;
            TellPrepared(known);
            return;
        }

        var path = RecordPath.Next(_media.RecordsFolder, ask.Id, ask.Taken.Contains, ask.Spec.Container, _clock.GetUtcNow());
        var child = Context.ActorOf(_media.MediaOf(ask.Id, ask.Spec));
        _kept.Add(ask.Id, new Kept(ask, child, path) { Asker = Sender });
        Context.Watch(child);
        Timers.StartSingleTimer(ask.Id, new LimitPassed(ask.Id), PrepareLimit);
        _log.Info("Session {0}: {1} is begun for it, which another node hands over", ask.Id, path);
        child.Tell(new BeginRecording(ask.Attempt, ask.Spec, path));
    }

    private void OnMediaEvent(IMediaEvent heard)
    {
        if (_kept.Values.FirstOrDefault(kept => kept.Media.Equals(Sender)) is not { } kept) return;
        switch (kept.Step)
        {
            case Step.Adopted:
                kept.Session.Tell(heard, kept.Media);
                break;
            case Step.Preparing when heard is FirstFrameWritten first:
                kept.OpenedAt = first.At;
                kept.Step = Step.Prepared;
                if (kept.Ask.Paused) kept.Media.Tell(new PauseRecording());
                Timers.StartSingleTimer(kept.Ask.Id, new LimitPassed(kept.Ask.Id), AdoptionLimit);
                TellPrepared(kept);
                break;
            case Step.Preparing when heard is MediaFailed failed:
                NotPrepared(kept, failed.Message);
                break;
            case Step.Prepared:
                kept.Said.Add(heard);
                break;
            case Step.Ending when heard is RecordFinished or RecordUnrecoverable or MediaFailed:
                Context.Stop(kept.Media);
                break;
        }
    }

    private void OnAdopt(AdoptMedia ask)
    {
        if (!_kept.TryGetValue(ask.Id, out var kept) || kept.Step is not (Step.Prepared or Step.Adopted))
        {
            Sender.Tell(new NoKeptMedia(ask.Id));
            return;
        }

        Sender.Tell(new KeptMedia(ask.Id, kept.Media, kept.Path, kept.OpenedAt, kept.Ask.Paused));
        if (kept.Session.Equals(Sender)) return;
        Timers.Cancel(ask.Id);
        kept.Step = Step.Adopted;
        kept.Session = Sender;
        Context.Watch(Sender);
        foreach (var heard in kept.Said) Sender.Tell(heard, kept.Media);
        kept.Said.Clear();
    }

    private void OnLimitPassed(SessionId id)
    {
        if (!_kept.TryGetValue(id, out var kept)) return;
        if (kept.Step == Step.Preparing)
        {
            NotPrepared(kept, $"No frame was written within {PrepareLimit.TotalSeconds:0} seconds.");
            return;
        }

        // Its session's node may have died: then this is the only record of those seconds.
        _log.Warning("Session {0} was not taken up here within {1} seconds; {2} is ended, kept, and belongs to no session's list", id, AdoptionLimit.TotalSeconds, kept.Path);
        End(id, remove: false);
    }

    private void OnTerminated(Terminated ended)
    {
        if (_kept.Values.FirstOrDefault(kept => kept.Session.Equals(ended.ActorRef)) is { } orphan)
        {
            Context.Stop(orphan.Media);
            return;
        }

        if (_kept.Values.FirstOrDefault(kept => kept.Media.Equals(ended.ActorRef)) is not { } gone) return;
        switch (gone.Step)
        {
            case Step.Preparing:
                gone.Asker.Tell(new MediaNotPrepared(gone.Ask.Id, "The media side ended unexpectedly."));
                break;
            case Step.Prepared:
                _log.Warning("Session {0}: the media side that was begun for it ended unexpectedly; {1} is left as it is", gone.Ask.Id, gone.Path);
                break;
        }

        Timers.Cancel(gone.Ask.Id);
        _kept.Remove(gone.Ask.Id);
        if (gone.Remove) Remove(gone.Path);
    }

    private void NotPrepared(Kept kept, string message)
    {
        kept.Asker.Tell(new MediaNotPrepared(kept.Ask.Id, message));
        End(kept.Ask.Id, remove: true);
    }

    private void End(SessionId id, bool remove)
    {
        if (!_kept.TryGetValue(id, out var kept) || kept.Step is Step.Adopted or Step.Ending) return;
        Timers.Cancel(id);
        kept.Remove = remove;
        if (remove || kept.Step == Step.Preparing) Context.Stop(kept.Media);
        else kept.Media.Tell(new FinishRecording());
        kept.Step = Step.Ending;
    }

    private void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.Warning("{0}, which no session needs, could not be removed: {1}", path, error.Message);
        }
    }

    private static void TellPrepared(Kept kept)
    {
        if (kept.Step == Step.Prepared) kept.Asker.Tell(new MediaPrepared(kept.Ask.Id, kept.Path, kept.OpenedAt));
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
        public PrepareMedia Ask { get; } = ask;

        public IActorRef Media { get; } = media;

        public string Path { get; } = path;

        public Step Step { get; set; }

        public IActorRef Asker { get; set; } = ActorRefs.Nobody;

        /// <summary>The incarnation that has adopted it.</summary>
        public IActorRef Session { get; set; } = ActorRefs.Nobody;

        public DateTimeOffset OpenedAt { get; set; }

        public bool Remove { get; set; }

        /// <summary>What the child has said since its first frame, for the session that adopts it.</summary>
        public List<IMediaEvent> Said { get; } = [];
    }

    private sealed record LimitPassed(SessionId Id);
}
