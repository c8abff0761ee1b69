using Recorder.Cluster.Capacity;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Tests.Capacity;

public sealed class LoadGateTests
{
    private static readonly CapacityOptions Options = new()
    {
        CpuWindow = TimeSpan.FromSeconds(10),
        CpuClosedAbove = 95,
        CpuOpenBelow = 85,
        MemoryLowWater = ByteSize.FromMegabytes(1000),
    };

    [Theory]
    [InlineData(false, 94, false)]
    [InlineData(false, 95, false)]
    [InlineData(false, 96, true)]
    [InlineData(true, 96, true)]
    [InlineData(true, 90, true)]
    [InlineData(true, 85, true)]
    [InlineData(true, 84, false)]
    public void Processors_close_above_one_mark_and_open_below_another(bool closed, double percent, bool closes) =>
        Assert.Equal(closes, new LoadGate(closed, false).Next(Window(10, percent), 5_000, Options).Cpu);

    [Fact]
    public void A_window_that_is_not_full_closes_nothing() =>
        Assert.False(LoadGate.Open.Next(Window(9, 100), 5_000, Options).Cpu);

    [Fact]
    public void A_mark_of_a_hundred_never_closes() =>
        Assert.False(
            LoadGate
                .Open.Next(
                    Window(10, 100),
                    5_000,
                    new CapacityOptions { CpuWindow = TimeSpan.FromSeconds(10), CpuClosedAbove = 100 }
                )
                .Cpu
        );

    [Theory]
    [InlineData(false, 1_000L, false)]
    [InlineData(false, 999L, true)]
    [InlineData(true, 1_249L, true)]
    [InlineData(true, 1_250L, false)]
    [InlineData(true, null, false)]
    public void Memory_closes_at_the_mark_and_opens_a_quarter_above_it(bool closed, long? available, bool closes) =>
        Assert.Equal(closes, new LoadGate(false, closed).Next(Window(10, 50), available, Options).Memory);

    [Fact]
    public void A_load_that_swings_between_the_marks_never_changes_the_gate()
    {
        double[] swinging = [86, 94, 87, 95, 85, 93];

        Assert.All(swinging, percent => Assert.False(LoadGate.Open.Next(Window(10, percent), 5_000, Options).Cpu));
        Assert.All(
            swinging,
            percent => Assert.True(new LoadGate(true, false).Next(Window(10, percent), 5_000, Options).Cpu)
        );
    }

    [Theory]
    [InlineData(false, false, null)]
    [InlineData(true, false, "Its processors were 97 % busy over the last 10 s; it takes sessions again below 85 %.")]
    [InlineData(false, true, "It has 900 MB of memory available; it takes sessions again from 1250 MB.")]
    [InlineData(
        true,
        true,
        "Its processors were 97 % busy over the last 10 s; it takes sessions again below 85 %. It has 900 MB of memory available; it takes sessions again from 1250 MB."
    )]
    public void The_reason_has_the_figures(bool cpu, bool memory, string? reason) =>
        Assert.Equal(reason, new LoadGate(cpu, memory).WhyClosed(new NodeLoad(97.4, 900, null), Options));

    [Fact]
    public void Nothing_is_known_before_the_second_sample()
    {
        Assert.Null(CpuWindow.Empty.Percent);
        Assert.Null(CpuWindow.Empty.Add(Sample(0, 0), Options.CpuWindow).Percent);
        Assert.Equal(
            50,
            CpuWindow.Empty.Add(Sample(0, 0), Options.CpuWindow).Add(Sample(2, 2), Options.CpuWindow).Percent
        );
    }

    [Fact]
    public void The_window_forgets_what_is_older_than_itself()
    {
        // Two processors: idle for 10 s, then both busy.
        var window = Enumerable
            .Range(0, 21)
            .Aggregate(
                CpuWindow.Empty,
                (sum, second) => sum.Add(Sample(second, 2 * Math.Max(0, second - 10)), Options.CpuWindow)
            );

        Assert.Equal(100, window.Percent);
        Assert.True(window.IsFull(Options.CpuWindow));
        Assert.Equal(11, window.Samples.Count);
    }

    [Theory]
    // A quota of half a processor on an idle host.
    [InlineData(0.5, 0.5, 100)]
    [InlineData(0.5, 0.35, 70)]
    // What the group has left does not help when the host is full.
    [InlineData(2.0, 0.1, 60)]
    public void A_quota_counts_where_it_is_fuller_than_the_host(double quota, double usedEachSecond, double percent)
    {
        CpuSample At(double second) =>
            Sample(second, 1.2 * second) with
            {
                Quota = quota,
                Used = TimeSpan.FromSeconds(usedEachSecond * second),
            };

        Assert.Equal(
            percent,
            CpuWindow.Empty.Add(At(0), Options.CpuWindow).Add(At(5), Options.CpuWindow).Percent!.Value,
            6
        );
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false, ClosedReason.Cpu)]
    [InlineData(false, true, ClosedReason.Memory)]
    [InlineData(true, true, ClosedReason.Cpu, ClosedReason.Memory)]
    public void A_gate_names_what_closes_it(bool cpu, bool memory, params ClosedReason[] reasons) =>
        Assert.Equal(reasons, new LoadGate(cpu, memory).ClosedBy.Order());

    private static CpuWindow Window(double seconds, double percent) =>
        CpuWindow
            .Empty.Add(Sample(0, 0), Options.CpuWindow)
            .Add(Sample(seconds, 2 * seconds * percent / 100), Options.CpuWindow);

    /// <summary>A sample of a host of two processors.</summary>
    private static CpuSample Sample(double at, double busy) =>
        new(TimeSpan.FromSeconds(at), TimeSpan.FromSeconds(busy), TimeSpan.FromSeconds(2 * at), null, TimeSpan.Zero);
}
