using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Schedules;

/// <summary>The node that carries the schedules out, and has the placement, dies about the second of a start.</summary>
public sealed class ScheduleKeeperDiesTests : GrowingFarm
{
    /// <summary>The moments of the death, in milliseconds from the moment at which the session is started. Null: after
    /// the session was admitted, and before that was written down.</summary>
    private static readonly int?[] Deaths = [null, -50, 0, 40, 150];

    [Fact]
    public async Task Each_time_has_one_session_whenever_the_node_dies()
    {
        var last = await JoinAsync(SeedPort);
        for (var death = 0; death < Deaths.Length; death++)
        {
            // The oldest node has the schedules. A node that joins afterwards takes them over.
            var keeper = last;
            var slots = 5 + death;
            last = await JoinAsync(
                LoopbackPort.Free(),
                options =>
                {
                    options.SeedNodes = SeedsWith(keeper);

                    // The node that stays has more room, and gets the session.
                    options.Placement.Sessions = slots;
                }
            );
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

            if (Deaths[death] is { } moment)
            {
                var dies = due.AddMilliseconds(moment) - TimeProvider.System.GetUtcNow();
                await Task.Delay(dies > TimeSpan.Zero ? dies : TimeSpan.Zero);
            }
            else
            {
                await ForgetAdmissionAsync(last, id);
            }
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

    /// <summary>Waits until the session is admitted, and takes that out of the database again.</summary>
    private static async Task ForgetAdmissionAsync(TestNode node, string id) =>
        await Eventually.BeAsync(
            $"the session of {id} is admitted",
            TestNode.FarmLimit,
            async () =>
            {
                await using var connection = await node.Database.OpenAsync(CancellationToken.None);
                await using var forget = connection.CreateCommand();
                forget.CommandText =
                    $"UPDATE schedule_occurrences SET state = 'starting', session_id = NULL WHERE schedule_id = '{id}' AND state = 'started'";
                return await forget.ExecuteNonQueryAsync() == 1;
            }
        );

    private static string SeedsWith(TestNode other) =>
        other.Address[(other.Address.IndexOf('@', StringComparison.Ordinal) + 1)..];
}
