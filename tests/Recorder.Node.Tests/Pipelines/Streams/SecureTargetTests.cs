using System.Globalization;

using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Pipelines;
using Recorder.ReferencePages;

namespace Recorder.Node.Tests.Pipelines.Streams;

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
        await run.RecordAsync(run.Settings(RecordContainer.Ts) with { Targets = [new StreamOutput("target-1", new StreamTarget(address))] });

        OutputSummary output = await run.OutputAsync(OutputState.Retrying);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Contains("certificate", output.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret", output.Reason, StringComparison.Ordinal);
        Assert.Equal(0, output.FramesSent);
        Assert.Empty(server.Received);
        Assert.DoesNotContain("secret", server.Log, StringComparison.Ordinal);
    }
}
