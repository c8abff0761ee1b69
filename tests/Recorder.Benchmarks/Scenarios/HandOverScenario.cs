using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>One session that was handed over.</summary>
/// <param name="Leave">Which SIGTERM, from 1.</param>
/// <param name="Oldest">Whether the node was the oldest.</param>
/// <param name="Session">The session's id.</param>
/// <param name="MissingFrames">Pictures of the page, 5 a second, that neither of its last two records shows between the
/// first and the last of both.</param>
/// <param name="BothSeconds">For how long both records show the page; below 0: neither does.</param>
/// <param name="LeaveSeconds">From SIGTERM to the end of the node's process.</param>
internal sealed record HandOver(
    int Leave,
    bool Oldest,
    int Session,
    int MissingFrames,
    double BothSeconds,
    double LeaveSeconds
);

/// <summary>What a run of <see cref="HandOverScenario"/> has measured.</summary>
/// <param name="HandOvers">In the order in which they happened.</param>
internal sealed record HandOverReport(IReadOnlyList<HandOver> HandOvers);

/// <summary>The farm of <see cref="FailoverScenario"/>, whose nodes leave by SIGTERM one after the other.</summary>
/// <param name="leaves">How many.</param>
internal sealed class HandOverScenario(int leaves)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>Runs the scenario.</summary>
    public async Task<HandOverReport> RunAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        var farm = await FarmStage.StartAsync(cancellationToken);
        await using (farm)
        {
            await farm.FillAsync(cancellationToken);
            var handOvers = new List<HandOver>();
            for (var leave = 1; leave <= leaves; leave++)
            {
                var leaving = farm.ByAge[leave % 3];
                var oldest = leaving == farm.ByAge[0];
                var hit = await farm.SessionsOfAsync(leaving);
                await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
                var asked = TimeProvider.System.GetTimestamp();
                await leaving.TerminateAsync(Limit);
                var seconds = TimeProvider.System.GetElapsedTime(asked).TotalSeconds;
                await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
                var edge = farm.ByAge.First(node => node != leaving);
                foreach (var session in hit)
                {
                    await edge.Api.SeeSessionInFarmAsync(
                        session.Id,
                        "it records elsewhere",
                        Limit,
                        now => now.State == "recording" && now.Node != leaving.Name
                    );
                    await edge.Api.StopAsync(session.Id);
                    var records = (await edge.Api.SessionAsync(session.Id)).Records;
                    var tracks = new List<ClockTrack>();
                    foreach (var record in records.TakeLast(2))
                    {
                        tracks.Add(await FarmStage.ReadAsync(record, cancellationToken));
                    }
                    handOvers.Add(
                        new HandOver(
                            leave,
                            oldest,
                            session.Id,
                            ClockTrack.Together(tracks).Missing,
                            (tracks[0].Last - tracks[^1].First).TotalSeconds,
                            seconds
                        )
                    );
                    progress(
                        FormattableString.Invariant(
                            $"{leave}. {(oldest ? "oldest" : "younger")} node: session {session.Id} misses {handOvers[^1].MissingFrames} frames, {handOvers[^1].BothSeconds:0.0} s in both"
                        )
                    );
                }

                await farm.RestartAsync(leaving, cancellationToken);
            }

            return new HandOverReport(handOvers);
        }
    }
}
