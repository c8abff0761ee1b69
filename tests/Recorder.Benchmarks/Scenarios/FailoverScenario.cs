using Recorder.Benchmarks.Measuring;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>One session that outlived the death of its node. Seconds from kill -9.</summary>
/// <param name="Kill">Which death, from 1.</param>
/// <param name="Oldest">Whether the node was the oldest: placement and coordinator of the shards died with it.</param>
/// <param name="Session">The session's id.</param>
/// <param name="GivenUp">A survivor gave the node up.</param>
/// <param name="Removed">The node was out of the farm; placement knew what it had lost.</param>
/// <param name="Resumed">The session began its next attempt elsewhere.</param>
/// <param name="FirstFrame">The first picture of the next record was taken.</param>
internal sealed record Failover(
    int Kill,
    bool Oldest,
    int Session,
    double? GivenUp,
    double? Removed,
    double? Resumed,
    double FirstFrame
);

/// <summary>What a run of <see cref="FailoverScenario"/> has measured.</summary>
/// <param name="IdleMemoryBytes">Of each node's process before the first session: resident set and proportional
/// set.</param>
/// <param name="Failovers">In the order in which they happened.</param>
internal sealed record FailoverReport(IReadOnlyList<IdleMemory> IdleMemoryBytes, IReadOnlyList<Failover> Failovers);

/// <summary>
/// A farm of three nodes on this machine, one session each of a page that moves, 320x180 at 15 frames/s. One node is
/// killed after the other. Each node starts again and gets a session before the next death.
/// </summary>
/// <param name="kills">How many.</param>
internal sealed class FailoverScenario(int kills)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>Runs the scenario.</summary>
    public async Task<FailoverReport> RunAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        var farm = await FarmStage.StartAsync(cancellationToken);
        await using (farm)
        {
            var memory = await farm.IdleMemoryAsync(cancellationToken);
            await farm.FillAsync(cancellationToken);
            var failovers = new List<Failover>();
            for (var kill = 1; kill <= kills; kill++)
            {
                // A node that has just joined is the youngest; so the oldest one comes up every third time.
                var victim = farm.ByAge[kill % 3];
                var hit = await farm.SessionsOfAsync(victim);
                var oldest = victim == farm.ByAge[0];
                await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
                var killed = await victim.KillAsync();
                foreach (var session in hit)
                {
                    var edge = farm.ByAge.First(node => node != victim);
                    var resumed = await edge.Api.SeeSessionInFarmAsync(
                        session.Id,
                        "it records again",
                        Limit,
                        now =>
                            now.State == "recording"
                            && now.Attempt > session.Attempt
                            && now.Records[^1].OpenedAt > killed
                    );
                    var log = new FarmLog(farm.ByAge.Where(node => node != victim), killed);
                    failovers.Add(
                        new Failover(
                            kill,
                            oldest,
                            session.Id,
                            log.SecondsTo($"{victim.Name} is gone:"),
                            log.SecondsTo($"{victim.Name} is out of the farm"),
                            log.SecondsTo($"Session {session.Id}: attempt {resumed.Attempt} begins"),
                            (resumed.Records[^1].OpenedAt!.Value - killed).TotalSeconds
                        )
                    );
                    progress(
                        FormattableString.Invariant(
                            $"{kill}. {(oldest ? "oldest" : "younger")} node: session {session.Id} records again after {failovers[^1].FirstFrame:0.0} s"
                        )
                    );
                }

                await farm.RestartAsync(victim, cancellationToken);
            }

            return new FailoverReport(memory, failovers);
        }
    }
}
