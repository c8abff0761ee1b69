using Recorder.Http.Feed;

namespace Recorder.Http.Tests.Feed;

/// <summary>How readers wait for the feed to grow.</summary>
public sealed class EventTailTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_bell_that_has_rung_leaves_no_timer_behind()
    {
        const int Rings = 20_000;
        var before = Timer.ActiveCount;
        for (var number = 0; number < Rings; number++)
        {
            var bell = new EventTail.Bell(number);
            var wait = bell.RungAsync(Limit, CancellationToken.None);
            bell.Ring();
            Assert.True(await wait);
        }

        // Other tests have timers of their own at the same time, but by far not so many.
        Assert.InRange(Timer.ActiveCount, 0, before + (Rings / 2));
    }

    [Fact]
    public async Task A_bell_that_does_not_ring_is_waited_for_no_longer_than_the_limit() =>
        Assert.False(await new EventTail.Bell(0).RungAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None));

    [Fact]
    public async Task A_reader_that_goes_away_ends_its_wait()
    {
        using var gone = new CancellationTokenSource();
        var wait = new EventTail.Bell(0).RungAsync(Limit, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }
}
