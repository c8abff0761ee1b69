using Akka.Actor;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Singleton;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Placement.Singleton;

/// <summary>The box without a placement.</summary>
[Trait("ring", "actor")]
public sealed class ReportBoxTests : TestKit
{
    private readonly ReportBox _box;

    public ReportBoxTests()
        : base("akka.loggers = []\nakka.test.single-expect-default = 10 s")
    {
        _box = new ReportBox(TestActor);
    }

    [Fact]
    public async Task However_often_reports_are_repeated_the_newest_of_each_is_kept_and_told_of_once()
    {
        for (var time = 0; time < 1_000; time++)
        {
            for (var id = 1; id <= 5; id++)
            {
                Assert.True(
                    _box.Hear(new ReportSession(Farm.Summary(id, SessionPhase.Recording), time), ActorRefs.Nobody)
                );
                Assert.True(_box.Hear(new ReportCapacity($"{id}", time, null), ActorRefs.Nobody));
            }
        }

        // A late report of an earlier state takes nothing away.
        _box.Hear(new ReportSession(Farm.Summary(3, SessionPhase.Starting), 1), ActorRefs.Nobody);
        Assert.Equal(10, _box.Count);
        await ExpectMsgAsync<ReportBox.ReportsDue>();
        await NothingAsync();
        Assert.All(_box.TakeNodes(), report => Assert.Equal(999, report.Slots));
        Assert.Equal([999L, 999L], _box.TakeSessions(2).Select(one => one.Report.Version));
        _box.TellOfRest();
        _box.TellOfRest();
        await ExpectMsgAsync<ReportBox.ReportsDue>();
        await NothingAsync();
        Assert.Equal([3, 4, 5], _box.TakeSessions(9).Select(one => one.Report.Summary.Id.Value).Order());
        Assert.Equal(0, _box.Count);
    }

    [Fact]
    public void Other_messages_are_the_placements() =>
        Assert.False(_box.Hear(new FindSession(new SessionId(1)), ActorRefs.Nobody));

    private async Task NothingAsync()
    {
        var mark = new object();
        TestActor.Tell(mark);
        Assert.Same(mark, await ReceiveOneAsync());
    }
}
