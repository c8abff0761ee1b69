using Recorder.Cluster.Farm;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>A farm one of whose hosts has a clock that is set wrong.</summary>
public sealed class SkewedClockTests : GrowingFarm
{
    [Theory]
    [InlineData(11)]
    [InlineData(-60)]
    public async Task A_session_goes_on_by_the_clock_of_the_database_on_a_host_whose_own_clock_is_wrong(int minutes)
    {
        var right = await JoinAsync(SeedPort, TimeSpan.Zero);
        var wrong = await JoinAsync(LoopbackPort.Free(), TimeSpan.FromMinutes(minutes));
        await CapacitiesAsync(wrong, 2);
        SessionId id;
        do
        {
            id = await wrong.RecordAsync();
        } while ((await wrong.SummaryAsync(id)).Node != right.Address);

        Ledger.NodeDies(right.Address);
        await right.KillAsync();
        var resumed = await wrong.SummaryAsync(
            id,
            "recorded on the host whose clock is wrong",
            summary => summary is { Running: true, Records: [_, { OpenedAt: not null }] } or { Running: false }
        );

        Assert.Equal((SessionPhase.Recording, 2), (resumed.Phase, resumed.Attempt));
        var gap = Assert.Single(resumed.Gaps);
        Assert.InRange(gap.To!.Value - gap.From, TimeSpan.FromMilliseconds(100), TestNode.FarmLimit);
        Assert.Empty(Ledger.Broken);
    }

    private Task<TestNode> JoinAsync(int port, TimeSpan ahead)
    {
        var host = new SkewedClock(ahead);
        var clock = new FarmClock(host);

        // As the database's answer at the start has it.
        clock.Hear(TimeProvider.System.GetUtcNow(), clock.GetTimestamp(), clock.GetTimestamp());
        return JoinAsync(
            port,
            options =>
            {
                options.Placement.ReportInterval = TimeSpan.FromSeconds(1);
                options.Placement.SilenceLimit = TimeSpan.FromSeconds(4);
            },
            new SimulatedMedia(Folder.Records) { Ledger = Ledger, Clock = host },
            clock: clock
        );
    }
}
