using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.TestKit;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionActorDeliveryTests : SessionActorTestKit
{
    private const string Kind = "command";

    private TestProbe _manifests = null!;
    private TestProbe _service = null!;

    [Fact]
    public async Task A_stop_is_answered_before_the_record_is_delivered_and_the_session_sleeps_when_the_journal_has_it()
    {
        var path = await RecordAndStopAsync();
        await HeardAllAsync();
        await NothingForAsync(_service);
        await WriteManifestAsync(path);

        Assert.Equal(
            new DeliverRecord(Sample.Id, path, path + ".json", Kind, 1) { Sha256 = new string('a', 64) },
            await _service.ExpectMsgAsync<DeliverRecord>()
        );
        _service.Reply(new DeliveryRunning(path, Kind, 1));
        await ReportAsync(summary => Delivery(summary)?.State == DeliveryState.Running);
        await HeardAllAsync();
        await NothingForAsync(Shard);

        _service.Reply(new DeliveryDone(path, Kind, 1, 0, "all of it"));
        var told = Delivery(await ReportAsync(summary => Delivery(summary)?.State == DeliveryState.Delivered))!;
        Assert.Equal((1, 0, "all of it"), (told.Attempts, told.ExitCode, told.LastOutput));
        await Shard.ExpectMsgAsync<Passivate>();
    }

    [Fact]
    public async Task A_failed_attempt_is_made_again_after_its_wait_and_given_up_when_all_are_used_up()
    {
        var path = await RecordAndStopAsync();
        await WriteManifestAsync(path);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal(attempt, (await _service.ExpectMsgAsync<DeliverRecord>()).Attempt);
            _service.Reply(new DeliveryRunning(path, Kind, attempt));
            _service.Reply(new DeliveryNotDone(path, Kind, attempt, 1, "no", "It refused.", MayPass: true));
            await ReportAsync(summary =>
                Delivery(summary) is { State: DeliveryState.Failed or DeliveryState.GivenUp } failed
                && failed.Attempts == attempt
            );
            await HeardAllAsync();
            if (attempt == 3)
            {
                // The node of the record is to know that nobody goes on with what was left at the destination.
                await _service.ExpectMsgAsync(new GiveUpDelivery(Sample.Id, path, Kind));
            }
            await NothingForAsync(_service);
            if (attempt < 3)
            {
                await PassAsync(TimeSpan.FromSeconds(6.25 * attempt));
            }
        }

        await Shard.ExpectMsgAsync<Passivate>();
        var summary = await SummaryAsync();
        Assert.Equal((DeliveryState.GivenUp, "It refused."), (Delivery(summary)!.State, Delivery(summary)!.Error));
        Assert.Equal(FaultCode.DeliveryFailed, Assert.Single(summary.Faults).Code);
    }

    [Fact]
    public async Task A_session_that_died_in_the_middle_asks_for_the_same_attempt_when_it_is_woken()
    {
        var path = await RecordAndStopAsync();
        await WriteManifestAsync(path);
        await _service.ExpectMsgAsync<DeliverRecord>();
        _service.Reply(new DeliveryRunning(path, Kind, 1));
        await ReportAsync(summary => Delivery(summary)?.State == DeliveryState.Running);
        await LoseNodeAsync();
        await HeardAllAsync();
        await NothingForAsync(_service);

        Ask(new RecordsReachable(Sample.Id, Sample.Node));
        Assert.Equal(1, (await _service.ExpectMsgAsync<DeliverRecord>()).Attempt);
        _service.Reply(new DeliveryRunning(path, Kind, 1));
        _service.Reply(new DeliveryDone(path, Kind, 1, 0, null));
        await ReportAsync(summary => Delivery(summary)?.State == DeliveryState.Delivered);
        await Shard.ExpectMsgAsync<Passivate>();
    }

    [Fact]
    public async Task A_session_that_has_ended_stays_awake_while_its_delivery_is_answered_for_and_no_longer()
    {
        var path = await RecordAndStopAsync();
        await WriteManifestAsync(path);
        for (var minutes = 0; minutes < 30; minutes++)
        {
            Assert.Equal(1, (await _service.ExpectMsgAsync<DeliverRecord>()).Attempt);
            _service.Reply(new DeliveryRunning(path, Kind, 1));
            await HeardAllAsync();
            await PassAsync(TimeSpan.FromMinutes(1));
        }

        await NothingForAsync(Shard);
        for (var minutes = 0; minutes < 10; minutes++)
        {
            await PassAsync(TimeSpan.FromMinutes(1));
        }
        await Shard.ExpectMsgAsync<Passivate>();
    }

    [Fact]
    public async Task A_failed_delivery_of_a_session_that_sleeps_is_asked_for_again_and_settles_anew()
    {
        var path = await GiveUpAsync();
        await LoseNodeAsync();

        Ask(new RetryDelivery(Sample.Id, path, Kind));
        var changed = await Edge.ExpectMsgAsync<SessionChanged>();
        Assert.Equal(DeliveryState.Waiting, Delivery(changed.Details.Summary)!.State);
        await ReportAsync(summary => Delivery(summary)?.State == DeliveryState.Waiting);
        Ask(new RecordsReachable(Sample.Id, Sample.Node));
        Assert.Equal(2, (await _service.ExpectMsgAsync<DeliverRecord>()).Attempt);
        _service.Reply(new DeliveryDone(path, Kind, 2, 0, null));
        await ReportAsync(summary => Delivery(summary)?.State == DeliveryState.Delivered);
        await Shard.ExpectMsgAsync<Passivate>();

        Ask(new RetryDelivery(Sample.Id, path, Kind));
        Assert.Equal(FaultCode.NotRetriable, (await Edge.ExpectMsgAsync<ChangeRefused>()).Code);
    }

    [Fact]
    public async Task A_retry_of_a_session_whose_events_are_deleted_says_so()
    {
        Ask(new RetryDelivery(Sample.Id, Sample.FirstRecord, Kind));

        Assert.Equal(FaultCode.NoSuchSession, (await Edge.ExpectMsgAsync<ChangeRefused>()).Code);
        await Shard.ExpectMsgAsync<Passivate>();
    }

    [Fact]
    public async Task An_ended_session_sleeps_until_an_attempt_that_is_far_away()
    {
        Attempts = 10;
        var path = await RecordAndStopAsync();
        await WriteManifestAsync(path);
        for (var attempt = 1; ; attempt++)
        {
            Assert.Equal(attempt, (await _service.ExpectMsgAsync<DeliverRecord>()).Attempt);
            _service.Reply(new DeliveryNotDone(path, Kind, attempt, 1, "no", "It refused.", MayPass: true));
            var failed = Delivery(await ReportAsync(summary => Delivery(summary)?.Attempts == attempt))!;
            await HeardAllAsync();
            var wait = failed.NextTry!.Value - Clock.GetUtcNow();
            if (wait > DeliveryDecisions.WorthSleep)
            {
                break;
            }
            await NothingForAsync(Shard);
            await PassAsync(wait);
        }
        await Shard.ExpectMsgAsync<Passivate>();
    }

    [Fact]
    public async Task A_record_of_a_running_session_is_delivered_while_the_next_one_is_written()
    {
        var path = await RecordWithServicesAsync();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        await Media.ExpectMsgAsync<ResumeRecording>();
        MediaSays(Repaired(path));
        await WriteManifestAsync(path);

        Assert.Equal(path, (await _service.ExpectMsgAsync<DeliverRecord>()).Path);
        _service.Reply(new DeliveryDone(path, Kind, 1, 0, null));
        await ReportAsync(summary =>
            summary.Records[0].Deliveries is [{ State: DeliveryState.Delivered }]
            && summary.Phase == SessionPhase.Resuming
        );
    }

    [Fact]
    public async Task A_session_that_leaves_its_node_begins_no_delivery()
    {
        var path = await RecordWithServicesAsync();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        var next = await Media.ExpectMsgAsync<ResumeRecording>();
        MediaSays(new FirstFrameWritten(next.RecordPath, Clock.GetUtcNow()));
        MediaSays(Repaired(path));
        await _manifests.ExpectMsgAsync<WriteManifest>();
        Session.Tell(LeaveNode.Instance);
        _manifests.Reply(new ManifestDone(path, new string('a', 64)));

        await ReportAsync(summary => summary.Records[0].Sha256 is not null);
        await HeardAllAsync();
        await NothingForAsync(_service);
    }

    [Fact]
    public async Task A_record_whose_manifest_cannot_be_written_is_delivered_without()
    {
        var path = await RecordAndStopAsync();
        await _manifests.ExpectMsgAsync<WriteManifest>();
        _manifests.Reply(new ManifestFailed(path, "Something else has the name.", MayPass: false));

        Assert.Null((await _service.ExpectMsgAsync<DeliverRecord>()).Manifest);
    }

    private static DeliverySummary? Delivery(SessionSummary summary) => summary.Records[0].Deliveries.SingleOrDefault();

    private async Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        AdvanceTimers(time);
        await HeardAllAsync();
    }

    /// <summary>The only delivery of an ended session has failed for good, and the session sleeps.</summary>
    private async Task<string> GiveUpAsync()
    {
        var path = await RecordAndStopAsync();
        await WriteManifestAsync(path);
        await _service.ExpectMsgAsync<DeliverRecord>();
        _service.Reply(new DeliveryNotDone(path, Kind, 1, 1, "no", "No such bucket.", MayPass: false));
        await ReportAsync(summary => Delivery(summary)?.State == DeliveryState.GivenUp);
        await _service.ExpectMsgAsync<GiveUpDelivery>();
        await Shard.ExpectMsgAsync<Passivate>();
        return path;
    }

    private async Task WriteManifestAsync(string path)
    {
        await _manifests.ExpectMsgAsync<WriteManifest>();
        _manifests.Reply(new ManifestDone(path, new string('a', 64)));
    }

    private async Task<string> RecordAndStopAsync()
    {
        var path = await RecordWithServicesAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();
        return path;
    }

    private async Task<string> RecordWithServicesAsync()
    {
        Manifests = _manifests = CreateTestProbe("manifests");
        Deliveries = _service = CreateTestProbe("deliveries");
        await LoseNodeAsync();
        return await RecordAsync();
    }
}
