using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Singleton;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Placement.Singleton;

/// <summary>The queue without a placement: the test plays the placement, and lets a turn come or not.</summary>
[Trait("ring", "actor")]
public sealed class TurnQueueTests : TestKit
{
    private const string Hocon = """
        akka.loglevel = WARNING
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.test.single-expect-default = 10 s
        """;

    private readonly TestProbe _asker;
    private readonly TurnQueue _turns;
    private int _lookUps;

    public TurnQueueTests()
        : base(Hocon)
    {
        _asker = CreateTestProbe("asker");
        _turns = new TurnQueue(TestActor, Sys.Scheduler, _ => $"answer {++_lookUps}");
    }

    [Fact]
    public async Task A_look_up_is_answered_when_its_turn_comes_and_not_again_when_it_would_be_overdue()
    {
        var turn = await AskAsync(new ListSessions());
        Assert.Equal(0, _lookUps);
        Assert.Null(_turns.Begin(turn));
        await _asker.ExpectMsgAsync("answer 1");
        Assert.True(turn.Answered);

        await NothingIsOverdueAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_look_up_whose_turn_does_not_come_is_answered_after_a_second_and_the_next_ones_at_once()
    {
        var turn = await AskAsync(new FindPressure());
        await OverdueAsync(TimeSpan.FromSeconds(1));
        await _asker.ExpectMsgAsync("answer 1");
        Assert.True(_turns.Hear(new ListSessions(), _asker));
        await _asker.ExpectMsgAsync("answer 2");

        // The turn comes after all. It is not answered again, and those after it wait for theirs.
        Assert.Null(_turns.Begin(turn));
        await AskAsync(new FindSession(new SessionId(1)));
        Assert.Equal(2, _lookUps);
    }

    [Fact]
    public async Task An_admission_whose_turn_comes_is_left_to_the_placement()
    {
        var ask = Farm.Ask();
        var turn = await AskAsync(ask);
        Assert.Same(ask, _turns.Begin(turn));
        Assert.False(turn.Answered);
        turn.Answer("decided");
        turn.Answer("decided again");
        await _asker.ExpectMsgAsync("decided");
        await NothingIsOverdueAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(null, 4)]
    [InlineData(10, 8)]
    public async Task An_admission_is_refused_before_its_asker_gives_up_and_decided_no_more(int? within, int patience)
    {
        var turn = await AskAsync(
            Farm.Ask() with
            {
                Within = within is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            }
        );
        await NothingIsOverdueAsync(TimeSpan.FromSeconds(patience - 1));
        await OverdueAsync(TimeSpan.FromSeconds(1));
        Assert.Contains(
            $"within {patience} s",
            (await _asker.ExpectMsgAsync<AdmissionRefused>()).Message,
            StringComparison.Ordinal
        );
        Assert.Null(_turns.Begin(turn));
    }

    [Fact]
    public async Task Turns_that_are_held_come_again_in_their_order_and_an_overdue_one_is_told_that_the_farm_starts()
    {
        var first = await AskAsync(Farm.Ask() with { Within = TimeSpan.FromSeconds(1) });
        var second = await AskAsync(Farm.Ask());
        _turns.Hold(first);
        _turns.Hold(second);
        await OverdueAsync(TimeSpan.FromSeconds(1));
        Assert.Contains(
            "starting",
            (await _asker.ExpectMsgAsync<AdmissionRefused>()).Message,
            StringComparison.Ordinal
        );

        _turns.ReleaseHeld();
        Assert.Same(first, (await ExpectMsgAsync<TurnQueue.TurnDue>()).Turn);
        Assert.Null(_turns.Begin(first));
        Assert.Same(second, (await ExpectMsgAsync<TurnQueue.TurnDue>()).Turn);
        Assert.NotNull(_turns.Begin(second));
        _turns.ReleaseHeld();
        await NothingIsOverdueAsync(TimeSpan.Zero);
    }

    [Fact]
    public void Other_messages_are_the_placements() =>
        Assert.False(_turns.Hear(new ReportCapacity(Farm.NodeA, 1, null), _asker));

    private async Task<TurnQueue.Turn> AskAsync(object question)
    {
        Assert.True(_turns.Hear(question, _asker));
        return (await ExpectMsgAsync<TurnQueue.TurnDue>()).Turn;
    }

    /// <summary>Time passes, and one turn is overdue at its end.</summary>
    private async Task OverdueAsync(TimeSpan time)
    {
        ((TestScheduler)Sys.Scheduler).Advance(time);
        Assert.True(_turns.Hear(await ExpectMsgAsync<TurnQueue.TurnOverdue>(), TestActor));
    }

    private async Task NothingIsOverdueAsync(TimeSpan time)
    {
        ((TestScheduler)Sys.Scheduler).Advance(time);
        var mark = new object();
        TestActor.Tell(mark);
        Assert.Same(mark, await ReceiveOneAsync());
    }
}
