using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Sessions that record the sound of a real browser without a picture, and sound beside a picture.</summary>
public sealed class SoundAloneTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(60);

    [Theory]
    [InlineData("m4a", "aac")]
    [InlineData("ogg", "opus")]
    [InlineData("mp3", "mp3")]
    [InlineData("flac", "flac")]
    public async Task Sound_alone_has_the_tone_of_the_page_and_the_length_of_the_clock_and_outlives_a_killed_worker(
        string container,
        string codec
    )
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(
            new StartRequest(Pages.Tone) { SoundOnly = true, Container = container }
        );
        await RecordForAsync(4);
        using var http = new HttpClient { BaseAddress = node.Address };
        using var thumbnail = await http.GetAsync(
            new Uri($"/api/sessions/{started.Id}/thumbnail.jpg", UriKind.Relative)
        );
        var killed = node.Kill("worker");
        await node.Api.SeeSessionAsync(
            started.Id,
            "the second record is open and the first one repaired",
            RecoveryLimit,
            session => session.Records is [{ Finished: true }, { OpenedAt: not null }]
        );
        await RecordForAsync(4);
        var stopped = await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        var (first, second) = (session.Records[0], session.Records[1]);
        using var poster = await http.GetAsync(
            new Uri($"/api/records/{started.Id}-1/poster.jpg", UriKind.Relative)
        );

        var before = await PlayableAsync(first.Path, codec);
        var after = await PlayableAsync(second.Path, codec);
        Tell(
            $"{container}: {before} until {(killed - first.OpenedAt)!.Value}; {after} of {(stopped.Answered - second.OpenedAt)!.Value}"
        );
        Assert.Equal(HttpStatusCode.NotFound, thumbnail.StatusCode);
        Assert.Contains("sound alone", await thumbnail.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, poster.StatusCode);
        Assert.True(first.Repaired);
        var lived = killed - first.OpenedAt!.Value;
        Assert.InRange(before, lived - TimeSpan.FromSeconds(1), lived + Frame);
        Assert.InRange(
            after,
            stopped.Called - second.OpenedAt!.Value - Frame,
            stopped.Answered - second.OpenedAt.Value + Frame
        );
    }

    [Fact]
    public async Task The_sound_beside_a_record_is_that_of_the_record()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Tone) { AlsoAudio = "flac", Framerate = 10 });
        await RecordForAsync(5);
        await node.Api.StopAsync(started.Id);
        var path = Assert.Single(await node.Api.RecordsAsync(started.Id));
        using var http = new HttpClient { BaseAddress = node.Address };
        var served = await http.GetByteArrayAsync(new Uri($"/api/records/{started.Id}-1/audio", UriKind.Relative));

        var record = await new MediaAnalysis(path).SoundAsync();
        var beside = await new MediaAnalysis(path + ".flac").SoundAsync();
        var differences = SoundComparison.Of(record, beside, out var compared);
        Tell($"record {record.Duration}, beside {beside.Duration}; {compared} compared: {string.Join("; ", differences)}");
        Assert.InRange(beside.Duration, record.Duration - Frame, record.Duration + Frame);
        Assert.DoesNotContain(differences, difference => difference.IsLoss);
        Assert.Equal(await File.ReadAllBytesAsync(path + ".flac"), served);
    }

    /// <summary>The length of a record that has this sound, the tone of the page, and no picture.</summary>
    private static async Task<TimeSpan> PlayableAsync(string path, string codec)
    {
        var analysis = new MediaAnalysis(path);
        Assert.Empty(await analysis.DecodeErrorsAsync());
        var probe = await analysis.ProbeAsync();
        Assert.Null(probe.Video);
        Assert.Equal(codec, probe.Sound!.Codec);
        var sound = await analysis.SoundAsync();
        Assert.Empty(sound.Holes);

        // The second from 1.5 s on: the browser has opened its sound device by then.
        var second = sound.Samples.Span.Slice(sound.SampleRate * 3 / 2, sound.SampleRate);
        var (tone, beside) = (Strength(second, 440, sound.SampleRate), Strength(second, 520, sound.SampleRate));
        Assert.True(tone > 20 * beside, $"{path}: 440 Hz has {tone:0}, 520 Hz {beside:0}.");
        return sound.Duration;
    }

    private static double Strength(ReadOnlySpan<short> samples, double hertz, int rate)
    {
        var (real, imaginary) = (0.0, 0.0);
        for (var i = 0; i < samples.Length; i++)
        {
            var (sine, cosine) = Math.SinCos(2 * Math.PI * hertz * i / rate);
            real += samples[i] * cosine;
            imaginary += samples[i] * sine;
        }

        return 2 * Math.Sqrt((real * real) + (imaginary * imaginary)) / samples.Length;
    }
}
