using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Recorder.ReferencePages;

/// <summary>TLS in front of a server of the loopback address, as a balancer has it: the deciphered bytes go on to the
/// server. The front signs its own certificate, for 127.0.0.1.</summary>
public sealed class TlsFront : LoopbackFront
{
    private readonly X509Certificate2 _certificate = SelfSigned();

    /// <summary>Takes connections from now on.</summary>
    /// <param name="behind">The server's port.</param>
    public TlsFront(int behind)
        : base(behind) => Begin();

    /// <summary>The certificate in PEM, for whoever is to trust it.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <inheritdoc/>
    protected override async Task<Stream> AcceptedAsync(NetworkStream client, CancellationToken cancelled)
    {
        var secure = new SslStream(client);
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = _certificate },
            cancelled
        );
        return secure;
    }

    /// <inheritdoc/>
    protected override void Close() => _certificate.Dispose();

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: true,
                hasPathLengthConstraint: false,
                0,
                critical: true
            )
        );
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
    }
}
