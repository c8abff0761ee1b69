using Akka.Actor;
using Akka.Persistence;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>The journal of a session stays short however long the session runs.</summary>
public sealed class SessionActorJournalTests : SessionActorTestKit
{
    [Fact]
    public async Task A_long_session_keeps_an_hour_of_events_and_recovers_from_its_snapshot()
    {
        var path = await RecordAsync();
        for (var count = 0; count < 1100; count++)
        {
            await GrowAsync(path, 100 + count);
        }

        var (kept, replayed) = await ReadAsync();
        Assert.InRange(kept, SessionActor.EventsKept, SessionActor.EventsKept + (2 * SessionActor.EventsPerSnapshot));
        Assert.InRange(replayed, 0, SessionActor.EventsPerSnapshot);

        await LoseNodeAsync(secondsAway: 3);
        Ask(Resume);
        var resumed = await Media.FishForMessageAsync<BeginRecording>(_ => true);
        Assert.Equal(2, resumed.Attempt);
        Ask(new GetSession(Sample.Id));
        var details = await Edge.FishForMessageAsync<SessionDetails>(_ => true);
        Assert.Equal(1199, details.Summary.Records[0].FramesCaptured);
        Assert.Equal(Sample.Spec, details.Summary.Spec);
    }

    [Fact]
    public async Task A_start_that_is_repeated_after_the_session_s_events_were_deleted_records_nothing()
    {
        await RecordAsync();
        await Session.GracefulStop(TimeSpan.FromSeconds(10), Kill.Instance);
        var probe = CreateTestProbe();
        ScriptedJournal.Of(Sys).Tell(new DeleteMessagesTo($"session-{Sample.Id}", long.MaxValue, probe));
        await probe.ExpectMsgAsync<DeleteMessagesSuccess>();

        await LoseNodeAsync();
        Ask(Start);

        var refused = await Edge.ExpectMsgAsync<StartFailed>();
        Assert.Equal(FaultCode.NoSuchSession, refused.Code);
        Assert.Contains("has ended long ago", refused.Message, StringComparison.Ordinal);
        await NothingForAsync(Media);
    }

    /// <summary>How many events the journal has of the session, and how many of them a recovery reads.</summary>
    private async Task<(int Kept, int Replayed)> ReadAsync()
    {
        var probe = CreateTestProbe();
        var all = await ReadAsync(probe, SnapshotSelectionCriteria.None);
        var fromSnapshot = await ReadAsync(probe, SnapshotSelectionCriteria.Latest);
        return (all, fromSnapshot);
    }

    private async Task<int> ReadAsync(Akka.TestKit.TestProbe probe, SnapshotSelectionCriteria from)
    {
        var reader = Sys.ActorOf(Props.Create(() => new Reader(new Recovery(from), probe)));
        probe.Watch(reader);
        var read = await probe.FishForMessageAsync<Read>(_ => true);
        await probe.FishForMessageAsync<Terminated>(_ => true);
        return read.Events;
    }

    private sealed record Read(int Events);

    /// <summary>Counts the events of the session, and stops.</summary>
    private sealed class Reader : ReceivePersistentActor
    {
        private int _events;

        public Reader(Recovery recovery, IActorRef asker)
        {
            Recovery = recovery;
            Recover<ISessionEvent>(_ => _events++);
            Recover<SnapshotOffer>(_ => { });
            Recover<RecoveryCompleted>(_ =>
            {
                asker.Tell(new Read(_events));
                Context.Stop(Self);
            });
        }

        public override string PersistenceId => $"session-{Sample.Id}";

        public override Recovery Recovery { get; }
    }
}
