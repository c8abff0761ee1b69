using Recorder.Http.Edge;
using Recorder.Http.Library;
using Recorder.Worker.Files.Joining;

namespace Recorder.Http.Tests.Library;

/// <summary>Which plans of joined files are kept, and which wait for others.</summary>
public sealed class JoinedFilesTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_plan_is_made_once_however_large_and_while_somebody_asks_for_it()
    {
        var clock = new StandingClock();
        using var files = new JoinedFiles(clock);
        var made = 0;

        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(JoinedPlans.MostBytes + 1, (await GetAsync("large", JoinedPlans.MostBytes + 1)).Length);
            clock.Advance(JoinedPlans.Kept);
        }
        Assert.Equal(1, made);

        clock.Advance(TimeSpan.FromTicks(1));
        await GetAsync("large", 1);
        Assert.Equal(2, made);

        Task<JoinedFile> GetAsync(string tag, long bytes) =>
            files.GetAsync(
                tag,
                [""],
                _ =>
                {
                    made++;
                    return Task.FromResult(OfBytes(bytes));
                },
                CancellationToken.None
            );
    }

    [Fact]
    public void The_plans_that_were_used_last_are_kept_as_far_as_there_is_room()
    {
        var plans = new JoinedPlans(new StandingClock());
        var third = (JoinedPlans.MostBytes / 3) - 1000;
        foreach (var tag in new[] { "a", "b", "c" })
        {
            plans.Keep(tag, new JoinedPlan(OfBytes(third), null));
        }
        Assert.NotNull(plans.Find("a"));

        plans.Keep("d", new JoinedPlan(OfBytes(third), null));

        Assert.Null(plans.Find("b"));
        Assert.All(["a", "c", "d"], tag => Assert.NotNull(plans.Find(tag)));

        plans.Keep("e", new JoinedPlan(OfBytes(JoinedPlans.MostBytes), null));
        Assert.Equal(1, plans.Count);
    }

    [Fact]
    public async Task Why_records_cannot_be_joined_is_found_out_once()
    {
        using var files = new JoinedFiles(new StandingClock());
        var made = 0;

        for (var call = 0; call < 3; call++)
        {
            var error = await Assert.ThrowsAsync<NotJoinableException>(() =>
                files.GetAsync(
                    "tag",
                    [""],
                    _ =>
                    {
                        made++;
                        throw new NotJoinableException("Record 1-2 is no whole MP4.");
                    },
                    CancellationToken.None
                )
            );
            Assert.Equal("Record 1-2 is no whole MP4.", error.Message);
        }

        Assert.Equal(1, made);
    }

    [Fact]
    public async Task A_slow_node_holds_up_only_its_own_records_and_not_for_ever()
    {
        var clock = new StandingClock();
        using var files = new JoinedFiles(clock);
        var never = new TaskCompletionSource<JoinedFile>();
        var begun = 0;

        var first = GetAsync("first", "slow", () => never.Task);
        var second = GetAsync("second", "slow", () => never.Task);
        var other = await GetAsync("third", "quick", () => Task.FromResult(OfBytes(5))).WaitAsync(Wait);

        Assert.Equal(5, other.Length);
        Assert.Equal(2, begun);
        clock.Advance(JoinedFiles.Limit);
        foreach (var late in new[] { first, second })
        {
            var refused = await Assert.ThrowsAsync<RefusedException>(() => late.WaitAsync(Wait));
            Assert.Equal("unavailable", refused.Refusal.Code);
        }
        Assert.Equal(6, (await GetAsync("first", "slow", () => Task.FromResult(OfBytes(6))).WaitAsync(Wait)).Length);

        Task<JoinedFile> GetAsync(string tag, string node, Func<Task<JoinedFile>> plan) =>
            files.GetAsync(
                tag,
                [node],
                _ =>
                {
                    begun++;
                    return plan();
                },
                CancellationToken.None
            );
    }

    [Fact]
    public async Task Plans_of_the_same_nodes_in_another_order_never_wait_for_each_other()
    {
        using var files = new JoinedFiles(TimeProvider.System);
        var (running, most) = (0, 0);

        await Task.WhenAll(
                Enumerable
                    .Range(0, 200)
                    .Select(number =>
                        files.GetAsync(
                            $"{number}",
                            number % 2 == 0 ? ["a", "b", "a"] : ["b", "a"],
                            async _ =>
                            {
                                most = Math.Max(most, Interlocked.Increment(ref running));
                                await Task.Yield();
                                Interlocked.Decrement(ref running);
                                return OfBytes(1);
                            },
                            CancellationToken.None
                        )
                    )
            )
            .WaitAsync(Wait);

        Assert.Equal(1, most);
    }

    private static JoinedFile OfBytes(long count) =>
        new([new JoinedPiece(new byte[count], -1, 0, count)], TimeSpan.Zero);

    /// <summary>A clock, with its timers, that stands until it is moved.</summary>
    private sealed class StandingClock : TimeProvider
    {
        private readonly List<Timer> _timers = [];
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by)
        {
            _now += by.Ticks;
            foreach (var timer in _timers.ToList())
            {
                timer.Look(_now);
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(callback, state, _now + dueTime.Ticks);
            _timers.Add(timer);
            return timer;
        }

        private sealed class Timer(TimerCallback callback, object? state, long due) : ITimer
        {
            private bool _ended;

            public void Look(long now)
            {
                if (!_ended && now >= due)
                {
                    _ended = true;
                    callback(state);
                }
            }

            public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

            public void Dispose() => _ended = true;

            public ValueTask DisposeAsync()
            {
                _ended = true;
                return ValueTask.CompletedTask;
            }
        }
    }
}
