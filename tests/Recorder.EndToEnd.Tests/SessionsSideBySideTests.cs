using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>A loud page and a silent one, recorded at the same time by a node that holds two sessions.</summary>
public sealed class TwoSessions(PagesFixture fixture) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-two-").FullName;

    internal MediaAnalysis Loud { get; private set; } = null!;

    internal MediaAnalysis Silent { get; private set; } = null!;

    /// <summary>How long the silent one was recorded at least.</summary>
    internal TimeSpan SilentLength { get; private set; }

    internal ApiAnswer Third { get; private set; } = null!;

    internal ApiAnswer AfterOneEnded { get; private set; } = null!;

    internal string Logs { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await using var node = await RecorderNode.StartAsync(
            new RecorderNodeSettings { Sessions = 2, RecordsFolder = _folder }
        );
        try
        {
            var loud = await node.Api.StartAsync(new StartRequest(fixture.Pages.Reference));
            var silent = await node.Api.StartAsync(new StartRequest(fixture.Pages.Animated));

            // Of two slots the small ones take more than one, and a large one takes a whole one.
            Third = await node.Api.TryStartAsync(
                new StartRequest(fixture.Pages.Silent)
                {
                    Width = 1920,
                    Height = 1080,
                    Framerate = 25,
                }
            );
            await Task.Delay(TimeSpan.FromSeconds(8));
            SilentLength = (await node.Api.StopAsync(silent.Id)).Called - silent.Answered;
            AfterOneEnded = await node.Api.TryStartAsync(new StartRequest(fixture.Pages.Silent));
            await node.Api.StopAsync(loud.Id);
            Loud = new MediaAnalysis(Assert.Single(await node.Api.RecordsAsync(loud.Id)));
            Silent = new MediaAnalysis(Assert.Single(await node.Api.RecordsAsync(silent.Id)));
            Logs = node.LogTails();
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{error.Message}\n{node.LogTails()}", error);
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }
}

/// <summary>Each session has a display and a sound server of its own, and the node takes no more than it can
/// hold.</summary>
[Collection(RealNodes.Name)]
[Trait("ring", "media")]
public sealed class SessionsSideBySideTests(TwoSessions sessions, ITestOutputHelper output)
    : IClassFixture<TwoSessions>,
        IDisposable
{
    [Fact]
    public async Task The_loud_session_has_its_own_picture_and_every_beep()
    {
        await RecordFile.AssertPlayableAsync(sessions.Loud.Path);
        var seen = (await sessions.Loud.FrameNumbersAsync())
            .FromItsFirstMovement()
            .Continuity(25, ReferenceClipFormat.Small.FrameCount);
        var sync = await sessions.Loud.SyncOffsetsAsync();
        output.WriteLine(
            FormattableString.Invariant(
                $"distinct frames {seen.DistinctRatio:0.000}, longest freeze {seen.LongestFreeze.TotalMilliseconds:0} ms"
            )
        );

        // While the other browser starts and ends beside it, on two cores.
        Assert.InRange(seen.DistinctRatio, 0.8, 1.01);
        Assert.Equal(0, seen.BackwardSteps);
        Assert.InRange(sync.Offsets.Count, 7, 40);
        Assert.InRange(sync.FlashesWithoutBeep, 0, 1);
    }

    [Fact]
    public async Task A_silent_page_has_a_sound_track_of_full_length_in_which_nothing_of_the_other_session_is_heard()
    {
        var probe = await RecordFile.AssertPlayableAsync(sessions.Silent.Path);
        var sound = await sessions.Silent.SoundAsync();

        Assert.True(sound.IsSilent, $"Its peak is {sound.PeakLevel:0.0} dBFS.");
        Assert.InRange(
            sound.Duration,
            sessions.SilentLength - TimeSpan.FromSeconds(0.5),
            probe.Duration!.Value + TimeSpan.FromSeconds(0.2)
        );
        Assert.Empty(sound.Holes);
    }

    [Fact]
    public async Task The_picture_of_a_silent_page_goes_on()
    {
        var track = await sessions.Silent.FrameNumbersAsync();
        var freeze = await sessions.Silent.LongestFreezeAsync();

        Assert.InRange(
            RecordFile.LengthOf(track, 25),
            sessions.SilentLength - TimeSpan.FromSeconds(0.5),
            TimeSpan.FromMinutes(1)
        );
        Assert.True(freeze.Length <= TimeSpan.FromSeconds(1), $"It stood still at {freeze.From} for {freeze.Length}.");
        Assert.All(track.Frames, frame => Assert.Null(frame.Number));
    }

    [Fact]
    public void A_start_on_a_full_node_is_refused_with_the_reason_and_when_to_come_again()
    {
        var error = sessions.Third.ReadError();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, sessions.Third.Status);
        Assert.Equal("at_capacity", error.Code);
        Assert.Contains("It holds 2 sessions", error.Error, StringComparison.Ordinal);
        Assert.InRange(sessions.Third.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Assert.InRange(sessions.Third.Answered - sessions.Third.Called, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void The_place_of_a_session_that_has_ended_is_free_at_once() =>
        Assert.Equal("started", sessions.AfterOneEnded.Read<StartAnswer>().Status);

    public void Dispose() => output.WriteLine(sessions.Logs);
}
