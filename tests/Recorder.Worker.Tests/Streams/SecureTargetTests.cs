using System.Globalization;
using Recorder.ReferencePages;
using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Streams;

/// <summary>A worker that streams to an RTMP server behind TLS.</summary>
public sealed class SecureTargetTests
{
    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_said_and_nothing_reaches_the_server()
    {
        await using RtmpServer server = await RtmpServer.StartAsync();
        await using TlsFront front = new(server.Port);
        await using WorkerRun run = new();
        string address = string.Create(CultureInfo.InvariantCulture, $"rtmps://127.0.0.1:{front.Port}/live/secret");
        await run.RecordAsync(run.Settings(FileContainer.Ts) with { Targets = [new WorkerTarget("target-1", address, "…")] });

        WorkerOutput output = await run.OutputAsync(WorkerOutputState.Retrying);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Contains("certificate", output.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret", output.Reason, StringComparison.Ordinal);
        Assert.Equal(0, output.FramesSent);
        Assert.Empty(server.Received);
        Assert.DoesNotContain("secret", server.Log, StringComparison.Ordinal);
    }
}
