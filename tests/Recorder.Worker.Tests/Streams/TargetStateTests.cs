using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Tests.Streams;

/// <summary>How a target is retried, step by step.</summary>
public sealed class TargetStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void The_waits_grow_up_to_the_cap_of_a_short_absence_and_after_a_minute_up_to_that_of_a_long_one()
    {
        var state = TargetState.Starting(Start);
        var waits = new List<double>();
        foreach (var second in new[] { 0, 1, 2, 5, 59, 60, 90 })
        {
            (state, var wait) = state.Lost("It refused.", At(second), chance: 0);
            state = state.TriedAgain();
            waits.Add(wait.TotalSeconds);
        }

        Assert.Equal([0.5, 1, 2, 2.5, 2.5, 15, 15], waits);
        Assert.Equal(
            (WorkerOutputState.Retrying, Start, "It refused.", 7),
            (state.State, state.Since, state.Reason, state.Retries)
        );
    }

    [Theory]
    [InlineData(0.0, 0.5)]
    [InlineData(0.5, 0.45)]
    [InlineData(1.0, 0.4)]
    public void Chance_only_shortens_a_wait(double chance, double seconds) =>
        Assert.Equal(seconds, TargetState.Starting(Start).Lost("", Start, chance).Delay.TotalSeconds, 6);

    [Fact]
    public void A_target_that_took_the_stream_for_a_while_is_tried_as_if_for_the_first_time_when_it_goes()
    {
        var state = Failed(times: 5).Accepted(At(10));
        Assert.Equal((WorkerOutputState.Active, At(10), null), (state.State, state.Since, state.Reason));
        (state, var wait) = state.Lost("It went away.", At(100), chance: 0);
        Assert.Equal((0.5, At(100)), (wait.TotalSeconds, state.Since));
        Assert.Equal(2.5, Failed(state, times: 5, from: 101).Lost("", At(159), chance: 0).Delay.TotalSeconds);
    }

    [Fact]
    public void A_target_that_takes_the_stream_and_drops_it_at_once_is_tried_ever_more_slowly()
    {
        var state = TargetState.Starting(Start);
        TimeSpan wait = default;
        for (var second = 0; second < 120; second += 2)
        {
            (state, wait) = state.Accepted(At(second)).Lost("It went away.", At(second + 1), chance: 0);
        }
        Assert.Equal(15, wait.TotalSeconds);
    }

    [Fact]
    public void A_closed_target_is_finished_and_one_that_cannot_work_stays_failed()
    {
        Assert.Equal(WorkerOutputState.Finished, Failed(times: 2).Closed(At(9)).State);
        Assert.Null(Failed(times: 2).Closed(At(9)).Reason);
        var failed = TargetState.Starting(Start).Failed("An element is missing.", At(1));
        Assert.Equal(failed, failed.Closed(At(2)));
    }

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    private static TargetState Failed(int times) => Failed(TargetState.Starting(Start), times, 0);

    private static TargetState Failed(TargetState state, int times, double from)
    {
        for (var i = 0; i < times; i++)
        {
            state = state.Lost("It refused.", At(from + i), chance: 0).Next;
        }
        return state;
    }
}
