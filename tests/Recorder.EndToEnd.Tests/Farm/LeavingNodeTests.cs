using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>SIGTERM to a node of a farm that has room.</summary>
public sealed class LeavingNodeTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    [Fact]
    public async Task On_SIGTERM_a_node_hands_its_sessions_over_without_a_missing_picture()
    {
        var farm = await StartFarmAsync(["recorder, edge", "recorder, edge"]);
        var (leaving, edge) = (farm.Nodes[0], farm.Nodes[1]);
        var started = await StartOnEachAsync(farm, edge, Clock());
        await RecordForAsync(4);
        var moved = Assert.Single(await SessionsAsync(edge, started), session => session.Node == leaving.Name);
        var asked = TimeProvider.System.GetUtcNow();
        var exitCode = await leaving.TerminateAsync(TimeSpan.FromSeconds(120));
        await leaving.SeeNoProcessAsync(TimeSpan.FromSeconds(10));
        var resumed = await edge.Api.SeeSessionInFarmAsync(
            moved.Id, "it records elsewhere", ResumeLimit,
            now => now.State == "recording" && now.Node == edge.Name && now.Records is [{ Finished: true, Repaired: false }, { OpenedAt: not null }]);
        Tell($"{(resumed.Records[1].OpenedAt - asked)!.Value.TotalSeconds:0.0} s from SIGTERM to the first new frame");
        await RecordForAsync(4);

        Assert.Equal(0, exitCode);
        Assert.Equal(2, resumed.Attempt);
        foreach (var session in started)
            await edge.Api.StopAsync(session.Id);
        var whole = await edge.Api.SessionAsync(moved.Id);
        Assert.Empty(whole.Gaps);
        Assert.Empty(whole.Faults);
        var tracks = await ReadAsync(whole);
        Assert.Equal(2, tracks.Count);
        Tell($"{(tracks[0].Last - tracks[1].First).TotalSeconds:0.0} s are in both records, missing in them are {string.Join(" and ", tracks.Select(track => track.Missing))} pictures");
        Assert.True(
            tracks[1].First <= tracks[0].Last, $"The second record begins {tracks[1].First - tracks[0].Last} after the end of the first: pictures are missing between them.");

        // Around the seam every picture is in one of the two.
        var (end, begin) = (tracks[0].Numbers[^1], tracks[1].Numbers[0]);
        var (from, to) = (Math.Min(begin, end - Pictures), Math.Max(end, begin + Pictures));
        var shown = ClockTrack.Together([.. tracks]).Numbers.ToHashSet();
        Assert.All(Enumerable.Range(0, (int)(to - from) + 1), offset => Assert.Contains(from + offset, shown));

        // A busy machine may lose a picture while two browsers record; nothing may be lost by the hand-over itself.
        Assert.All(tracks, track => Assert.InRange(track.Missing / (double)(track.Numbers.Count + track.Missing), 0, 0.2));
    }
}
