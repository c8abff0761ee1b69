using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Recorder.Http.Access;
using Recorder.Http.Settings;

namespace Recorder.Http.Tls;

/// <summary>Reads the certificate that this node shows to callers of its https addresses.</summary>
internal static class ServerCertificate
{
    private const string Scheme = "https://";

    /// <summary>Whether a node with these options listens on an https address.</summary>
    public static bool IsNeeded(HttpOptions options) =>
        BindingRule
            .AddressesOf(options.Listen)
            .Any(address => address.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads certificate, chain and key. Mistakes come back as sentences.</summary>
    /// <param name="options">The options, with the names of the files.</param>
    /// <param name="now">The time, at which the certificate must be valid.</param>
    /// <param name="problems">Receives the sentences.</param>
    /// <returns>The certificate; null when there is a mistake, and when no certificate is asked for.</returns>
    public static SslStreamCertificateContext? Read(
        HttpOptions options,
        DateTimeOffset now,
        ICollection<string> problems
    )
    {
        var needed = IsNeeded(options);
        if (options.Certificate.Length == 0)
        {
            if (needed || options.CertificateKey.Length > 0)
            {
                problems.Add(
                    needed
                        ? "Http:Listen has an https address, and there is no certificate; give Http:Certificate and Http:CertificateKey."
                        : "Http:CertificateKey is given without Http:Certificate."
                );
            }
            return null;
        }
        if (!needed)
        {
            problems.Add(
                "Http:Certificate is given, and no address of Http:Listen begins with https://; the node would answer without encryption."
            );
            return null;
        }
        var key = options.CertificateKey.Length > 0 ? options.CertificateKey : options.Certificate;
        try
        {
            if (File.GetUnixFileMode(key).HasFlag(UnixFileMode.OtherRead))
            {
                problems.Add(
                    $"Every user of this machine can read the key in {key}; take that right away with chmod o-r."
                );
                return null;
            }
            var certificate = X509Certificate2.CreateFromPemFile(options.Certificate, key);
            if (WhyNotValid(certificate, now) is { } reason)
            {
                problems.Add($"The certificate in {options.Certificate} {reason}");
                return null;
            }
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(options.Certificate);
            return SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            problems.Add(
                $"Http:Certificate {options.Certificate} and its key in {key} cannot be used: {error.Message.TrimEnd('.')}. Both are PEM files, and the key has no password."
            );
            return null;
        }
    }

    private static string? WhyNotValid(X509Certificate2 certificate, DateTimeOffset now)
    {
        var (from, to) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        return now.UtcDateTime > to ? $"expired at {Time(to)}; this machine's clock says {Time(now.UtcDateTime)}."
            : now.UtcDateTime < from
                ? $"is valid from {Time(from)} on; this machine's clock says {Time(now.UtcDateTime)}."
            : null;

        static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
    }
}
