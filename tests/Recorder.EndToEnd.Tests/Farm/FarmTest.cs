using System.Globalization;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>
/// A test with a farm of its own, which records the page that shows the time of day: what several hosts recorded of one
/// session can be held against each other, picture by picture.
/// </summary>
[Collection(RealNodes.Name)]
[Trait("ring", "media")]
[Trait("alone", "yes")]
public abstract class FarmTest(PagesFixture fixture, ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Pictures a second of the page: a record of 15 frames/s holds each of them three times, so one that is
    /// missing was not recorded.</summary>
    protected const int Pictures = 5;

    /// <summary>By how much a listed moment may differ from what the records show: fragments, pictures, a busy
    /// machine.</summary>
    private static readonly TimeSpan OffAtMost = TimeSpan.FromSeconds(2.5);

    private RecorderFarm? _farm;

    /// <summary>How long a node may be given up, a browser started and a frame written, on a busy machine with two
    /// cores.</summary>
    protected static TimeSpan ResumeLimit { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Every node with both roles.</summary>
    protected static IReadOnlyList<string> ThreeNodes { get; } = ["recorder, edge", "recorder, edge", "recorder, edge"];

    protected ReferencePageServer Pages => fixture.Pages;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_farm is null)
        {
            return;
        }
        output.WriteLine(_farm.LogTails());
        await _farm.DisposeAsync();
    }

    /// <summary>Makes the test's farm; its nodes are not started.</summary>
    internal async Task<RecorderFarm> PrepareFarmAsync(
        IReadOnlyList<string> roles,
        int sessions = 3,
        FarmNetwork? network = null,
        bool ways = false,
        Uri? store = null
    ) => _farm = await RecorderFarm.PrepareAsync(roles, sessions, network, ways, store);

    /// <summary>Starts the test's farm.</summary>
    internal async Task<RecorderFarm> StartFarmAsync(
        IReadOnlyList<string> roles,
        int sessions = 3,
        FarmNetwork? network = null,
        bool ways = false
    )
    {
        var made = await PrepareFarmAsync(roles, sessions, network, ways);
        await made.StartAsync();
        return made;
    }

    /// <summary>A start of the clock page, small: several browsers share two cores.</summary>
    internal StartRequest Clock(ReferencePageServer? pages = null) =>
        new((pages ?? Pages).Clock(Pictures))
        {
            Width = 320,
            Height = 180,
            Framerate = 15,
            Bitrate = 400,
        };

    /// <summary>Lets recordings run: their length is what the test chooses, no event ends it.</summary>
    protected static Task RecordForAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds));

    /// <summary>Tells a measured figure; it stands in the test's output.</summary>
    protected void Tell(FormattableString figure) => output.WriteLine(figure.ToString(CultureInfo.InvariantCulture));

    /// <summary>What each of the session's records shows, in their order; each of them must play.</summary>
    internal static async Task<IReadOnlyList<ClockTrack>> ReadAsync(SessionDetails session)
    {
        var tracks = new List<ClockTrack>();
        foreach (var record in session.Records)
        {
            await RecordFile.AssertPlayableAsync(record.Path);
            tracks.Add(
                ClockTrack.Of(
                    await new MediaAnalysis(record.Path).FrameNumbersAsync(),
                    Pictures,
                    record.OpenedAt!.Value
                )
            );
        }

        return tracks;
    }

    internal static async Task<IReadOnlyList<SessionDetails>> SessionsAsync(
        RecorderNode edge,
        IEnumerable<StartedSession> started
    )
    {
        var sessions = new List<SessionDetails>();
        foreach (var session in started)
        {
            sessions.Add(await edge.Api.SessionAsync(session.Id));
        }
        return sessions;
    }

    /// <summary>Starts one session after the other on an edge; each node gets as many as every other.</summary>
    internal static async Task<IReadOnlyList<StartedSession>> StartOnEachAsync(
        RecorderFarm on,
        RecorderNode edge,
        StartRequest request
    )
    {
        var started = new List<StartedSession>();
        foreach (var _ in on.Nodes)
        {
            started.Add(await edge.Api.StartAsync(request));
        }
        Assert.Equal(Enumerable.Range(1, on.Nodes.Count), started.Select(session => session.Id));
        var sessions = await SessionsAsync(edge, started);
        Assert.Equal(
            on.Nodes.Select(node => node.Name).Order(StringComparer.Ordinal),
            sessions.Select(session => session.Node).Order(StringComparer.Ordinal)
        );
        return started;
    }

    /// <summary>Waits until what a node recorded goes on elsewhere.</summary>
    /// <param name="edge">Whom to ask.</param>
    /// <param name="before">The sessions as they were on that node.</param>
    /// <param name="lost">When the node was lost.</param>
    /// <param name="within">How much later the first new frame may be; anything within <see cref="ResumeLimit"/> when
    /// it is not said.</param>
    internal async Task SeeResumedAsync(
        RecorderNode edge,
        IReadOnlyList<SessionDetails> before,
        DateTimeOffset lost,
        TimeSpan? within = null
    )
    {
        Assert.NotEmpty(before);
        foreach (var session in before)
        {
            var resumed = await edge.Api.SeeSessionInFarmAsync(
                session.Id,
                $"it records again after {session.Node} was lost",
                ResumeLimit,
                now => now.State == "recording" && now.Attempt == session.Attempt + 1 && now.Records[^1].OpenedAt > lost
            );
            Tell(
                $"session {session.Id}: {(resumed.Records[^1].OpenedAt - lost)!.Value.TotalSeconds:0.0} s from the loss of its node to the first new frame"
            );
            Assert.InRange(resumed.Records[^1].OpenedAt!.Value - lost, TimeSpan.Zero, within ?? ResumeLimit);
            Assert.NotEqual(session.Node, resumed.Node);
            Assert.Equal("node_lost", resumed.Gaps[^1].Code);
            Assert.Equal(resumed.Records[^1].OpenedAt, resumed.Gaps[^1].To);
        }
    }

    /// <summary>Waits until every record of running sessions but the growing one is finished.</summary>
    internal static async Task SeeRepairedAsync(RecorderNode edge, IEnumerable<StartedSession> started)
    {
        foreach (var session in started)
        {
            await edge.Api.SeeSessionInFarmAsync(
                session.Id,
                "every record but the growing one is finished",
                ResumeLimit,
                now =>
                    now.State == "recording" && now.Records.Take(now.Records.Count - 1).All(record => record.Finished)
            );
        }
    }

    /// <summary>
    /// Stops the sessions, and compares their records with the answers. Each attempt has one record, and all records
    /// play. Two records show the same for <paramref name="twice"/> at most. The time between two records is listed as
    /// a gap.
    /// </summary>
    internal async Task StopAndAssertWholeAsync(
        RecorderNode edge,
        IReadOnlyList<StartedSession> started,
        TimeSpan twice
    )
    {
        foreach (var session in started)
        {
            await edge.Api.StopAsync(session.Id);
        }
        foreach (var session in await SessionsAsync(edge, started))
        {
            Assert.Equal("stopped", session.State);
            Assert.All(session.Records, record => Assert.True(record.Finished, $"{record.Path} is not finished."));
            Assert.Equal(session.Attempt, session.Records.Count);
            Assert.Equal(session.Records.Count - 1, session.Gaps.Count);
            var tracks = await ReadAsync(session);
            for (var index = 0; index < session.Gaps.Count; index++)
            {
                var (gap, between) = (session.Gaps[index], tracks[index + 1].First - tracks[index].Last);
                Tell(
                    $"session {session.Id}: gap of {(gap.To - gap.From)!.Value.TotalSeconds:0.0} s listed, {between.TotalSeconds:0.0} s in the records"
                );
                Assert.True(-between <= twice, $"Session {session.Id} was recorded twice for {-between}.");
                Assert.InRange(gap.From, tracks[index].Last - OffAtMost, tracks[index].Last + OffAtMost);
                Assert.InRange(gap.To!.Value, tracks[index + 1].First - OffAtMost, tracks[index + 1].First + OffAtMost);
            }

            Assert.All(
                tracks,
                track => Assert.InRange(track.Missing / (double)(track.Numbers.Count + track.Missing), 0, 0.2)
            );
        }
    }

    /// <summary>A stopped session that was handed over, once unless said otherwise: a record for each attempt, nothing
    /// listed as missing, and what a record shows last is in the next one too.</summary>
    internal async Task AssertHandedOverAsync(SessionDetails session, int attempts = 2)
    {
        Assert.Equal(attempts, session.Attempt);
        Assert.Empty(session.Gaps);
        Assert.Empty(session.Faults);
        var tracks = await ReadAsync(session);
        Assert.Equal(attempts, tracks.Count);
        var shown = ClockTrack.Together([.. tracks]).Numbers.ToHashSet();
        for (var index = 1; index < tracks.Count; index++)
        {
            AssertOverlap(tracks[index - 1], tracks[index], shown);
        }

        foreach (var record in session.Records)
        {
            Assert.Equal(
                record.Attempt,
                (await RecordFile.AssertManifestAsync(record.Path)).GetProperty("attempt").GetInt32()
            );
        }

        // A busy machine may lose a picture while two browsers record; nothing may be lost by the hand-over itself.
        Assert.All(
            tracks,
            track => Assert.InRange(track.Missing / (double)(track.Numbers.Count + track.Missing), 0, 0.2)
        );
    }

    private void AssertOverlap(ClockTrack earlier, ClockTrack later, HashSet<long> shown)
    {
        Tell(
            $"{(earlier.Last - later.First).TotalSeconds:0.0} s are in both records, missing in them are {earlier.Missing} and {later.Missing} pictures"
        );
        Assert.True(
            later.First <= earlier.Last,
            $"The next record begins {later.First - earlier.Last} after the end of the one before: pictures are missing between them."
        );

        // What both of them cover is whole; a second to each side of it a busy machine may cost a single record one
        // picture.
        var (end, begin) = (earlier.Numbers[^1], later.Numbers[0]);
        var (from, to) = (Math.Min(begin, end - Pictures), Math.Max(end, begin + Pictures));
        var missing = Enumerable
            .Range(0, (int)(to - from) + 1)
            .Select(offset => from + offset)
            .Where(number => !shown.Contains(number))
            .ToList();
        Assert.DoesNotContain(missing, number => number >= begin && number <= end);
        Assert.InRange(missing.Count, 0, 1);
    }
}
