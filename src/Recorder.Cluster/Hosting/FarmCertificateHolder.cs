using System.Security.Cryptography.X509Certificates;
using Akka.Actor.Setup;

namespace Recorder.Cluster.Hosting;

/// <summary>The node's present certificate. New connections go by it; connections that stand go on.</summary>
/// <param name="first">The certificate at the start.</param>
internal sealed class FarmCertificateHolder(FarmCertificate first) : Setup
{
    private volatile FarmCertificate _current = first;

    /// <summary>Told of each certificate that replaces another.</summary>
    public Action<X509Certificate2>? Changed { get; set; }

    /// <summary>The certificate.</summary>
    public FarmCertificate Current => _current;

    /// <summary>Replaces the certificate.</summary>
    /// <param name="next">The next certificate.</param>
    public void Replace(FarmCertificate next)
    {
        _current = next;
        Changed?.Invoke(next.Own);
    }
}
