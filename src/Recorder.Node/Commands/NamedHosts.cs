using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Recorder.Cluster.Network;

namespace Recorder.Node.Commands;

/// <summary>
/// The hosts that the caller of <c>recorder record</c> names. The caller is a user of this machine, so these hosts may
/// be reached in private networks and on this machine too. A name stands for the addresses that it has at the start,
/// so that a page cannot lead its own name to a service of this machine later.
/// </summary>
internal static class NamedHosts
{
    private static readonly string[] Fields = ["uri", "stream_uri", "stream_uris"];

    /// <summary>The entries for <c>Network:Allow</c>.</summary>
    /// <param name="data">The data of the start call.</param>
    /// <param name="resolver">Resolves names.</param>
    /// <param name="limit">How long the resolver may take for each name.</param>
    public static async Task<ImmutableList<string>> ResolveAsync(JsonNode? data, IHostResolver resolver, TimeSpan limit)
    {
        var entries = ImmutableList<string>.Empty;
        foreach (var host in In(data))
        {
            if (IsLoopback(host) || host.Contains('/', StringComparison.Ordinal) || IPAddress.TryParse(host, out _))
            {
                entries = entries.Add(host);
                continue;
            }
            using var ended = new CancellationTokenSource(limit);
            try
            {
                entries = entries.AddRange(
                    (await resolver.ResolveAsync(host, ended.Token))
                        .Where(address => !IPAddress.IsLoopback(address) && !IsLinkLocal(address))
                        .Select(address => $"{address}")
                );
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ArgumentException)
            {
                // The page does not load then, and the browser says why.
            }
        }
        return entries;
    }

    /// <summary>The hosts, and what a host of this machine stands for. Pure.</summary>
    /// <param name="data">The data of the start call.</param>
    public static ImmutableList<string> In(JsonNode? data) =>
        [
            .. Fields
                .Select(field => data?[field])
                .SelectMany(node => node is JsonArray list ? list.AsEnumerable() : [node])
                .Select(node => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null)
                .SelectMany(EntriesOf)
                .Distinct(),
        ];

    private static IEnumerable<string> EntriesOf(string? address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.DnsSafeHost.Length == 0)
        {
            return [];
        }
        var host = uri.IdnHost.TrimEnd('.');

        // A page of this machine is found by several names.
        return IsLoopback(host) ? ["127.0.0.0/8", "::1", host] : [host];
    }

    /// <summary>Where the metadata services of clouds are, among others.</summary>
    private static bool IsLinkLocal(IPAddress address) =>
        address.IsIPv6LinkLocal
        || (
            (address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6)
            && address.MapToIPv4().GetAddressBytes() is [169, 254, ..]
        );

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
