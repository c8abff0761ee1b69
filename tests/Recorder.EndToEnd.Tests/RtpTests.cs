using System.Net;
using System.Net.Sockets;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Sessions of type rtp over HTTP, with ffmpeg as their sender.</summary>
public sealed class RtpTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly ReferenceClipFormat Format = new(640, 360, 25, TimeSpan.FromSeconds(12));
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_originals_rtp_call_records_what_is_sent_and_goes_on_after_the_death_of_its_worker()
    {
        var clip = await ReferenceClip.MakeAsync(Format);
        var path = await RtpSender.EncodeAsync(clip, "libvpx");
        var node = await StartNodeAsync();
        var answer = await node.Api.SendAsync(
            HttpMethod.Post,
            "/api/start",
            """{"type":"rtp","data":{"rtpPort":0,"rtcpPort":0}}"""
        );
        var started = answer.Read<RtpStartAnswer>();
        await using var sender = RtpSender.Send(path, started.RtpPort, started.RtcpPort);
        await node.Api.SeeSessionAsync(
            started.Id,
            "its record is open",
            Limit,
            session => session.Records is [{ OpenedAt: not null }]
        );
        await using (RtpSender.Send(path, started.RtpPort, started.RtcpPort))
        {
            await node.Api.SeeSessionAsync(
                started.Id,
                "the sender beside the one that is recorded is told",
                Limit,
                session => session.Faults.Any(fault => fault.Code == "sender_ignored")
            );
        }

        await RecordForAsync(3);
        node.Kill("worker");
        await node.Api.SeeSessionAsync(
            started.Id,
            "the second record is open and the first one repaired",
            Limit,
            session => session.Records is [{ Finished: true }, { OpenedAt: not null }]
        );
        await RecordForAsync(5);
        await node.Api.StopAsync(started.Id);
        var records = await node.Api.RecordsAsync(started.Id);

        Assert.Equal(
            ("started", "127.0.0.1", 0, started.RtpPort + 1),
            (started.Status, started.Host, started.RtpPort % 2, started.RtcpPort)
        );
        Assert.Equal(2, records.Count);
        foreach (var record in records)
        {
            var analysis = new MediaAnalysis(record);
            var probe = await analysis.ProbeAsync();
            var seen = (await analysis.FrameNumbersAsync()).Continuity(Format.FrameRate, Format.FrameCount);
            Tell($"{record}: {probe.Duration}, distinct {seen.DistinctRatio:0.000}, missing {seen.MissingFrames}");
            Assert.EndsWith(".webm", record, StringComparison.Ordinal);
            Assert.Equal("vp8", probe.Video?.Codec);
            Assert.NotNull(probe.Duration);
            // ffmpeg rounds times to a constant frame rate and complains where pictures come faster for a moment; that
            // is no fault of decoding.
            Assert.DoesNotContain(
                await analysis.DecodeErrorsAsync(),
                line =>
                    !line.Contains("non monotonically", StringComparison.Ordinal)
                    && !line.Contains("Last message repeated", StringComparison.Ordinal)
            );
            Assert.InRange(seen.DistinctRatio, 0.8, 1.05);
            await RecordFile.AssertManifestAsync(record);
        }
    }

    [Fact]
    public async Task Sound_is_recorded_while_the_camera_is_off_and_after_the_death_of_its_worker()
    {
        var path = await RtpSender.EncodeAsync(await ReferenceClip.MakeAsync(Format), "libvpx");
        var node = await StartNodeAsync();
        var answer = await node.Api.SendAsync(
            HttpMethod.Post,
            "/api/start",
            """{"type":"rtp","data":{"rtpPort":0,"rtcpPort":0,"audio_rtp_port":0,"audio_rtcp_port":0}}"""
        );
        var started = answer.Read<RtpStartAnswer>();
        DateTimeOffset killed;
        await using (RtpSender.SendSound(path, started.AudioRtpPort!.Value, started.AudioRtcpPort!.Value))
        {
            await node.Api.SeeSessionAsync(
                started.Id,
                "its record has begun with sound",
                Limit,
                session => session.Records is [{ OpenedAt: not null }]
            );
            await using (RtpSender.Send(path, started.RtpPort, started.RtcpPort))
            {
                await node.Api.SeeSessionAsync(
                    started.Id,
                    "its record has pictures",
                    Limit,
                    session => session.Records is [{ FramesCaptured: > 25 }]
                );
            }
            await RecordForAsync(4);
            killed = node.Kill("worker");
            await node.Api.SeeSessionAsync(
                started.Id,
                "the second record is open and the first one repaired",
                Limit,
                session => session.Records is [{ Finished: true }, { OpenedAt: not null }]
            );
            await RecordForAsync(2);
            await node.Api.StopAsync(started.Id);
        }

        var records = (await node.Api.SessionAsync(started.Id)).Records;
        Assert.Equal(2, records.Count);
        foreach (var record in records)
        {
            var analysis = new MediaAnalysis(record.Path);
            var probe = await analysis.ProbeAsync();
            var sound = await analysis.SoundAsync();
            Tell($"{record}: file {probe.Duration}, sound {sound.Start} for {sound.Duration}");
            Assert.InRange(
                record.DurationSeconds!.Value,
                probe.Duration!.Value.TotalSeconds - 0.05,
                probe.Duration.Value.TotalSeconds + 0.05
            );
            Assert.InRange(
                (sound.Start + sound.Duration).TotalSeconds,
                record.DurationSeconds.Value - 0.5,
                record.DurationSeconds.Value + 0.1
            );
            Assert.Empty(sound.SilentStretches(TimeSpan.FromSeconds(0.2)));
        }

        Assert.InRange((killed - records[0].OpenedAt!.Value).TotalSeconds - records[0].DurationSeconds!.Value, -1, 2);
        Assert.NotNull((await new MediaAnalysis(records[0].Path).ProbeAsync()).Video);
        Assert.Null((await new MediaAnalysis(records[1].Path).ProbeAsync()).Video);
    }

    [Fact]
    public async Task A_port_in_use_is_answered_409_and_a_silent_sender_stands_in_the_faults()
    {
        var node = await StartNodeAsync();
        using var taken = new Socket(SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var refused = await node.Api.SendAsync(
            HttpMethod.Post,
            "/api/start",
            $$$"""{"type":"rtp","data":{"rtpPort":{{{port}}},"rtcpPort":0}}"""
        );
        var answer = await node.Api.SendAsync(
            HttpMethod.Post,
            "/api/start",
            """{"type":"rtp","data":{"rtpPort":0,"rtcpPort":0}}"""
        );
        var started = answer.Read<RtpStartAnswer>();
        var silent = await node.Api.SeeSessionAsync(
            started.Id,
            "its silent sender is told",
            Limit,
            session => session.Faults.Any(fault => fault.Code == "sender_silent")
        );
        await node.Api.StopAsync(started.Id);

        Assert.Equal((HttpStatusCode.Conflict, "port_in_use"), (refused.Status, refused.ReadError().Code));
        Assert.Equal("recording", silent.State);
        Assert.Empty(await node.Api.RecordsAsync(started.Id));
        Assert.Empty(Directory.GetFiles(node.RecordsFolder, "20*"));
    }

    private sealed record RtpStartAnswer(
        int Id,
        string Status,
        string Host,
        int RtpPort,
        int RtcpPort,
        int? AudioRtpPort,
        int? AudioRtcpPort
    );
}
