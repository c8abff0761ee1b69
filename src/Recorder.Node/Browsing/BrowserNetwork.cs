using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Recorder.Node.Parts;

namespace Recorder.Node.Browsing;

/// <summary>How the browsers of this node reach pages, and which certificate authorities they trust.</summary>
/// <param name="Proxy">The proxies.</param>
/// <param name="Authorities">Trusted certificate authorities besides the browser's own: DER in base64.</param>
internal sealed record BrowserNetwork(BrowserProxy Proxy, ImmutableArray<string> Authorities)
{
    /// <summary>Whether WebRTC may use UDP.</summary>
    public bool PeerUdp { get; init; } = true;

    /// <summary>No proxy, and the browser's own authorities.</summary>
    public static BrowserNetwork Plain { get; } = new(BrowserProxy.None, []);

    /// <summary>Reads the options and the environment.</summary>
    /// <param name="options">The options.</param>
    /// <param name="environment">Returns a variable's value; null when the variable is not set.</param>
    /// <param name="problems">Receives sentences about options that cannot be used.</param>
    /// <param name="warnings">Receives sentences about variables that cannot be used and are therefore ignored.</param>
    public static BrowserNetwork Read(
        MediaOptions options,
        Func<string, string?> environment,
        out IReadOnlyList<string> problems,
        out IReadOnlyList<string> warnings
    )
    {
        var found = new List<string>();
        var passedOver = new List<string>();
        var network = new BrowserNetwork(
            BrowserProxy.Read(options.Proxy, options.NoProxy, environment, found, passedOver),
            options.Authorities.Length == 0 ? [] : AuthoritiesIn(options.Authorities, found)
        );
        problems = found;
        warnings = passedOver;
        return network;
    }

    private static ImmutableArray<string> AuthoritiesIn(string file, List<string> problems)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(file);
            if (certificates.Count == 0)
            {
                problems.Add(
                    $"The file {file} of Media:Authorities has no certificate in it. Write each as PEM, between BEGIN CERTIFICATE and END CERTIFICATE."
                );
            }
            return [.. certificates.Select(certificate => Convert.ToBase64String(certificate.RawData))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            problems.Add($"The file {file} of Media:Authorities cannot be read: {error.Message.TrimEnd('.')}.");
            return [];
        }
    }
}
