using Akka.Cluster.Sharding;
using Akka.TestKit;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionActorKeepingTests : SessionActorTestKit
{
    private TestProbe _eraser = null!;

    private static EraseRecords Erase => new(Sample.Id, [], EraseCause.Asked, "Somebody asked for it.");

    [Fact]
    public async Task The_erasing_is_written_then_carried_out_then_answered_and_the_session_sleeps_again()
    {
        var path = await RecordAndStopAsync();
        Ask(Erase);
        Assert.Equal(new EraseFiles(Sample.Id, path, true), await _eraser.ExpectMsgAsync<EraseFiles>());
        Assert.NotNull((await ReportedAsync()).Erasing);
        await HeardAllAsync();
        await NothingForAsync(Edge);

        _eraser.Reply(new FilesErased(path));
        var answer = await Edge.ExpectMsgAsync<KeepingChanged>();
        Assert.Equal(Clock.GetUtcNow(), Assert.Single(answer.Summary.Records).Erasing!.Done);
        await Shard.ExpectMsgAsync<Passivate>();
    }

    [Fact]
    public async Task A_node_that_does_not_answer_gets_an_answer_that_says_so_and_is_asked_when_it_is_back()
    {
        var path = await RecordAndStopAsync();
        Ask(Erase);
        await _eraser.ExpectMsgAsync<EraseFiles>();
        await HeardAllAsync();
        AdvanceTimers(TimeSpan.FromSeconds(4));
        await HeardAllAsync();
        AdvanceTimers(TimeSpan.FromMilliseconds(1));
        var erasing = Assert.Single((await Edge.ExpectMsgAsync<KeepingChanged>()).Summary.Records).Erasing!;
        Assert.Null(erasing.Done);
        Assert.Contains("does not answer", erasing.Obstacle, StringComparison.Ordinal);

        // The erasing outlives the incarnation.
        await LoseNodeAsync();
        Ask(new RecordsReachable(Sample.Id, Sample.Node));
        await _eraser.ExpectMsgAsync<EraseFiles>();
        _eraser.Reply(new FilesErased(path));
        await Placement.FishForMessageAsync<ReportSession>(report =>
            report.Summary.Records[0].Erasing is { Done: not null }
        );
        await Shard.ExpectMsgAsync<Passivate>();
    }

    [Fact]
    public async Task A_file_that_cannot_be_removed_is_told_at_once()
    {
        var path = await RecordAndStopAsync();
        Ask(Erase);
        await _eraser.ExpectMsgAsync<EraseFiles>();
        _eraser.Reply(new FilesNotErased(path, "The disk refused."));
        await HeardAllAsync();
        AdvanceTimers(TimeSpan.FromMilliseconds(1));
        var answer = await Edge.ExpectMsgAsync<KeepingChanged>();
        Assert.Equal("The disk refused.", Assert.Single(answer.Summary.Records).Erasing!.Obstacle);

        Ask(Erase);
        await _eraser.ExpectMsgAsync<EraseFiles>();
        _eraser.Reply(new FilesErased(path));
        Assert.NotNull(
            Assert.Single((await Edge.ExpectMsgAsync<KeepingChanged>()).Summary.Records).Erasing!.Done
        );
    }

    [Fact]
    public async Task A_record_on_hold_is_not_touched_until_it_is_released()
    {
        var path = await RecordAndStopAsync();
        Ask(new HoldRecord(Sample.Id, 1, "Case 7"));
        var held = await Edge.ExpectMsgAsync<KeepingChanged>();
        Assert.Equal("Case 7", Assert.Single(held.Summary.Records).Hold!.Reason);
        Ask(Erase);
        Assert.Equal(FaultCode.OnHold, (await Edge.ExpectMsgAsync<KeepingRefused>()).Code);
        await HeardAllAsync();
        await NothingForAsync(_eraser);

        Ask(new ReleaseRecord(Sample.Id, 1));
        Assert.Null(Assert.Single((await Edge.ExpectMsgAsync<KeepingChanged>()).Summary.Records).Hold);
        Ask(Erase);
        Assert.Equal(path, (await _eraser.ExpectMsgAsync<EraseFiles>()).Path);
    }

    [Fact]
    public async Task A_growing_record_is_refused_and_goes_on()
    {
        await RecordAsync();
        Ask(Erase);
        Assert.Equal(FaultCode.NotFinished, (await Edge.ExpectMsgAsync<KeepingRefused>()).Code);
        Ask(new HoldRecord(Sample.Id, 1, ""));
        Assert.NotNull(Assert.Single((await Edge.ExpectMsgAsync<KeepingChanged>()).Summary.Records).Hold);
    }

    [Fact]
    public async Task A_session_without_events_is_recalled_from_what_the_lists_have()
    {
        Eraser = (_eraser = CreateTestProbe("eraser")).Ref;
        await LoseNodeAsync();
        var known = Story.Stopped.State.Summarise();
        Ask(
            Erase with
            {
                Known = known with
                {
                    Records = known.Records.ConvertAll(record =>
                        record with
                        {
                            Sha256 = new string('a', 64),
                            ManifestDue = false,
                        }
                    ),
                },
            }
        );
        Assert.Equal(Sample.FirstRecord, (await _eraser.ExpectMsgAsync<EraseFiles>()).Path);
        _eraser.Reply(new FilesErased(Sample.FirstRecord));
        Assert.NotNull(
            Assert.Single((await Edge.ExpectMsgAsync<KeepingChanged>()).Summary.Records).Erasing!.Done
        );

        // The next incarnation reads it from the journal.
        await LoseNodeAsync();
        Ask(new HoldRecord(Sample.Id, 1, ""));
        Assert.Equal(FaultCode.RecordErased, (await Edge.ExpectMsgAsync<KeepingRefused>()).Code);
    }

    [Fact]
    public async Task A_session_that_nobody_knows_is_told()
    {
        Ask(Erase);
        Assert.Equal(FaultCode.NoSuchSession, (await Edge.ExpectMsgAsync<KeepingRefused>()).Code);
    }

    private async Task<string> RecordAndStopAsync()
    {
        Eraser = (_eraser = CreateTestProbe("eraser")).Ref;
        await LoseNodeAsync();
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();
        await Shard.ExpectMsgAsync<Passivate>();
        return path;
    }

    private async Task<RecordSummary> ReportedAsync() =>
        (
            await Placement.FishForMessageAsync<ReportSession>(report => report.Summary.Records[0].Erasing is not null)
        ).Summary.Records[0];
}
