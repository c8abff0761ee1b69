using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Recorder.ReferencePages;

/// <summary>TLS in front of a server of the loopback address, as a balancer has it: what it deciphers goes on to the server. Its certificate is its own, for 127.0.0.1, and signed by nobody else.</summary>
public sealed class TlsFront : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly X509Certificate2 certificate = SelfSigned();
    private readonly int behind;
    private readonly Task accepting;

    /// <summary>Takes connections from now on.</summary>
    /// <param name="behind">The server's port.</param>
    public TlsFront(int behind)
    {
        this.behind = behind;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>The port on the loopback address.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The certificate in PEM, for whoever is to trust it.</summary>
    public string CertificatePem => certificate.ExportCertificatePem();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync().ConfigureAwait(false);
        listener.Stop();
        await accepting.ConfigureAwait(false);
        listener.Dispose();
        certificate.Dispose();
        end.Dispose();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await listener.AcceptTcpClientAsync(end.Token).ConfigureAwait(false)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The front is at its end.
        }

        await Task.WhenAll(connections).ConfigureAwait(false);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var accepted = client;
        using var server = new TcpClient();
        try
        {
            var secure = new SslStream(client.GetStream());
            await using var secureEnd = secure.ConfigureAwait(false);
            await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, end.Token).ConfigureAwait(false);
            await server.ConnectAsync(IPAddress.Loopback, behind, end.Token).ConfigureAwait(false);
            var plain = server.GetStream();
            await Task.WhenAny(secure.CopyToAsync(plain, end.Token), plain.CopyToAsync(secure, end.Token)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The client would not trust the certificate, or one of the two has gone.
        }
    }
}
