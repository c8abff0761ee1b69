using System.Globalization;
using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Streams;

/// <summary>Streams to an RTMP server behind TLS, on a host that trusts one certificate.</summary>
public sealed class SecureStreamTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [FactAsRoot]
    public async Task A_page_is_streamed_to_a_server_whose_certificate_the_host_trusts_and_to_no_other()
    {
        await using var server = await RtmpServer.StartAsync();
        await using var trusted = new TlsFront(server.Port);
        await using var stranger = new TlsFront(server.Port);
        using var authorities = new AuthoritiesFile(trusted.CertificatePem);
        var node = await StartNodeAsync(new RecorderNodeSettings { AuthoritiesFile = authorities.Path });

        var refused = (
            await node.Api.TryStartAsync(StreamedPage.Request(Pages.Reference, "stream", Address(stranger)))
        ).ReadError();
        Tell($"{refused.Error}");
        Assert.Equal("stream_failed", refused.Code);
        Assert.Contains("certificate", refused.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("very-secret", refused.Error, StringComparison.Ordinal);
        Assert.Empty(server.Received);

        var started = await node.Api.StartAsync(StreamedPage.Request(Pages.Reference, "stream", Address(trusted)));
        await node.Api.SeeOutputAsync(started.Id, "target-1", "active", StreamedPage.Limit);
        await RecordForAsync(5);
        await node.Api.StopAsync(started.Id);

        var target = (await node.Api.SessionAsync(started.Id)).Output("target-1")!;
        Assert.Equal(("finished", 0), (target.State, target.Retries));
        var track = await StreamedPage.AssertReceivedAsync(Assert.Single(server.Received));
        Assert.InRange(track.Frames.Count, target.FramesSent - 1, target.FramesSent + 1);
        Assert.DoesNotContain("very-secret", node.LogTails(), StringComparison.Ordinal);
    }

    private static string Address(TlsFront front) =>
        string.Create(CultureInfo.InvariantCulture, $"rtmps://{IPAddress.Loopback}:{front.Port}/live/very-secret");

    private sealed class AuthoritiesFile : IDisposable
    {
        public AuthoritiesFile(string pem) => File.WriteAllText(Path, pem);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
