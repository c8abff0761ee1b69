using Akka.Actor;

namespace Recorder.Cluster.Events;

/// <summary>Hears from the node that fills the read model when the feed grows, and publishes <see cref="FeedGrew"/> on
/// the event stream of its own node. A message that is lost is made up for by the next one, or by a reader's look at
/// the database.</summary>
internal sealed class FeedWatchActor : ReceiveActor, IWithTimers
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "feed-watch";

    /// <summary>How often the actor repeats its wish. Whoever fills the read model next does not know of it.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private long _last;

    public FeedWatchActor(IActorRef readModel)
    {
        Receive<Due>(_ => readModel.Tell(new WatchFeed()));
        Receive<FeedGrew>(grew =>
        {
            if (grew.Last > _last)
            {
                _last = grew.Last;
                Context.System.EventStream.Publish(grew);
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        Timers.StartPeriodicTimer(nameof(Due), new Due(), TimeSpan.Zero, Interval);

    private sealed record Due;
}
