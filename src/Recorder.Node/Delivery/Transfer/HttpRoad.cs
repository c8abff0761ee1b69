using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Recorder.Cluster.Network;
using Recorder.Worker.Network;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>The way to a destination over HTTP: proxy, certificate authorities, no redirects.</summary>
internal static class HttpRoad
{
    /// <summary>Makes a client. Limits of time are the caller's.</summary>
    /// <param name="destination">The destination's name, for messages.</param>
    /// <param name="options">The destination.</param>
    /// <param name="allowed">Which addresses may be called; null: every address. A proxy decides for itself.</param>
    /// <exception cref="TransferFailure">The file of authorities cannot be read.</exception>
    public static HttpClient Client(string destination, DestinationOptions options, NetworkPolicy? allowed = null)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirect would take the credentials to a host that nobody configured.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.Timeout,
            UseProxy = options.Proxy.Length > 0,
            Proxy = options.Proxy.Length > 0 ? new WebProxy(options.Proxy) : null,
        };
        if (allowed is not null && options.Proxy.Length == 0)
        {
            handler.ConnectCallback = new AllowedConnection(allowed).ConnectAsync;
        }
        if (options.Authorities.Length > 0)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            try
            {
                policy.CustomTrustStore.ImportFromPemFile(options.Authorities);
            }
            catch (Exception error) when (error is IOException or CryptographicException or UnauthorizedAccessException)
            {
                throw new TransferFailure(
                    $"Destinations:{destination}:Authorities: {options.Authorities} cannot be read as certificates: {error.Message}",
                    mayPass: true,
                    error
                );
            }
            handler.SslOptions.CertificateChainPolicy = policy;
        }
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>What a failed connection means, as sentences without addresses.</summary>
    /// <param name="destination">The destination's name.</param>
    /// <param name="error">The failure.</param>
    public static TransferFailure Failure(string destination, Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
            {
                return new TransferFailure(
                    $"Destination {destination}: its certificate is not accepted: {cause.Message} Set Destinations:{destination}:Authorities to the certificate of its authority.",
                    mayPass: true,
                    error
                );
            }
        }
        return new TransferFailure(
            $"Destination {destination}: the connection failed: {error.GetBaseException().Message}",
            mayPass: true,
            error
        );
    }

    /// <summary>The media type of a file, by its ending.</summary>
    /// <param name="name">The file's name.</param>
    public static string MediaType(string name) =>
        Path.GetExtension(name) switch
        {
            ".mp4" => "video/mp4",
            ".ts" => "video/mp2t",
            ".mkv" => "video/x-matroska",
            ".webm" => "video/webm",
            ".m4a" => "audio/mp4",
            ".ogg" => "audio/ogg",
            ".mp3" => "audio/mpeg",
            ".flac" => "audio/flac",
            ".json" => "application/json",
            _ => "application/octet-stream",
        };
}
