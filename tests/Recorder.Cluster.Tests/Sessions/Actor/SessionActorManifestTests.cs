using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.TestKit;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionActorManifestTests : SessionActorTestKit
{
    private static readonly string Hash = new('a', 64);

    private TestProbe _service = null!;

    [Fact]
    public async Task A_stop_is_answered_before_the_manifest_is_written_and_the_session_sleeps_when_the_journal_has_it()
    {
        var path = await RecordAndStopAsync();
        var ask = await _service.ExpectMsgAsync<WriteManifest>();
        Assert.Equal((path, Sample.Id), (ask.Path, ask.Manifest.Session));
        Assert.True((await ReportAsync(SessionPhase.Stopped)).Records[0].ManifestDue);
        await HeardAllAsync();
        await NothingForAsync(Shard);

        _service.Reply(new ManifestDone(path, Hash));
        Assert.Equal(Hash, (await ReportAsync(summary => summary.Records[0].Sha256 is not null)).Records[0].Sha256);
        await Shard.ExpectMsgAsync<Passivate>();
    }

    [Fact]
    public async Task A_session_that_died_before_the_answer_asks_again_when_it_is_woken()
    {
        var path = await RecordAndStopAsync();
        var first = await _service.ExpectMsgAsync<WriteManifest>();
        await LoseNodeAsync();

        Ask(new RecordsReachable(Sample.Id, Sample.Node));
        var again = await _service.ExpectMsgAsync<WriteManifest>();
        Assert.Equal(first.Manifest.ToFile(), again.Manifest.ToFile());
        _service.Reply(new ManifestDone(path, Hash));
        await ReportAsync(summary => summary.Records[0].Sha256 == Hash);
        await Shard.ExpectMsgAsync<Passivate>();

        await LoseNodeAsync();
        Ask(new RecordsReachable(Sample.Id, Sample.Node));
        await HeardAllAsync();
        await NothingForAsync(_service);
    }

    [Fact]
    public async Task While_the_session_runs_what_fails_is_tried_again_and_told_as_a_fault()
    {
        var path = await RecordWithServiceAsync();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        await Media.ExpectMsgAsync<ResumeRecording>();
        MediaSays(Repaired(path));
        await _service.ExpectMsgAsync<WriteManifest>();
        _service.Reply(new ManifestFailed(path, "The disk is full.", MayPass: true));
        await ReportAsync(summary => summary.Faults.Exists(fault => fault.Code == FaultCode.ManifestFailed));
        await HeardAllAsync();
        await NothingForAsync(_service);

        AdvanceTimers(TimeSpan.FromSeconds(10));
        await _service.ExpectMsgAsync<WriteManifest>();
        _service.Reply(new ManifestDone(path, Hash));
        await ReportAsync(summary => summary.Records[0].Sha256 == Hash);
    }

    [Fact]
    public async Task A_node_that_leaves_has_the_manifest_written_on_its_way_out()
    {
        var path = await RecordWithServiceAsync();
        Session.Tell(LeaveNode.Instance);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));

        Assert.Equal(path, (await _service.ExpectMsgAsync<WriteManifest>()).Path);
    }

    [Fact]
    public async Task A_session_that_has_ended_waits_for_its_manifest_in_silence_and_not_for_ever()
    {
        await RecordAndStopAsync();
        await _service.ExpectMsgAsync<WriteManifest>();
        await HeardAllAsync();
        await DrainAsync(Placement);

        for (var seconds = 0; seconds < 60; seconds += 2)
        {
            AdvanceTimers(TimeSpan.FromSeconds(2));
            await HeardAllAsync();
        }

        await NothingForAsync(Placement);
        await NothingForAsync(Shard);
        AdvanceTimers(TimeSpan.FromMinutes(10));
        await Shard.ExpectMsgAsync<Passivate>();
    }

    [Fact]
    public async Task Records_that_an_earlier_version_finished_get_no_manifest_by_a_late_question()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();
        _service = CreateTestProbe("manifests");
        Manifests = _service;
        await LoseNodeAsync();

        Ask(Stop);
        await Edge.ExpectMsgAsync<StopDone>();
        Ask(Resume);
        await HeardAllAsync();
        await NothingForAsync(_service);

        Ask(new RecordsReachable(Sample.Id, Sample.Node));
        Assert.Equal(path, (await _service.ExpectMsgAsync<WriteManifest>()).Path);
    }

    [Fact]
    public async Task What_could_not_be_written_is_not_tried_again_before_its_time()
    {
        var path = await RecordWithServiceAsync();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        await Media.ExpectMsgAsync<ResumeRecording>();
        MediaSays(Repaired(path));
        await _service.ExpectMsgAsync<WriteManifest>();
        Ask(new RecordsReachable(Sample.Id, Sample.Node));
        await _service.ExpectMsgAsync<WriteManifest>();
        _service.Reply(new ManifestFailed(path, "The disk is full.", MayPass: true));
        await ReportAsync(summary => summary.Faults.Exists(fault => fault.Code == FaultCode.ManifestFailed));

        Ask(new RecordsReachable(Sample.Id, Sample.Node));
        await HeardAllAsync();
        await NothingForAsync(_service);
        AdvanceTimers(TimeSpan.FromSeconds(10));
        await _service.ExpectMsgAsync<WriteManifest>();
    }

    private async Task<string> RecordAndStopAsync()
    {
        var path = await RecordWithServiceAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();
        return path;
    }

    private async Task<string> RecordWithServiceAsync()
    {
        _service = CreateTestProbe("manifests");
        Manifests = _service;
        await LoseNodeAsync();
        return await RecordAsync();
    }
}
