using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Repairs records for sessions that run elsewhere or have ended: makes records playable that this node left open
/// when it died. Repeated requests for one file cause only one repair at a time.
/// </summary>
internal sealed class RepairServiceActor : ReceiveActor
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "record-repairs";

    private readonly ISessionMedia _media;
    private readonly IRecordsFolder _folder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<IActorRef, (RepairHere Asked, HashSet<IActorRef> Askers)> _repairs = [];

    /// <param name="media">The node's media side.</param>
    /// <param name="folder">The node's records folder.</param>
    public RepairServiceActor(ISessionMedia media, IRecordsFolder folder)
    {
        _media = media;
        _folder = folder;
        Receive<RepairHere>(Begin);
        Receive<RecordFinished>(done =>
            Conclude(asked => new RecordRepaired(asked.Id, asked.Path, done.Duration, done.Bytes) { Hls = done.Hls })
        );
        Receive<RecordUnrecoverable>(lost =>
            Conclude(asked => new RecordNotRepaired(asked.Id, asked.Path, lost.Code, lost.Message))
        );
        Receive<RecordNotHere>(away =>
            Conclude(asked => new RecordNotLookedFor(asked.Id, asked.Path, away.Message))
        );
        Receive<IMediaEvent>(_ => { });
        Receive<Terminated>(ended => _repairs.Remove(ended.ActorRef));
    }

    // A death while repairing one file must not stop the other repairs. The placement has the session ask again.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Begin(RepairHere ask)
    {
        // The media side looks again, at the disk itself. The folder may be at another path than when the record was
        // made.
        var away = RecordPresence.WhyAway(_folder, _folder.Standing, ask.Folder);
        var path = ask.Folder is null ? ask.Path : Path.Join(_folder.Path, Path.GetFileName(ask.Path));
        if (away is not null)
        {
            Sender.Tell(new RecordNotLookedFor(ask.Id, ask.Path, away));
            return;
        }

        if (_repairs.Values.FirstOrDefault(repair => repair.Asked.Path == ask.Path) is { Askers: { } askers })
        {
            askers.Add(Sender);
            return;
        }

        _log.Info("Session {0}: repairs {1}, which was left open when its node died", ask.Id, path);
        var child = Context.ActorOf(_media.MediaOf(ask.Id, ask.Spec));
        Context.Watch(child);
        _repairs.Add(child, (ask, [Sender]));
        child.Tell(
            new RepairRecord(path, ask.Spec.Container)
            {
                Folder = ask.Folder,
                Opened = ask.Opened,
                Marks = ask.Marks,
            }
        );
    }

    private void Conclude(Func<RepairHere, object> answer)
    {
        if (!_repairs.TryGetValue(Sender, out var repair))
        {
            return;
        }
        foreach (var asker in repair.Askers)
        {
            asker.Tell(answer(repair.Asked));
        }
        Context.Stop(Sender);
    }
}
