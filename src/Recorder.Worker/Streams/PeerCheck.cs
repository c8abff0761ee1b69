using System.Net;
using System.Net.Sockets;
using Recorder.Worker.Network;

namespace Recorder.Worker.Streams;

/// <summary>A stream target whose server the policy refuses at present. A name may lead elsewhere later, so the target
/// is tried again.</summary>
/// <param name="message">The reason, as a sentence.</param>
internal sealed class PeerRefusedException(string message) : Exception(message);

/// <summary>Resolves the server of a stream target just before a connection. Blocks its thread.</summary>
internal static class PeerCheck
{
    /// <summary>The first allowed address of a server; null when the name cannot be resolved, which the connection
    /// itself then tells.</summary>
    /// <param name="policy">Where streams may go; null: anywhere.</param>
    /// <param name="host">The server's name or address.</param>
    /// <param name="port">The port.</param>
    /// <exception cref="PeerRefusedException">The policy refuses every address of the server.</exception>
    public static IPAddress? Resolve(NetworkPolicy? policy, string host, int port)
    {
        if (policy is null)
        {
            return null;
        }
        if (policy.WhyRefused(host, port) is { } refused)
        {
            throw new PeerRefusedException(refused);
        }
        IPAddress[] found;
        try
        {
            found = IPAddress.TryParse(host, out var literal) ? [literal] : Dns.GetHostAddresses(host);
        }
        catch (SocketException)
        {
            return null;
        }
        string? why = null;
        foreach (var address in found)
        {
            if (policy.WhyRefused(host, port, address) is not { } reason)
            {
                return address;
            }
            why = reason;
        }
        return why is null ? null : throw new PeerRefusedException(why);
    }
}
