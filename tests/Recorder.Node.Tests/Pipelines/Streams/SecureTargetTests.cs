using System.Globalization;
using Recorder.Cluster.Sessions;
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

    [Theory]
    [InlineData("its authority", OutputState.Active)]
    [InlineData("another authority", OutputState.Retrying)]
    [InlineData("its authority, for another name", OutputState.Retrying)]
    [InlineData("a file without a certificate", OutputState.Retrying)]
    public async Task A_certificate_is_taken_that_an_authority_of_ones_own_vouches_for(string trusted, OutputState expected)
    {
        await using RtmpServer server = await RtmpServer.StartAsync();
        await using TlsFront front = new(server.Port);
        await using TlsFront other = new(server.Port);
        await using WorkerRun run = new();
        string authorities = run.PathOf("authorities.pem");
        await File.WriteAllTextAsync(authorities, trusted switch
        {
            "another authority" => other.CertificatePem,
            "a file without a certificate" => "nothing",
            _ => front.CertificatePem,
        });
        string host = trusted.EndsWith("name", StringComparison.Ordinal) ? "localhost" : "127.0.0.1";
        string address = string.Create(CultureInfo.InvariantCulture, $"rtmps://{host}:{front.Port}/live/secret");
        await run.RecordAsync(run.Settings(RecordContainer.Ts) with { Targets = [new StreamOutput("target-1", new StreamTarget(address))], Authorities = authorities });

        OutputSummary output = await run.OutputAsync(expected);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal(expected == OutputState.Active, output.Reason is null);
        Assert.Contains("certificate", output.Reason ?? "certificate", StringComparison.OrdinalIgnoreCase);
        Assert.Equal(expected == OutputState.Active ? 1 : 0, server.Received.Count);
    }
}
