using Akka.Persistence;

namespace Recorder.Cluster.Journal;

/// <summary>
/// Reads once from the journal and the snapshot store and stops. The first use of a database takes its time, and on a node that
/// takes over from a lost one that time would be a part of every gap.
/// </summary>
internal sealed class JournalWarmUp : ReceivePersistentActor
{
    public JournalWarmUp() => Recover<RecoveryCompleted>(_ => Context.Stop(Self));

    public override string PersistenceId => "warm-up";
}
