using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Recorder.Cluster.Hosting;

/// <summary>
/// The certificate by which a node shows that it belongs to the farm, and the authorities whose certificates the node
/// takes. Whoever has a valid certificate of these authorities is a node of the farm, so they are for the farm alone.
/// </summary>
/// <param name="Own">The node's certificate with its key.</param>
/// <param name="Authorities">The farm's authorities: one, and two while they are exchanged.</param>
internal sealed record FarmCertificate(X509Certificate2 Own, X509Certificate2Collection Authorities)
{
    /// <summary>Reads the files of the options. Mistakes come back as sentences.</summary>
    /// <param name="remoting">The options, with the names of the files.</param>
    /// <param name="now">The time at which the certificate must be valid.</param>
    /// <param name="problems">Receives the sentences.</param>
    /// <returns>The certificate; null when there is a mistake, and when no certificate is asked for.</returns>
    public static FarmCertificate? Read(RemotingOptions remoting, DateTimeOffset now, ICollection<string> problems)
    {
        ArgumentNullException.ThrowIfNull(remoting);
        if (remoting.Certificate.Length == 0)
        {
            if (remoting.CertificateKey.Length > 0 || remoting.Authorities.Length > 0)
            {
                problems.Add("Remoting:CertificateKey and Remoting:Authorities need Remoting:Certificate.");
            }
            return null;
        }
        if (remoting.Authorities.Length == 0)
        {
            problems.Add(
                "Remoting:Certificate needs Remoting:Authorities, the file with the certificate of the farm's authority."
            );
            return null;
        }
        if (remoting.SecretFile.Length > 0)
        {
            problems.Add(
                "Remoting:SecretFile and Remoting:Certificate are two ways to know the farm's nodes; give one of them."
            );
            return null;
        }
        var key = remoting.CertificateKey.Length > 0 ? remoting.CertificateKey : remoting.Certificate;
        try
        {
            if (File.GetUnixFileMode(key).HasFlag(UnixFileMode.OtherRead))
            {
                problems.Add(
                    $"Every user of this machine can read the key in {key} (Remoting:CertificateKey) and act as a node; take that right away with chmod o-r."
                );
                return null;
            }
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(remoting.Authorities);
            if (authorities.Count == 0)
            {
                problems.Add($"{remoting.Authorities} (Remoting:Authorities) has no certificate.");
                return null;
            }
            var read = new FarmCertificate(X509Certificate2.CreateFromPemFile(remoting.Certificate, key), authorities);
            if (read.WhyNotOwn(remoting, now) is { } reason)
            {
                problems.Add(
                    $"The certificate in {remoting.Certificate} (Remoting:Certificate) {reason} Make another with: recorder farm certificates issue {remoting.KnownHostname}"
                );
                return null;
            }
            return read;
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            problems.Add(
                $"Remoting:Certificate {remoting.Certificate}, its key in {key} and {remoting.Authorities} cannot be used: {error.Message.TrimEnd('.')}. All are PEM files, and the key has no password."
            );
            return null;
        }
    }

    /// <summary>Why a certificate that another process shows is none of this farm, as the end of a sentence; null: the
    /// certificate is one of a node.</summary>
    /// <param name="shown">The certificate; null: the process has shown none.</param>
    /// <param name="now">The time.</param>
    public string? WhyRefused(X509Certificate2? shown, DateTimeOffset now)
    {
        if (shown is null)
        {
            return "it shows no certificate";
        }
        if (WhyNotNow(shown, now) is { } date)
        {
            return $"its certificate {date}";
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(shown) ? null : $"its certificate ({shown.Subject}) is not one of the farm's authority";
    }

    private string? WhyNotOwn(RemotingOptions remoting, DateTimeOffset now)
    {
        if (WhyNotNow(Own, now) is { } date)
        {
            return $"{date}.";
        }
        if (WhyRefused(Own, now) is not null)
        {
            return $"is not one of the authority in {remoting.Authorities}.";
        }
        return Own.MatchesHostname(remoting.KnownHostname, allowWildcards: false, allowCommonName: false)
            ? null
            : $"is for {string.Join(", ", NamesOf(Own))}, and other nodes know this node as {remoting.KnownHostname}.";
    }

    private static string? WhyNotNow(X509Certificate2 certificate, DateTimeOffset now)
    {
        var (from, to) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        return now.UtcDateTime > to ? $"expired at {Time(to)}, and this machine's clock says {Time(now.UtcDateTime)}"
            : now.UtcDateTime < from
                ? $"is valid from {Time(from)} on, and this machine's clock says {Time(now.UtcDateTime)}"
            : null;

        static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
        return names.Count == 0
            ? ["no name"]
            : names.SelectMany(one =>
                one.EnumerateDnsNames().Concat(one.EnumerateIPAddresses().Select((IPAddress address) => $"{address}"))
            );
    }
}
