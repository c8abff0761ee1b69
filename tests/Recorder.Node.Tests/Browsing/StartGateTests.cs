using Recorder.Node.Browsing;

namespace Recorder.Node.Tests.Browsing;

public sealed class StartGateTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Those_that_wait_get_their_turns_in_the_order_they_came()
    {
        var gate = new StartGate(2);
        var first = await gate.EnterAsync(CancellationToken.None);
        await gate.EnterAsync(CancellationToken.None);
        var third = gate.EnterAsync(CancellationToken.None);
        var fourth = gate.EnterAsync(CancellationToken.None);
        Assert.False(third.IsCompleted || fourth.IsCompleted);

        first.Dispose();
        (await third.WaitAsync(Limit)).Dispose();
        await fourth.WaitAsync(Limit);
    }

    [Fact]
    public async Task A_turn_that_is_ended_twice_lets_one_in()
    {
        var gate = new StartGate(1);
        var turn = await gate.EnterAsync(CancellationToken.None);
        var next = gate.EnterAsync(CancellationToken.None);
        var last = gate.EnterAsync(CancellationToken.None);
        turn.Dispose();
        turn.Dispose();
        await next.WaitAsync(Limit);
        Assert.False(last.IsCompleted);
    }

    [Fact]
    public async Task One_that_gives_up_takes_no_turn()
    {
        var gate = new StartGate(1);
        var turn = await gate.EnterAsync(CancellationToken.None);
        using var ended = new CancellationTokenSource();
        var given = gate.EnterAsync(ended.Token);
        var last = gate.EnterAsync(CancellationToken.None);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.WaitAsync(Limit));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gate.EnterAsync(ended.Token));
        turn.Dispose();
        await last.WaitAsync(Limit);
    }

    [Fact]
    public async Task Of_many_at_once_no_more_are_in_than_places()
    {
        var gate = new StartGate(3);
        var inside = 0;
        var most = 0;
        await Task.WhenAll(
                Enumerable
                    .Range(0, 200)
                    .Select(_ =>
                        Task.Run(async () =>
                        {
                            using var turn = await gate.EnterAsync(CancellationToken.None);
                            var now = Interlocked.Increment(ref inside);
                            InterlockedMax(now);
                            await Task.Yield();
                            Interlocked.Decrement(ref inside);
                        })
                    )
            )
            .WaitAsync(Limit);
        Assert.InRange(most, 1, 3);

        void InterlockedMax(int value)
        {
            int seen;
            while (
                value > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, value, seen) != seen
            ) { }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    public void It_has_as_many_places_as_configured(int configured, int expected)
    {
        var gate = StartGate.Of(configured);
        for (var place = 0; place < expected; place++)
        {
            Assert.True(gate.EnterAsync(CancellationToken.None).IsCompleted);
        }
        Assert.False(gate.EnterAsync(CancellationToken.None).IsCompleted);
    }
}
