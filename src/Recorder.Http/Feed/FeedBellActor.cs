using Akka.Actor;
using Recorder.Cluster.Events;

namespace Recorder.Http.Feed;

/// <summary>Rings for the readers of this edge when the node hears that the feed has grown; and every two seconds,
/// since such a message may be lost.</summary>
internal sealed class FeedBellActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public FeedBellActor(EventTail tail)
    {
        Receive<FeedGrew>(_ => tail.Ring());
        Receive<Due>(_ => tail.Ring());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FeedGrew));
        Timers.StartPeriodicTimer(nameof(Due), new Due(), Interval);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private sealed record Due;
}
