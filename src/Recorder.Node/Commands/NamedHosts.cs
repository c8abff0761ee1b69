using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;

namespace Recorder.Node.Commands;

/// <summary>The hosts that the caller of <c>recorder record</c> names. The caller is a user of this machine, so these
/// hosts may be reached wherever they are.</summary>
internal static class NamedHosts
{
    private static readonly string[] Fields = ["uri", "stream_uri", "stream_uris"];

    /// <summary>The entries for <c>Network:Allow</c>. Pure.</summary>
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

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
