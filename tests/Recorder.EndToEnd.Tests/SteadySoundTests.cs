using System.Globalization;
using System.Text.RegularExpressions;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>A record holds every sample that its sound server plays: it is compared with what another listener hears on
/// the same monitor.</summary>
public sealed partial class SteadySoundTests(PagesFixture fixture, ITestOutputHelper output)
    : EndToEndTest(fixture, output)
{
    /// <summary>A record's first second, in which the browser opens its sound device.</summary>
    private static readonly TimeSpan Opening = TimeSpan.FromSeconds(1);

    /// <summary>How long is listened before the server is held up, s; <c>RECORDER_TONE_SECONDS</c> for long
    /// measurements.</summary>
    private static readonly double Undisturbed = double.Parse(
        Environment.GetEnvironmentVariable("RECORDER_TONE_SECONDS") ?? "20",
        CultureInfo.InvariantCulture
    );

    [Fact]
    public async Task Nothing_is_lost_that_another_listener_hears_even_when_the_sound_server_is_held_up()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(
            new StartRequest(Pages.Tone)
            {
                Width = 320,
                Height = 180,
                Framerate = 5,
                Bitrate = 200,
            }
        );
        var server = Assert.Single(node.SessionProcesses(), process => process is { Role: "sound", IsLeader: true });
        await using var listener = SoundListener.Start("unix:" + Socket().Match(server.CommandLine).Groups[1].Value);
        await RecordForAsync(Undisturbed);
        // A full machine does the same: the server catches up, and the listener beside loses nothing.
        for (var i = 0; i < 4; i++)
        {
            Signals.Send(server.Id, Signals.Stop);
            await RecordForAsync(0.3 + (0.05 * i));
            Signals.Send(server.Id, Signals.Continue);
            await RecordForAsync(3);
        }

        var heard = await listener.EndAsync();
        await node.Api.StopAsync(started.Id);
        var record = Assert.Single(await node.Api.RecordsAsync(started.Id));
        var sound = await new MediaAnalysis(record).SoundAsync();

        var differences = SoundComparison.Of(sound, heard, out var compared);
        Tell(
            $"{compared.TotalSeconds:0.0} s compared; breaks that both hear: {ToneBreaks.In(heard, ToneBreaks.OfThePage).Count}; differences: {string.Join("; ", differences)}"
        );
        Assert.InRange(compared, TimeSpan.FromSeconds(Undisturbed + 10), TimeSpan.MaxValue);
        Assert.Empty(sound.Holes);
        Assert.DoesNotContain(differences, difference => difference.IsLoss && difference.At > Opening);
    }

    [GeneratedRegex(@"module-native-protocol-unix socket=(\S+)")]
    private static partial Regex Socket();
}
