using System.Net;
using Microsoft.AspNetCore.Http;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>Tells which addresses only this machine can reach. Pure.</summary>
internal static class BindingRule
{
    /// <summary>The single addresses of <see cref="HttpOptions.Listen"/>.</summary>
    public static IReadOnlyList<string> AddressesOf(string listen) =>
        listen.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>
    /// Whether only this machine can reach the address. Kestrel treats every host name other than <c>localhost</c> as
    /// "all interfaces". Such a name is therefore not loopback, whatever address the name resolves to.
    /// </summary>
    /// <exception cref="FormatException">The text is not an address to listen on.</exception>
    public static bool IsLoopback(string address)
    {
        var binding = BindingAddress.Parse(address);
        return binding.IsUnixPipe || IsLoopbackHost(binding.Host);
    }

    /// <summary>Whether a host, as written in an address or a <c>Host</c> header, is this machine's loopback.</summary>
    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>What is wrong with an address of <see cref="HttpOptions.Listen"/>, as a sentence; null when nothing is
    /// wrong.</summary>
    /// <param name="address">The address.</param>
    /// <param name="hasKeys">Whether calls need a key.</param>
    /// <param name="behindProxy">Whether keys may come without encryption.</param>
    public static string? Problem(string address, bool hasKeys, bool behindProxy)
    {
        try
        {
            return IsLoopback(address) ? null
                : !hasKeys ? KeysNeeded(address)
                : behindProxy || IsEncrypted(address) ? null
                : KeysInClear(address);
        }
        catch (FormatException)
        {
            return $"{HttpOptions.Section}:Listen has \"{address}\", which is no address to listen on; write it like http://127.0.0.1:34568.";
        }
    }

    /// <summary>Whether callers of the address speak HTTPS.</summary>
    public static bool IsEncrypted(string address) =>
        address.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The sentence of a process to which keys would come without encryption from other machines.</summary>
    public static string KeysInClear(string address) =>
        $"The recorder would listen on {address}, where API keys come from other machines without encryption. "
        + $"Listen on https:// with {HttpOptions.Section}:Certificate, or listen on loopback behind a proxy that speaks HTTPS. "
        + $"Where a proxy on another machine does so, or where nobody else can listen in the network, set {HttpOptions.Section}:BehindProxy=true.";

    /// <summary>The sentence of a process that would listen on a reachable address without keys.</summary>
    public static string KeysNeeded(string address) =>
        $"The recorder would listen on {address}, which other machines can reach, and there are no API keys: anyone could record with it. "
        + $"Listen on http://127.0.0.1:34568, or give {HttpOptions.Section}:Keys.";
}
