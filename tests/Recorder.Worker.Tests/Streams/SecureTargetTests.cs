using System.Globalization;
using Recorder.ReferencePages;
using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Streams;

/// <summary>A worker that streams to an RTMP server behind TLS.</summary>
[Trait("ring", "media")]
public sealed class SecureTargetTests
{
    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_said_and_nothing_reaches_the_server()
    {
        await using var server = await RtmpServer.StartAsync();
        await using TlsFront front = new(server.Port);
        await using WorkerRun run = new();
        var address = string.Create(CultureInfo.InvariantCulture, $"rtmps://127.0.0.1:{front.Port}/live/secret");
        await run.RecordAsync(
            run.Settings(FileContainer.Ts) with
            {
                Targets = [new WorkerTarget("target-1", address, "…")],
            }
        );

        var output = await run.OutputAsync(WorkerOutputState.Retrying);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Contains("certificate", output.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret", output.Reason, StringComparison.Ordinal);
        Assert.Equal(0, output.FramesSent);
        Assert.Empty(server.Received);
        Assert.DoesNotContain("secret", server.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("its authority", WorkerOutputState.Active)]
    [InlineData("another authority", WorkerOutputState.Retrying)]
    [InlineData("its authority, for another name", WorkerOutputState.Retrying)]
    [InlineData("a file without a certificate", WorkerOutputState.Retrying)]
    public async Task A_certificate_is_taken_that_an_authority_of_ones_own_vouches_for(
        string trusted,
        WorkerOutputState expected
    )
    {
        await using var server = await RtmpServer.StartAsync();
        await using TlsFront front = new(server.Port);
        await using TlsFront other = new(server.Port);
        await using WorkerRun run = new();
        var authorities = run.PathOf("authorities.pem");
        await File.WriteAllTextAsync(
            authorities,
            trusted switch
            {
                "another authority" => other.CertificatePem,
                "a file without a certificate" => "nothing",
                _ => front.CertificatePem,
            }
        );
        var host = trusted.EndsWith("name", StringComparison.Ordinal) ? "localhost" : "127.0.0.1";
        var address = string.Create(CultureInfo.InvariantCulture, $"rtmps://{host}:{front.Port}/live/secret");
        await run.RecordAsync(
            run.Settings(FileContainer.Ts) with
            {
                Targets = [new WorkerTarget("target-1", address, "…")],
                Authorities = authorities,
            }
        );

        var output = await run.OutputAsync(expected);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal(expected == WorkerOutputState.Active, output.Reason is null);
        Assert.Contains("certificate", output.Reason ?? "certificate", StringComparison.OrdinalIgnoreCase);
        Assert.Equal(expected == WorkerOutputState.Active ? 1 : 0, server.Received.Count);
    }

    [Fact]
    public async Task Authorities_are_trusted_no_longer_than_the_worker_streams_that_was_given_them()
    {
        await using var server = await RtmpServer.StartAsync();
        await using TlsFront front = new(server.Port);
        await using (WorkerRun trusting = new())
        {
            var authorities = trusting.PathOf("authorities.pem");
            await File.WriteAllTextAsync(authorities, front.CertificatePem);

            // Over a connection without TLS, whose session nobody could go on with.
            await trusting.RecordAsync(
                trusting.Settings(FileContainer.Ts) with
                {
                    Targets = [new WorkerTarget("target-1", server.Address("one"), "…")],
                    Authorities = authorities,
                }
            );
            await trusting.OutputAsync(WorkerOutputState.Active);
            trusting.Say(new WorkerCommand.Finish());
            await trusting.ExitCodeAsync();
        }

        await using WorkerRun run = new();
        var address = string.Create(CultureInfo.InvariantCulture, $"rtmps://127.0.0.1:{front.Port}/live/secret");
        await run.RecordAsync(
            run.Settings(FileContainer.Ts) with
            {
                Targets = [new WorkerTarget("target-1", address, "…")],
            }
        );
        WorkerOutput output;
        do
        {
            output = (await run.ExpectAsync<WorkerEvent.OutputChanged>()).Output;
        } while (output.State == WorkerOutputState.Starting);

        Assert.Equal(WorkerOutputState.Retrying, output.State);
        Assert.Contains("certificate", output.Reason, StringComparison.OrdinalIgnoreCase);
    }
}
