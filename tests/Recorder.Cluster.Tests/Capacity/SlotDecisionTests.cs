using Recorder.Cluster.Capacity;

namespace Recorder.Cluster.Tests.Capacity;

public sealed class SlotDecisionTests
{
    private const string Header = "cpu,threads,memory_gb,recordings,cpu_percent,memory_percent,distinct_frames\n";

    private static readonly CapacityOptions Options = new();

    /// <summary>Big holds 4 on 8 threads (0.5 each); Wide 12 on 16 (0.75 each), since with 14 it was above 90
    /// %.</summary>
    private static readonly CpuTable Table = CpuTable.Parse(
        "t.csv",
        Header
            + """
            Big @ 4.00GHz,8,8,0,0,1,
            Big @ 4.00GHz,8,8,1,141,5,
            Big @ 4.00GHz,8,8,4,639,19,
            Wide @ 3.60GHz,16,32,12,1030,24,
            Wide @ 3.60GHz,16,32,14,1468,28,
            """
    );

    [Theory]
    [InlineData("Big @ 4.00GHz", 4)]
    [InlineData("Wide @ 3.60GHz", 12)]
    public void A_row_holds_as_many_as_stay_below_the_limit(string cpu, int held) =>
        Assert.Equal(held, Table.Rows.Single(row => row.Cpu == cpu).Held(Options));

    [Theory]
    [InlineData(180, 50, null, true)]
    [InlineData(181, 50, null, false)]
    [InlineData(180, 91, null, false)]
    [InlineData(180, 50, 0.9, true)]
    [InlineData(180, 50, 0.89, false)]
    public void A_measurement_is_held_within_processors_memory_and_distinct_frames(
        double cpu,
        double memory,
        double? distinct,
        bool held
    ) => Assert.Equal(held, new CpuMeasurement(1, cpu, memory, distinct).IsHeld(threads: 2, Options));

    [Fact]
    public void What_is_held_ends_at_the_first_measurement_that_is_not() =>
        Assert.Equal(
            1,
            CpuTable
                .Parse("t.csv", Header + "A,2,8,1,100,5,0.99\nA,2,8,2,150,9,0.7\nA,2,8,3,170,14,0.95\n")
                .Rows[0]
                .Held(Options)
        );

    [Theory]
    // The name of the processor is in the table.
    [InlineData("Intel(R) Core(TM) Big @ 4.00GHz", 8, 8.0, 8_000, 4)]
    [InlineData("12th Gen Wide @ 3.60GHz", 16, 16.0, 32_000, 12)]
    // Fewer threads than were measured: a cgroup, a cpuset.
    [InlineData("Big @ 4.00GHz", 8, 4.0, 8_000, 2)]
    [InlineData("Big @ 4.00GHz", 8, 2.5, 8_000, 1)]
    // More than were measured are not counted on.
    [InlineData("Big @ 4.00GHz", 16, 16.0, 32_000, 4)]
    // Not in the table: half a session a thread, as Big.
    [InlineData("Other", 2, 2.0, 8_000, 1)]
    [InlineData("Other", 3, 3.0, 8_000, 1)]
    [InlineData("Other", 64, 64.0, 64_000, 32)]
    [InlineData("Other", 64, 6.5, 64_000, 3)]
    [InlineData("Other", 1, 1.0, 8_000, 1)]
    // Memory: Big took at most 4.5 % of 8 GB, 360 MB, for each.
    [InlineData("Other", 64, 64.0, 4_000, 10)]
    [InlineData("Big @ 4.00GHz", 8, 8.0, 900, 2)]
    [InlineData("Big @ 4.00GHz", 8, 8.0, 200, 1)]
    public void Slots_follow_from_processor_threads_and_memory(
        string cpu,
        int hostThreads,
        double threads,
        long memory,
        int slots
    ) => Assert.Equal(slots, Decide(new HostFacts(cpu, hostThreads, threads, memory)).Count);

    [Fact]
    public void Configuration_comes_before_every_table() =>
        Assert.Equal(
            new NodeSlots(7, "Configured by Placement:Sessions."),
            SlotDecision.Decide(7, CpuTable.Empty, CpuTable.Empty, new HostFacts("Other", 2, 2, 8_000), Options)
        );

    [Theory]
    [InlineData(2, 3)]
    // With half the threads half of it, and no more with more.
    [InlineData(1, 1)]
    [InlineData(4, 3)]
    public void A_row_of_this_host_comes_before_the_table(double threads, int slots)
    {
        var measured = CpuTable.Parse(
            "own.csv",
            Header + "Big @ 4.00GHz,2,8,1,50,5,1\nBig @ 4.00GHz,2,8,3,150,20,0.95\n"
        );

        var found = SlotDecision.Decide(0, measured, Table, new HostFacts("Big @ 4.00GHz", 8, threads, 8_000), Options);

        Assert.Equal(slots, found.Count);
        Assert.StartsWith(
            "Measured on this host by recorder calibrate: Big @ 4.00GHz held 3 with 75 % of its 2 threads",
            found.Found,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_row_with_the_nearest_threads_is_this_hosts()
    {
        var measured = CpuTable.Parse("own.csv", Header + "A,2,8,1,50,5,1\nA,8,8,6,500,20,0.95\n");

        Assert.Equal(6, SlotDecision.Decide(0, measured, Table, new HostFacts("A", 8, 8, 8_000), Options).Count);
        Assert.Equal(1, SlotDecision.Decide(0, measured, Table, new HostFacts("A", 8, 2, 8_000), Options).Count);
    }

    [Fact]
    public void A_measured_row_of_another_processor_says_nothing_of_this_one() =>
        Assert.StartsWith(
            "The CPU table does not have",
            SlotDecision
                .Decide(
                    0,
                    CpuTable.Parse("own.csv", Header + "AMD,2,8,9,50,5,1\n"),
                    Table,
                    new HostFacts("AMD EPYC", 2, 2, 8_000),
                    Options
                )
                .Found,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_road_is_told_in_words()
    {
        Assert.Equal(
            "The CPU table has this processor: Big @ 4.00GHz held 4 with 80 % of its 8 threads and 19 % of its memory. This node may use 1.5 of 8 threads. "
                + "That is less than one whole session, and it takes one.",
            Decide(new HostFacts("Big @ 4.00GHz", 8, 1.5, 8_000)).Found
        );
        Assert.Equal(
            "The CPU table does not have this processor (Other), so its most careful row counts, scaled by threads: Big @ 4.00GHz held 4 with 80 % of its 8 threads "
                + "and 19 % of its memory. recorder calibrate measures this host. This node may use 64 of 64 threads. Its memory of 4000 MB holds no more than 10, at 360 MB each.",
            Decide(new HostFacts("Other", 64, 64, 4_000)).Found
        );
    }

    [Fact]
    public void A_host_that_did_not_hold_one_takes_one_and_says_so()
    {
        var measured = CpuTable.Parse("own.csv", Header + "A,2,8,0,5,5,\nA,2,8,1,199,20,0.6\n");

        Assert.Equal(
            new NodeSlots(
                1,
                "Measured on this host by recorder calibrate: A with 2 threads did not hold one recording. That is less than one whole session, and it takes one."
            ),
            SlotDecision.Decide(0, measured, Table, new HostFacts("A", 2, 2, 8_000), Options)
        );
    }

    [Fact]
    public void An_empty_table_gives_one_slot() =>
        Assert.Equal(
            1,
            SlotDecision.Decide(0, CpuTable.Empty, CpuTable.Empty, new HostFacts("A", 2, 2, 8_000), Options).Count
        );

    private static NodeSlots Decide(HostFacts host) => SlotDecision.Decide(0, CpuTable.Empty, Table, host, Options);
}
