using Akka.Actor;

using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Tests.Sessions;

/// <summary>A media side that does what the test says: commands go to the observer with the child as sender, the test says the events.</summary>
internal sealed class ScriptedMedia(IActorRef observer) : ISessionMedia
{
    private volatile IActorRef? _child;

    /// <summary>The child that was commanded last.</summary>
    public IActorRef? Child => _child;

    public string RecordsFolder => Sample.Folder;

    public Props MediaOf(SessionId session) => Props.Create(() => new MediaChild(this, observer));

    /// <summary>The child is to tell its session this.</summary>
    internal sealed record Say(IMediaEvent Event);

    /// <summary>The child is to end unexpectedly.</summary>
    internal sealed record Crash;

    private sealed class MediaChild : ReceiveActor
    {
        public MediaChild(ScriptedMedia media, IActorRef observer)
        {
            Receive<IMediaCommand>(command =>
            {
                media._child = Self;
                observer.Tell(command, Self);
            });
            Receive<Say>(say => Context.Parent.Tell(say.Event));
            Receive<Crash>(_ => throw new InvalidOperationException("The media child was told to crash."));
        }
    }
}
