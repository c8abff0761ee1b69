using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Schedules;

/// <summary>The node that carries the schedules out, and has the placement, dies about the second of a start.</summary>
public sealed class ScheduleKeeperDiesTests : GrowingFarm
{
    /// <summary>The moments of the death, in milliseconds from the moment at which the session is started.</summary>
    private static readonly int[] Deaths = [-50, 0, 40, 150];

    [Fact]
    public async Task Each_time_has_one_session_whenever_the_node_dies()
    {
        var last = await JoinAsync(SeedPort);
        for (var death = 0; death < Deaths.Length; death++)
        {
            // The oldest node has the schedules. A node that joins afterwards takes them over.
            var keeper = last;
            last = await JoinAsync(LoopbackPort.Free(), options => options.SeedNodes = SeedsWith(last));
            await CapacitiesAsync(last, 2);
            var book = new ScheduleBook(last.Database);
            var id = $"sch_{death}";
            var now = TimeProvider.System.GetUtcNow();
            var due = now.AddSeconds(2);
            await book.AddAsync(
                ScheduleSample.Once(id, due.AddSeconds(3), now) with
                {
                    Lead = TimeSpan.FromSeconds(3),
                    Spec = ScheduleSample.Page with { Name = id },
                },
                CancellationToken.None
            );
            last.System.ActorSelection("/user/schedules-proxy").Tell(new SchedulesChanged());

            var dies = due.AddMilliseconds(Deaths[death]) - TimeProvider.System.GetUtcNow();
            await Task.Delay(dies > TimeSpan.Zero ? dies : TimeSpan.Zero);
            await keeper.KillAsync();

            await last.MembersAsync("of one", farm => farm.Members.Count == 1);
            Occurrence? time = null;
            await Eventually.BeAsync(
                $"the time of {id} has a session that records",
                TestNode.FarmLimit,
                async () =>
                {
                    time = (
                        await book.OccurrencesAsync(
                            id,
                            DateTimeOffset.MinValue,
                            DateTimeOffset.MaxValue,
                            10,
                            CancellationToken.None
                        )
                    ).SingleOrDefault();
                    return time is { State: OccurrenceState.Started, Session: { } session }
                        && (await last.SummaryAsync(session)).Phase == SessionPhase.Recording;
                },
                () => $"{time}"
            );

            // A start that failed with its node was no session.
            var recorded = (await last.ListAsync()).Where(session => session.Spec.Name == id && session.EverRecorded);
            Assert.Equal(time!.Session, Assert.Single(recorded).Id);
            Assert.DoesNotContain(
                await last.ListAsync(),
                session => session.Spec.Name == id && session.Running && session.Id != time.Session
            );
            await last.StopAsync(time.Session!.Value);
            await Eventually.BeAsync(
                $"the time of {id} is done",
                TestNode.FarmLimit,
                async () =>
                    (await book.OpenAsync(CancellationToken.None)).IsEmpty
            );
        }
    }

    private static string SeedsWith(TestNode other) =>
        other.Address[(other.Address.IndexOf('@', StringComparison.Ordinal) + 1)..];
}
