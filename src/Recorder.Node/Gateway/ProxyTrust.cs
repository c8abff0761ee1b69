using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Recorder.Node.Gateway;

/// <summary>Whose certificates the operator's proxy may show: those of the system's authorities, as in every other
/// program, and those of the authorities that browsers trust besides.</summary>
internal sealed class ProxyTrust
{
    private readonly X509Certificate2Collection _authorities = [];

    /// <param name="authorities">Authorities besides the system's: DER in base64.</param>
    public ProxyTrust(ImmutableArray<string> authorities)
    {
        foreach (var authority in authorities)
        {
            _authorities.Add(X509CertificateLoader.LoadCertificate(Convert.FromBase64String(authority)));
        }
    }

    /// <summary>How to shake hands with a proxy.</summary>
    /// <param name="host">The proxy's name, which its certificate has to be for.</param>
    public SslClientAuthenticationOptions OptionsFor(string host) =>
        new()
        {
            TargetHost = host,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                errors == SslPolicyErrors.None
                || (errors == SslPolicyErrors.RemoteCertificateChainErrors && IsOurs(certificate, chain)),
        };

    private bool IsOurs(X509Certificate? certificate, X509Chain? told)
    {
        if (certificate is not X509Certificate2 shown || _authorities.Count == 0)
        {
            return false;
        }
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                // The purpose of a server's certificate, as SslStream itself asks for (RFC 5280, 4.2.1.12).
                ApplicationPolicy = { new("1.3.6.1.5.5.7.3.1") },
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        foreach (var element in told?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }
        return chain.Build(shown);
    }
}
