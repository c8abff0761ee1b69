using System.Collections.Immutable;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Recorder.Cluster.Network;
using Recorder.Node.Gateway;

namespace Recorder.Node.Browsing;

/// <summary>
/// The keys of the hosts whose certificates need not be trusted. The browser is told the key that a host shows when the
/// browser starts, and trusts that key only: Chromium has no switch for a host, and its switch for all hosts would take
/// the protection from the page's other servers too.
/// </summary>
internal static class UntrustedHosts
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>The browser's switch; empty without hosts. A host that shows no key is left out, and the browser then
    /// tells why the page does not load.</summary>
    /// <param name="road">The way to servers.</param>
    /// <param name="hosts">The hosts, as <c>host:port</c>.</param>
    /// <param name="ended">Ends the attempt.</param>
    public static async Task<ImmutableArray<string>> SwitchAsync(
        GatewayRoad road,
        ImmutableList<string> hosts,
        CancellationToken ended
    )
    {
        var keys = new List<string>();
        foreach (var host in hosts)
        {
            if (await KeyOfAsync(road, new Uri("https://" + host), ended) is { } key)
            {
                keys.Add(key);
            }
        }
        return keys.Count == 0 ? [] : [$"--ignore-certificate-errors-spki-list={string.Join(',', keys)}"];
    }

    private static async Task<string?> KeyOfAsync(GatewayRoad road, Uri host, CancellationToken ended)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ended);
        limit.CancelAfter(Limit);
        try
        {
            using var far = await road.ConnectAsync(new RequestHead(true, host.IdnHost, host.Port), limit.Token);
            await using var tls = new SslStream(far.Stream, leaveInnerStreamOpen: true);
            byte[]? key = null;
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host.IdnHost,
                    // Nothing is sent over this connection: only the key that the host shows is read.
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        key = (certificate as X509Certificate2)?.PublicKey.ExportSubjectPublicKeyInfo();
                        return key is not null;
                    },
                },
                limit.Token
            );
            return key is null ? null : Convert.ToBase64String(SHA256.HashData(key));
        }
        catch (Exception error)
            when (error
                    is IOException
                        or SocketException
                        or AuthenticationException
                        or RefusedAddressException
                        or OperationCanceledException
            )
        {
            return null;
        }
    }
}
