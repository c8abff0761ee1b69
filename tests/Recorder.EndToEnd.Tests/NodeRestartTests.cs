using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>The node itself dies or is asked to end in mid-recording, and is started again on the same
/// folders.</summary>
public sealed class NodeRestartTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan ResumeLimit = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task After_kill_9_of_the_node_the_file_reads_and_after_its_restart_the_session_goes_on_by_itself()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        await RecordForAsync(6);
        var path = Assert.Single((await node.Api.SessionAsync(started.Id)).Records).Path;
        var killed = await node.KillAsync();
        await node.SeeNoProcessAsync(TimeSpan.FromSeconds(10));
        Tell(
            $"nothing was running any more {(TimeProvider.System.GetUtcNow() - killed).TotalSeconds:0.0} s after the kill"
        );
        await RecordFile.AssertReadsUpToAsync(path, started, killed);

        await node.StartAsync();
        var resumed = await node.Api.SeeSessionAsync(
            started.Id,
            "it records again after the restart",
            ResumeLimit,
            session => session is { State: "recording", Records: [{ Finished: true }, { OpenedAt: not null }] }
        );
        Tell($"recording again {(resumed.Records[1].OpenedAt - killed)!.Value.TotalSeconds:0.0} s after the kill");
        var during = await node.Api.StatusAsync(started.Id);
        await RecordForAsync(4);
        var other = await node.Api.StartAsync(new StartRequest(Pages.Silent) { Framerate = 15 });
        await node.Api.StopAsync(other.Id);
        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        var gap = Assert.Single(session.Gaps);

        Assert.True(during.Running);
        Assert.Equal([path], during.Records);
        Assert.Equal(started.Id + 1, other.Id);
        Assert.Equal(2, session.Attempt);
        Assert.Equal([1, 2], session.Records.Select(record => record.Attempt));
        Assert.Equal(session.Records.Select(record => record.Path), await node.Api.RecordsAsync(started.Id));
        Assert.Equal("node_lost", gap.Code);
        Assert.Contains(session.Faults, fault => fault.Code == "node_lost");
        Assert.InRange(gap.From, killed - TimeSpan.FromSeconds(2), killed + TimeSpan.FromSeconds(2));
        Assert.Equal(session.Records[1].OpenedAt, gap.To);
        await RecordFile.AssertPlayableAsync(path);
        await RecordFile.AssertReadsUpToAsync(path, started, killed);
        await RecordFile.AssertPlayableAsync(session.Records[1].Path);
        Assert.NotEmpty((await new MediaAnalysis(session.Records[1].Path).SoundAsync()).BeepOnsets());
    }

    [Fact]
    public async Task After_kill_9_of_the_node_and_all_its_processes_at_once_the_growing_file_is_repaired_and_the_session_goes_on()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        await RecordForAsync(6);
        var path = Assert.Single((await node.Api.SessionAsync(started.Id)).Records).Path;
        var killed = await node.KillEverythingAsync();
        var left = (await new MediaAnalysis(path).ProbeAsync()).Mp4!;
        Assert.True(left.IsFragmented, $"A worker had the time to finalise {path}: {string.Join(' ', left.BoxTypes)}");

        await node.StartAsync();
        await AssertItGoesOnAsync(node, started, path, killed);
    }

    [Fact]
    public async Task A_node_that_is_started_at_once_after_kill_9_ends_what_is_left_of_it_and_its_session_goes_on()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        await RecordForAsync(6);
        var path = Assert.Single((await node.Api.SessionAsync(started.Id)).Records).Path;
        var earlier = node.SessionProcesses().Select(process => (process.Id, process.StartTime)).ToHashSet();
        var killed = await node.KillAsync();

        await node.StartAsync();
        Assert.NotEmpty(earlier);
        Assert.DoesNotContain(node.SessionProcesses(), process => earlier.Contains((process.Id, process.StartTime)));
        await AssertItGoesOnAsync(node, started, path, killed);
    }

    [Fact]
    public async Task A_session_that_was_away_for_longer_than_the_resume_window_is_closed_as_interrupted_and_its_record_listed()
    {
        var node = await StartNodeAsync(new RecorderNodeSettings { ResumeWindow = TimeSpan.FromSeconds(1) });
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        await RecordForAsync(5);
        var killed = await node.KillAsync();
        await node.SeeNoProcessAsync(TimeSpan.FromSeconds(10));

        await node.StartAsync();
        var closed = await node.Api.SeeSessionAsync(
            started.Id,
            "it is closed as interrupted",
            ResumeLimit,
            session => session.State == "interrupted"
        );
        var record = Assert.Single(closed.Records);
        var status = await node.Api.StatusAsync(started.Id);
        await node.Api.StopAsync(started.Id);

        Assert.False(status.Running);
        Assert.Equal([record.Path], status.Records);
        Assert.Equal(1, closed.Attempt);
        Assert.True(record.Finished);
        await RecordFile.AssertPlayableAsync(record.Path);
        await RecordFile.AssertReadsUpToAsync(record.Path, started, killed);
        await node.SeeNoSessionProcessAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task SIGTERM_finalises_the_record_and_after_the_restart_the_session_goes_on()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        await RecordForAsync(5);
        var path = Assert.Single((await node.Api.SessionAsync(started.Id)).Records).Path;
        var asked = TimeProvider.System.GetUtcNow();
        var exitCode = await node.TerminateAsync();
        Tell($"SIGTERM to exit {(TimeProvider.System.GetUtcNow() - asked).TotalSeconds:0.0} s");
        await node.SeeNoProcessAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(0, exitCode);
        await RecordFile.AssertPlayableAsync(path);
        var length = RecordFile.LengthOf(await new MediaAnalysis(path).FrameNumbersAsync(), 25);
        Assert.InRange(
            length,
            asked - started.Answered - TimeSpan.FromSeconds(0.5),
            TimeProvider.System.GetUtcNow() - started.Called
        );

        await node.StartAsync();
        await node.Api.SeeSessionAsync(
            started.Id,
            "it records again after the restart",
            ResumeLimit,
            session =>
                session is { State: "recording", Attempt: 2, Records: [{ Finished: true }, { OpenedAt: not null }] }
        );
        await RecordForAsync(3);
        await node.Api.StopAsync(started.Id);
        var records = await node.Api.RecordsAsync(started.Id);

        Assert.Equal(2, records.Count);
        Assert.Equal(path, records[0]);
        await RecordFile.AssertPlayableAsync(records[0]);
        await RecordFile.AssertPlayableAsync(records[1]);
    }

    /// <summary>The session records again by itself; its first record is whole up to the kill and listed, and its gap
    /// with it.</summary>
    private async Task AssertItGoesOnAsync(
        RecorderNode node,
        StartedSession started,
        string path,
        DateTimeOffset killed
    )
    {
        var resumed = await node.Api.SeeSessionAsync(
            started.Id,
            "it records again after the restart",
            ResumeLimit,
            session =>
                session is { State: "recording", Attempt: 2, Records: [{ Finished: true }, { OpenedAt: not null }] }
        );
        Tell($"recording again {(resumed.Records[1].OpenedAt - killed)!.Value.TotalSeconds:0.0} s after the kill");
        await RecordForAsync(3);
        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        var gap = Assert.Single(session.Gaps);

        Assert.Equal([path, session.Records[1].Path], await node.Api.RecordsAsync(started.Id));
        Assert.Equal(("node_lost", session.Records[1].OpenedAt), (gap.Code, gap.To));
        Assert.InRange(gap.From, killed - TimeSpan.FromSeconds(2), killed + TimeSpan.FromSeconds(2));
        var first = await RecordFile.AssertManifestAsync(path);
        Assert.True(first.GetProperty("repaired").GetBoolean());
        Assert.Equal(
            "node_lost",
            Assert.Single(first.GetProperty("faults").EnumerateArray()).GetProperty("code").GetString()
        );
        var next = await RecordFile.AssertManifestAsync(session.Records[1].Path);
        Assert.Equal(
            (2, gap.From),
            (
                next.GetProperty("attempt").GetInt32(),
                Assert.Single(next.GetProperty("gaps").EnumerateArray()).GetProperty("from").GetDateTimeOffset()
            )
        );
        Assert.Equal(4, Directory.GetFiles(node.RecordsFolder, "20*").Length);
        await RecordFile.AssertPlayableAsync(path);
        await RecordFile.AssertReadsUpToAsync(path, started, killed);
        await RecordFile.AssertPlayableAsync(session.Records[1].Path);
    }
}
