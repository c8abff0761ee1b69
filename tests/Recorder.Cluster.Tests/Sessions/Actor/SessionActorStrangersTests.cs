using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.TestKit;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>A session whose farm does not know it, as after the restore of an older copy of the database.</summary>
public sealed class SessionActorStrangersTests : SessionActorTestKit
{
    [Fact]
    public async Task A_session_that_the_farm_does_not_know_is_finalised_and_repeats_no_report()
    {
        var path = await RecordAsync();
        Placement.SetAutoPilot(
            new DelegateAutoPilot(
                (sender, message) =>
                {
                    if (message is ReportSession report)
                    {
                        sender.Tell(new SessionUnknown(report.Summary.Id));
                    }
                    return AutoPilot.KeepRunning;
                }
            )
        );
        await Edge.WatchAsync(Session);
        Session.Tell(Resume);

        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        var summary = await ReportAsync(SessionPhase.Failed);
        Assert.True(Assert.Single(summary.Records).Finished);
        Assert.Equal(FaultCode.NoSuchSession, summary.Faults[^1].Code);
        await Edge.ExpectTerminatedAsync(Session);
        await DrainAsync(Placement);
        AdvanceTimers(TimeSpan.FromMinutes(1));
        await NothingForAsync(Placement);
    }

    [Fact]
    public async Task An_incarnation_that_only_answers_questions_does_not_stay_in_memory_and_a_session_that_records_does()
    {
        await RecordAsync();
        AdvanceTimers(TimeSpan.FromMinutes(5));
        await HeardAllAsync();
        await NothingForAsync(Shard);

        await LoseNodeAsync();
        Ask(new GetSession(Sample.Id));
        await Edge.ExpectMsgAsync<SessionDetails>();
        await Edge.WatchAsync(Session);
        AdvanceTimers(TimeSpan.FromMinutes(5));
        Session.Tell((await Shard.ExpectMsgAsync<Passivate>()).StopMessage);
        await Edge.ExpectTerminatedAsync(Session);
    }
}
