using System.Net.Http.Json;
using System.Text.Json;
using Recorder.Benchmarks.Measuring;
using Recorder.Benchmarks.Processes;
using Recorder.Benchmarks.Systems;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>What a session costs that receives RTP; per cent of one core.</summary>
/// <param name="Seconds">Of the window.</param>
/// <param name="Worker">The worker.</param>
/// <param name="Node">The node, which serves all sessions.</param>
/// <param name="IdleNode">The same before the session.</param>
/// <param name="Others">The rest of the machine, the sender included: large is a disturbed measurement.</param>
/// <param name="WorkerBytes">The worker's proportional set at the end of the window.</param>
/// <param name="Lost">Packets lost, as the session tells.</param>
/// <param name="Kilobits">Of RTP a second in the window, as the session tells, in kbit/s.</param>
internal sealed record RtpReport(
    double Seconds,
    double Worker,
    double Node,
    double IdleNode,
    double Others,
    long WorkerBytes,
    long Lost,
    double Kilobits
);

/// <summary>One session of VP8, 1280x720 at 25 frames/s, without sound, sent by ffmpeg that encodes nothing
/// meanwhile.</summary>
/// <param name="product">The product's build output.</param>
/// <param name="window">How long is measured.</param>
internal sealed class RtpScenario(string product, TimeSpan window)
{
    private static readonly ReferenceClipFormat Format = new(1280, 720, 25, TimeSpan.FromSeconds(60));
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    /// <summary>Runs the scenario.</summary>
    public async Task<RtpReport> RunAsync(CancellationToken cancellationToken)
    {
        var clip = await ReferenceClip.MakeAsync(Format, cancellationToken: cancellationToken);
        var path = await RtpSender.EncodeAsync(clip, "libvpx");
        var folder = Directory.CreateTempSubdirectory("recorder-benchmark-").FullName;
        try
        {
            var node = await ProductNode.StartAsync(product, folder, cancellationToken);
            await using var nodeEnd = node;
            using var http = new HttpClient { BaseAddress = node.Address };
            // The node records a first picture by itself and compiles what it has used.
            await Task.Delay(Settle, cancellationToken);
            var idle = await CpuMeter.MeasureAsync(node.Processes, Idle, cancellationToken);

            var start = JsonContent.Create(new { type = "rtp", data = new { rtpPort = 0, rtcpPort = 0 } });
            using var answer = await http.PostAsync(new Uri("/api/start", UriKind.Relative), start, cancellationToken);
            answer.EnsureSuccessStatusCode();
            var started = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            var session = new Uri($"/api/sessions/{started.GetProperty("id")}", UriKind.Relative);
            var sender = RtpSender.Send(
                path,
                started.GetProperty("rtp_port").GetInt32(),
                started.GetProperty("rtcp_port").GetInt32()
            );
            await using var senderEnd = sender;
            await Task.Delay(Settle, cancellationToken);

            var before = await ReadAsync(http, session, cancellationToken);
            var usage = await CpuMeter.MeasureAsync(node.Processes, window, cancellationToken);
            var after = await ReadAsync(http, session, cancellationToken);
            var worker = node.Processes.Current().Single(process => SessionParts.Of(process) == SessionPart.Capture);
            return new RtpReport(
                usage.Seconds,
                usage.Percent[SessionPart.Capture],
                usage.Percent[SessionPart.Control],
                idle.Percent[SessionPart.Control],
                usage.OthersPercent,
                ProcFileSystem.ProportionalSetSize(worker.Key.Id),
                after.Lost,
                8 * (after.Bytes - before.Bytes) / 1000d / usage.Seconds
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(long Lost, long Bytes)> ReadAsync(
        HttpClient http,
        Uri session,
        CancellationToken cancellationToken
    )
    {
        var told = await http.GetFromJsonAsync<JsonElement>(session, cancellationToken);
        var video = told.GetProperty("reception").GetProperty("video");
        return (video.GetProperty("lost").GetInt64(), video.GetProperty("bytes").GetInt64());
    }
}
