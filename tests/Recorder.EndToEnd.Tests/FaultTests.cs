using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>kill -9 of what a session consists of, in mid-recording: the session goes on.</summary>
public sealed class FaultTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task A_killed_browser_is_replaced_inside_the_same_record_and_the_gap_is_listed()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        await RecordForAsync(4);
        var killed = node.Kill("browser");
        var restored = await node.Api.SeeSessionAsync(
            started.Id,
            "its picture is back after the death of the browser",
            RecoveryLimit,
            session => session.Gaps is [{ To: not null }]
        );
        await RecordForAsync(4);
        var stopped = await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        var record = Assert.Single(session.Records);
        var gap = Assert.Single(session.Gaps);
        await RecordFile.AssertPlayableAsync(record.Path);
        var track = await new MediaAnalysis(record.Path).FrameNumbersAsync();
        var sound = await new MediaAnalysis(record.Path).SoundAsync();
        var dark = Standstill(track, RecordFile.TimeIn(record, killed));
        Tell(
            $"listed gap {(gap.To - gap.From)!.Value.TotalSeconds:0.0} s, without a moving picture in the file {dark.TotalSeconds:0.0} s"
        );

        Assert.Equal("recording", restored.State);
        Assert.Equal(1, session.Attempt);
        Assert.Equal("browser_failed", gap.Code);
        Assert.Contains(session.Faults, fault => fault.Code == "browser_failed");
        Assert.InRange(gap.From, killed - TimeSpan.FromSeconds(1), killed + TimeSpan.FromSeconds(3));
        Assert.InRange(dark, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(10));
        Assert.InRange(dark - (gap.To - gap.From)!.Value, TimeSpan.FromSeconds(-3), TimeSpan.FromSeconds(3));
        AssertLength(track, record, stopped);
        Assert.InRange(
            sound.Duration,
            RecordFile.LengthOf(track, 25) - TimeSpan.FromSeconds(0.5),
            RecordFile.LengthOf(track, 25) + TimeSpan.FromSeconds(0.5)
        );
        Assert.Contains(sound.BeepOnsets(), beep => beep > RecordFile.TimeIn(record, gap.To!.Value));
    }

    [Fact]
    public async Task A_killed_worker_is_followed_by_the_next_record_and_its_own_is_repaired()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        await RecordForAsync(5);
        var killed = node.Kill("worker");
        await node.Api.SeeSessionAsync(
            started.Id,
            "the second record is open and the first one repaired",
            RecoveryLimit,
            session => session.Records is [{ Finished: true }, { OpenedAt: not null }]
        );
        var during = await node.Api.StatusAsync(started.Id);
        await RecordForAsync(4);
        var stopped = await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        var gap = Assert.Single(session.Gaps);
        var (first, second) = (session.Records[0], session.Records[1]);
        Tell(
            $"listed gap {(gap.To - gap.From)!.Value.TotalSeconds:0.0} s, killed to next record {(second.OpenedAt - killed)!.Value.TotalSeconds:0.0} s"
        );

        Assert.True(during.Running);
        Assert.Equal([first.Path], during.Records);
        Assert.Equal([first.Path, second.Path], await node.Api.RecordsAsync(started.Id));
        Assert.True(first.Repaired);
        Assert.False(second.Repaired);
        Assert.Equal("pipeline_failed", gap.Code);
        Assert.Equal(
            "The worker was ended by signal 9.",
            Assert.Single(session.Faults, fault => fault.Code == "pipeline_failed").Message
        );
        Assert.InRange((second.OpenedAt - killed)!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(6));
        // The gap is what the files lack, not what the journal was told last.
        Assert.InRange(gap.From, killed - TimeSpan.FromSeconds(2), killed + TimeSpan.FromSeconds(0.5));
        Assert.Equal(second.OpenedAt, gap.To);
        await RecordFile.AssertReadsUpToAsync(first.Path, started, killed);
        await RecordFile.AssertPlayableAsync(first.Path);
        await RecordFile.AssertPlayableAsync(second.Path);
        var track = await new MediaAnalysis(second.Path).FrameNumbersAsync();
        AssertLength(track, second, stopped);
        Assert.InRange(track.Continuity(25, ReferenceClipFormat.Small.FrameCount).DistinctRatio, 0.8, 1.01);
    }

    [Fact]
    public async Task A_session_whose_worker_was_killed_plays_as_one_file_with_a_chapter_at_the_gap()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        await RecordForAsync(3);
        node.Kill("worker");
        await node.Api.SeeSessionAsync(
            started.Id,
            "the second record is open and the first one repaired",
            RecoveryLimit,
            session => session.Records is [{ Finished: true }, { OpenedAt: not null }]
        );
        await RecordForAsync(3);
        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);

        var chapters = await JoinedMedia.AssertAsync(node.Address, session, session.Records[0].Path + ".joined");

        Assert.Equal(2, chapters.Count);
        Assert.Equal("Part 1", chapters[0]);
        Assert.Matches("^Part 2, after a gap of [0-9]+ s \\(pipeline_failed\\)$", chapters[1]);
    }

    [Fact]
    public async Task A_killed_display_and_a_killed_sound_server_each_lead_to_the_next_record()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        await RecordForAsync(4);
        var displayKilled = node.Kill("display");
        var second = await node.Api.SeeSessionAsync(
            started.Id,
            "the record after the death of the display is open",
            RecoveryLimit,
            session => session.Records is [_, { OpenedAt: not null }]
        );
        await RecordForAsync(4);
        var soundKilled = node.Kill("sound");
        var third = await node.Api.SeeSessionAsync(
            started.Id,
            "the record after the death of the sound server is open",
            RecoveryLimit,
            session => session.Records is [_, _, { OpenedAt: not null }]
        );
        await RecordForAsync(4);
        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        Tell(
            $"next record {(second.Records[1].OpenedAt - displayKilled)!.Value.TotalSeconds:0.0} s after the display's death, {(third.Records[2].OpenedAt - soundKilled)!.Value.TotalSeconds:0.0} s after the sound server's"
        );

        Assert.Equal(session.Records.Select(record => record.Path), await node.Api.RecordsAsync(started.Id));
        Assert.Equal(3, session.Records.Count);
        Assert.Contains(session.Faults, fault => fault.Code == "display_failed");
        Assert.Contains(session.Faults, fault => fault.Code == "sound_failed");
        Assert.Equal(2, session.Gaps.Count);
        Assert.All(
            session.Gaps,
            gap => Assert.InRange((gap.To - gap.From)!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(15))
        );
        foreach (var record in session.Records)
        {
            await RecordFile.AssertPlayableAsync(record.Path);
            Assert.NotEmpty((await new MediaAnalysis(record.Path).SoundAsync()).BeepOnsets());
            Assert.NotNull((await new MediaAnalysis(record.Path).FrameNumbersAsync()).LastReadable);
        }
    }

    private static void AssertLength(FrameNumberTrack track, RecordDetails record, StoppedSession stopped)
    {
        var expected = RecordFile.TimeIn(record, stopped.Called);
        // The recorder hears of the stop some time after the call, and goes on until then.
        Assert.InRange(
            RecordFile.LengthOf(track, 25),
            expected - TimeSpan.FromSeconds(0.5),
            RecordFile.TimeIn(record, stopped.Answered) + TimeSpan.FromSeconds(0.5)
        );
    }

    /// <summary>How long the picture showed nothing new around a moment: from the last new source frame before it to
    /// the first two after it.</summary>
    private static TimeSpan Standstill(FrameNumberTrack track, TimeSpan around)
    {
        var changes = track
            .Frames.Zip(track.Frames.Skip(1))
            .Where(pair => pair.Second.Number is not null && pair.Second.Number != pair.First.Number)
            .Select(pair => pair.Second.Time)
            .ToList();
        return changes
            .Zip(changes.Skip(1))
            .Where(pair => pair.Second > around - TimeSpan.FromSeconds(1))
            .Max(pair => pair.Second - pair.First);
    }
}
