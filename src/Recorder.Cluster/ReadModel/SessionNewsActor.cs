using Akka.Actor;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>
/// Tells whoever fills the read model that a session of this node has news. The journal's reader alone would see the
/// news one to three seconds later.
/// </summary>
internal sealed class SessionNewsActor : ReceiveActor
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "session-news";

    public SessionNewsActor(IActorRef readModel)
    {
        Receive<SessionEventWritten>(written =>
        {
            if (written.Event is not (RecordConfirmed or StreamingConfirmed))
            {
                readModel.Tell(new SessionHasNews(written.Id, written.SequenceNr));
            }
        });
    }

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(SessionEventWritten));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
