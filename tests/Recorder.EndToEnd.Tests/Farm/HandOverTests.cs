using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>SIGTERM to a node of a farm that has room: its sessions are handed over, and nothing is missing.</summary>
public sealed class HandOverTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    [Fact]
    public async Task On_SIGTERM_the_next_record_begins_elsewhere_before_the_earlier_one_ends()
    {
        var farm = await StartFarmAsync(["recorder, edge", "recorder, edge"]);
        var edge = farm.Nodes[1];
        IReadOnlyList<StartedSession> started = [await edge.Api.StartAsync(Clock()), await edge.Api.StartAsync(Clock())];
        await RecordForAsync(4);
        var leaving = farm.Nodes[0];
        var moved = Assert.Single(await SessionsAsync(edge, started), session => session.Node == leaving.Name);
        var exitCode = await leaving.TerminateAsync(TimeSpan.FromSeconds(120));
        await leaving.SeeNoProcessAsync(TimeSpan.FromSeconds(10));
        await RecordForAsync(4);
        await edge.Api.StopAsync(moved.Id);
        var session = await edge.Api.SessionAsync(moved.Id);

        Assert.Equal(0, exitCode);
        Assert.Equal(2, session.Attempt);
        Assert.Empty(session.Gaps);
        Assert.Equal([true, true], session.Records.Select(record => record.Finished));
        var tracks = await ReadAsync(session);
        var all = ClockTrack.Together([.. tracks]);
        Tell($"{(tracks[0].Last - tracks[1].First).TotalSeconds:0.0} s are in both records, {all.Missing} of {all.Numbers.Count + all.Missing} pictures in neither");
        Assert.True(tracks[1].First <= tracks[0].Last, $"Nothing was recorded from {tracks[0].Last:O} to {tracks[1].First:O}.");
        Assert.InRange(all.Missing / (double)(all.Numbers.Count + all.Missing), 0, 0.1);
    }
}
