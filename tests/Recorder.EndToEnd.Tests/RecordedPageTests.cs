using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>What must hold for every recording of a page with frame numbers, flashes and beeps.</summary>
[Trait("ring", "media")]
public abstract class RecordedPageTests(PageRecording recording, ITestOutputHelper output) : IDisposable
{
    /// <summary>Of the source's frames, the part that must be in the record.</summary>
    protected abstract double LeastDistinctFrames { get; }

    /// <summary>
    /// The |sound − picture| that four of five beeps may have on a busy machine, ms: 27 by the phase of the display's
    /// refreshes, and two refreshes of 40 that come late. The strict figure is the benchmark's.
    /// </summary>
    internal const double OffsetOnABusyMachine = 110;

    /// <summary>The |sound − picture| that four of five beeps of this page may have, ms.</summary>
    protected virtual double GreatestOffset => OffsetOnABusyMachine;

    /// <summary>
    /// How long the page may take to show its source at its own pace. Chromium holds its clip for 0.6 s while it opens
    /// the sound device.
    /// </summary>
    protected virtual TimeSpan Settling => TimeSpan.FromSeconds(1.5);

    [Fact]
    public void Started_is_answered_within_ten_seconds()
    {
        Tell($"start call to first frame in the file: {recording.Started.TimeToFirstFrame.TotalSeconds:0.00} s");
        Assert.InRange(recording.Started.TimeToFirstFrame, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task The_record_lasts_as_long_as_the_session_recorded()
    {
        var tolerance = TimeSpan.FromSeconds(0.5);
        var probe = await recording.Analysis.ProbeAsync();
        var played = RecordFile.LengthOf(recording.Track, PageRecording.Framerate);
        var recorded = recording.Stopped.Called - recording.Record.OpenedAt!.Value;
        Tell(
            $"recorded for {recorded.TotalSeconds:0.000} s, frames for {played.TotalSeconds:0.000} s, sound for {probe.Sound!.Duration?.TotalSeconds:0.000} s"
        );

        // The first frame comes between the start call and its answer, whatever the node says of it.
        Assert.InRange(recording.Record.OpenedAt.Value, recording.Started.Called, recording.Started.Answered);
        Assert.InRange(
            played,
            recording.Stopped.Called - recording.Started.Answered - tolerance,
            recording.Stopped.Answered - recording.Started.Called
        );
        // The recorder hears of the stop some time after the call, and goes on until then.
        Assert.InRange(
            played,
            recorded - tolerance,
            recording.Stopped.Answered - recording.Record.OpenedAt.Value + tolerance
        );
        Assert.InRange(probe.Duration!.Value, played - tolerance, played + tolerance);
        Assert.InRange(probe.Sound.Duration!.Value, played - tolerance, played + tolerance);
        Assert.InRange(recording.Record.DurationSeconds!.Value, played.TotalSeconds - 0.2, played.TotalSeconds + 0.2);
    }

    [Fact]
    public void The_sources_frames_are_in_the_record_in_their_order_and_without_a_freeze()
    {
        var moving = recording.Track.FromItsFirstMovement();
        var from = moving.Frames[0].Time;
        var whole = moving.Continuity(PageRecording.Framerate, recording.LoopFrames);
        var seen = moving
            .Between(from + Settling, TimeSpan.MaxValue)
            .Continuity(PageRecording.Framerate, recording.LoopFrames);
        Tell(
            $"moving from {from.TotalSeconds:0.00} s; in all {whole.DistinctFrames} distinct frames, {whole.MissingFrames} missing, longest freeze {whole.LongestFreeze.TotalMilliseconds:0} ms at {whole.LongestFreezeAt.TotalSeconds:0.00} s"
        );
        Tell(
            $"{Settling.TotalSeconds:0.0} s later: distinct frames {seen.DistinctRatio:0.000} of {seen.ExpectedFrames}, longest freeze {seen.LongestFreeze.TotalMilliseconds:0} ms"
        );

        Assert.InRange(from, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.Equal(0, whole.BackwardSteps);
        Assert.InRange(seen.DistinctRatio, LeastDistinctFrames, 1.01);
        Assert.InRange(seen.LongestFreeze, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        // What the recorder lost is missing from the count of the source; what the page held back is not.
        Assert.InRange(
            whole.MissingFrames,
            0,
            (1 - LeastDistinctFrames) * (whole.DistinctFrames + whole.MissingFrames)
        );
    }

    [Fact]
    public async Task Sound_and_picture_belong_together_in_four_of_five_beeps()
    {
        var sync = await recording.Analysis.SyncOffsetsAsync();
        Tell(
            $"sound − picture: {string.Join(", ", sync.Offsets.Select(offset => offset.ToString("0", System.Globalization.CultureInfo.InvariantCulture)))} ms"
        );

        Assert.InRange(sync.Offsets.Count, 7, 13);
        Assert.InRange(sync.AbsolutePercentile(0.8), 0, GreatestOffset);
    }

    [Fact]
    public async Task The_sound_has_no_holes()
    {
        var sound = await recording.Analysis.SoundAsync();
        var lost = sound
            .SilentStretches(TimeSpan.FromMilliseconds(60))
            .Where(stretch => stretch.From > TimeSpan.FromSeconds(3))
            .ToList();

        // A browser that gets no processor for a moment has nothing to play; what the recorder lost would come again
        // and again.
        Assert.True(
            lost.Sum(stretch => stretch.Length.TotalMilliseconds) <= 300
                && lost.All(stretch => stretch.Length <= TimeSpan.FromMilliseconds(200)),
            $"The page's tone never pauses, the record's does: {string.Join("; ", lost)}"
        );
        Assert.Empty(sound.Holes);
    }

    [Fact]
    public async Task Every_frame_and_sample_decodes() => await RecordFile.AssertPlayableAsync(recording.Record.Path);

    /// <summary>Tells a measured figure; it stands in the test's output.</summary>
    protected void Tell(FormattableString figure) => output.WriteLine(FormattableString.Invariant(figure));

    public void Dispose()
    {
        output.WriteLine(recording.Logs);
        GC.SuppressFinalize(this);
    }
}
