using Akka.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>A media side that does what the test says: commands go to the observer with the child as sender, the test
/// says the events.</summary>
internal sealed class ScriptedMedia(IActorRef observer, string recordsFolder = Sample.Folder) : ISessionMedia
{
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IActorRef? _child;

    /// <summary>The child that was commanded last.</summary>
    public IActorRef? Child => _child;

    /// <summary>While the gate is closed, a stopped child does not come to its end.</summary>
    public ManualResetEventSlim MayEnd { get; } = new(initialState: true);

    /// <summary>Done when the first child has been stopped, before it has come to its end.</summary>
    public Task Ending => _ending.Task;

    public string RecordsFolder => recordsFolder;

    public Props MediaOf(SessionId session, SessionSpec spec) => Props.Create(() => new MediaChild(this, observer));

    /// <summary>The child is to tell its session this.</summary>
    internal sealed record Say(IMediaEvent Event);

    /// <summary>The child is to end unexpectedly.</summary>
    internal sealed record Crash;

    private sealed class MediaChild : ReceiveActor
    {
        private readonly ScriptedMedia _media;

        public MediaChild(ScriptedMedia media, IActorRef observer)
        {
            _media = media;
            Receive<IMediaCommand>(command =>
            {
                media._child = Self;
                observer.Tell(command, Self);
            });
            Receive<Say>(say => Context.Parent.Tell(say.Event));
            Receive<Crash>(_ => throw new InvalidOperationException("The media child was told to crash."));
        }

        protected override void PostStop()
        {
            _media._ending.TrySetResult();
            Assert.True(
                _media.MayEnd.Wait(TimeSpan.FromSeconds(20)),
                "The test did not let the media child end within 20 seconds."
            );
        }
    }
}
