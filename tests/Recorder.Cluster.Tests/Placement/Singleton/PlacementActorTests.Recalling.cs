using Akka.Actor;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Singleton;

/// <summary>Sessions that the placement has forgotten, and that are needed once more.</summary>
public sealed partial class PlacementActorTests
{
    [Fact]
    public async Task A_recalled_session_is_in_the_list_again_also_after_a_restart_and_is_woken_for_its_delivery()
    {
        var (readModel, forgotten) = await ForgetAsync();

        var located = await AskAsync<SessionLocation>(new RecallSession(forgotten));
        Assert.Equal(forgotten.Records[0].Path, located.Summary.Records[0].Path);
        Assert.Equal(located.Shard, (await AskAsync<SessionLocation>(new RecallSession(forgotten))).Shard);
        await _placement.StopAsync();
        _placement = Begin(_board, readModel);
        Capacity();
        Assert.Equal(located.Shard, (await AskAsync<SessionLocation>(new FindSession(new SessionId(1)))).Shard);
        await ReportAsync(With(forgotten, DeliveryState.Waiting), 10);

        var woken = (RecordsReachable)
            await _sessions.FishForMessageAsync(one => one is RecordsReachable, TimeSpan.FromSeconds(10));
        Assert.Equal((1, located.Shard, Sample.Node), (woken.Id.Value, woken.Shard, woken.Node));
    }

    [Fact]
    public async Task The_read_models_earlier_word_does_not_take_a_recalled_session_out_of_the_list()
    {
        var (_, forgotten) = await ForgetAsync();
        await AskAsync<SessionLocation>(new RecallSession(forgotten));

        _placement.Tell(new SessionsProjected([new SessionId(1)]));
        await PassAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(1, (await SummaryAsync(1)).Id.Value);

        // Whatever was to be done is done by now.
        _placement.Tell(new SessionsProjected([new SessionId(1)]));
        await PassAsync(TimeSpan.FromSeconds(20));
        await AskAsync<SessionUnknown>(new FindSession(new SessionId(1)));
    }

    [Fact]
    public async Task A_session_that_runs_or_was_never_placed_is_not_recalled()
    {
        var (_, forgotten) = await ForgetAsync();

        await AskAsync<SessionUnknown>(new RecallSession(forgotten with { Phase = SessionPhase.Recording }));
        await AskAsync<SessionUnknown>(new RecallSession(forgotten with { Id = new SessionId(9) }));
    }

    /// <summary>Session 1 has ended, and the placement has forgotten it.</summary>
    private async Task<(Akka.TestKit.TestProbe ReadModel, SessionSummary Forgotten)> ForgetAsync()
    {
        var readModel = CreateTestProbe();
        await _placement.StopAsync();
        _placement = Begin(_board, readModel);
        Capacity();
        await AdmitAsync();
        var ended = With(
            Farm.Summary(1, SessionPhase.Stopped, Sample.Node) with
            {
                EverRecorded = true,
                Records =
                [
                    new RecordSummary(
                        Sample.FirstRecord,
                        1,
                        true,
                        Sample.Begin,
                        TimeSpan.FromSeconds(1),
                        1,
                        false,
                        100,
                        0
                    )
                    {
                        Node = Sample.Node,
                    },
                ],
            },
            DeliveryState.GivenUp
        );
        await ReportAsync(ended, 9);
        _placement.Tell(new SessionsProjected([new SessionId(1)]));
        await PassAsync(TimeSpan.FromSeconds(20));
        await AskAsync<SessionUnknown>(new FindSession(new SessionId(1)));
        return (readModel, ended);
    }

    private static SessionSummary With(SessionSummary session, DeliveryState state) =>
        session with
        {
            Records =
            [
                session.Records[0] with
                {
                    Deliveries = [new DeliverySummary("archive", state, Sample.Begin)],
                },
            ],
        };
}
