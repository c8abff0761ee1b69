using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

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
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<IActorRef, (RepairHere Asked, HashSet<IActorRef> Askers)> _repairs = [];

    public RepairServiceActor(ISessionMedia media)
    {
        _media = media;
        Receive<RepairHere>(Begin);
        Receive<RecordFinished>(done =>
            Conclude(asked => new RecordRepaired(asked.Id, asked.Path, done.Duration, done.Bytes) { Hls = done.Hls })
        );
        Receive<RecordUnrecoverable>(lost =>
            Conclude(asked => new RecordNotRepaired(asked.Id, asked.Path, lost.Code, lost.Message))
        );
        Receive<IMediaEvent>(_ => { });
        Receive<Terminated>(ended => _repairs.Remove(ended.ActorRef));
    }

    // A death while repairing one file must not stop the other repairs. The placement has the session ask again.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Begin(RepairHere ask)
    {
        if (
            !Path.GetFullPath(ask.Path)
                .StartsWith(
                    Path.GetFullPath(_media.RecordsFolder) + Path.DirectorySeparatorChar,
                    StringComparison.Ordinal
                )
        )
        {
            Sender.Tell(
                new RecordNotRepaired(
                    ask.Id,
                    ask.Path,
                    FaultCode.RecordsFolderUnavailable,
                    $"The record {ask.Path} of session {ask.Id} is not in this node's records folder {_media.RecordsFolder}."
                )
            );
            return;
        }

        if (_repairs.Values.FirstOrDefault(repair => repair.Asked.Path == ask.Path) is { Askers: { } askers })
        {
            askers.Add(Sender);
            return;
        }

        _log.Info("Session {0}: repairs {1}, which an earlier life of this node left open", ask.Id, ask.Path);
        var child = Context.ActorOf(_media.MediaOf(ask.Id, ask.Spec));
        Context.Watch(child);
        _repairs.Add(child, (ask, [Sender]));
        child.Tell(new RepairRecord(ask.Path, ask.Spec.Container));
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
