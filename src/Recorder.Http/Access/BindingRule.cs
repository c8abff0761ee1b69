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
    public static string? Problem(string address, bool hasKeys)
    {
        try
        {
            return IsLoopback(address) || hasKeys ? null : KeysNeeded(address);
        }
        catch (FormatException)
        {
            return $"{HttpOptions.Section}:Listen has \"{address}\", which is no address to listen on; write it like http://127.0.0.1:34568.";
        }
    }

    /// <summary>The sentence of a process that would listen on a reachable address without keys.</summary>
    public static string KeysNeeded(string address) =>
        $"The recorder would listen on {address}, which other machines can reach, and there are no API keys: anyone could record with it. "
        + $"Listen on http://127.0.0.1:34568, or give {HttpOptions.Section}:Keys.";
}
