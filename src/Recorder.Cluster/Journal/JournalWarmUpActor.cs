using Akka.Actor;
using Akka.Persistence;

namespace Recorder.Cluster.Journal;

/// <summary>
/// Reads once from the journal and the snapshot store, some seconds after the node is <see cref="Up"/>, and stops.
/// The first use of a database takes time. On a node that takes over from a lost node, that time would lengthen every
/// gap. A node alone needs none of this: its placement reads the journal at once.
/// </summary>
internal sealed class JournalWarmUpActor : ReceiveActor, IWithTimers
{
    // After this delay, the node with the placement has made the tables of a new database.
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    public JournalWarmUpActor()
    {
        Receive<Up>(_ => Timers.StartSingleTimer(nameof(Due), new Due(), Delay));
        Receive<Due>(_ => Context.Watch(Context.ActorOf(Props.Create<Reader>(), "reader")));
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The node is a member of its farm.</summary>
    public sealed record Up
    {
        public static readonly Up Instance = new();
    }

    private sealed record Due;

    private sealed class Reader : ReceivePersistentActor
    {
        public Reader() => Recover<RecoveryCompleted>(_ => Context.Stop(Self));

        public override string PersistenceId => "warm-up";
    }
}
