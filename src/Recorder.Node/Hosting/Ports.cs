using System.Net;
using System.Net.Sockets;
using Recorder.Node.Configuration;

namespace Recorder.Node.Hosting;

/// <summary>Tries the node's ports before anything starts. A taken port then gives a sentence, and not a node that
/// stops halfway through its start.</summary>
internal static class Ports
{
    /// <summary>Binds a port and releases the port again.</summary>
    /// <param name="host">An address or host name; <c>*</c> and <c>+</c> stand for every address.</param>
    /// <param name="port">The port; port 0 is always free.</param>
    /// <param name="option">The command line's option that names another port.</param>
    /// <param name="cancellation">Ends the look-up of a host name.</param>
    /// <exception cref="StartRefusedException">The port is taken, or the address is not one of this host.</exception>
    public static async Task TryAsync(string host, int port, string option, CancellationToken cancellation)
    {
        try
        {
            var address =
                host is "*" or "+" ? IPAddress.Any
                : IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? literal
                : (await Dns.GetHostAddressesAsync(host, cancellation))[0];
            using var listener = new TcpListener(address, port);
            listener.Start();
        }
        catch (SocketException error)
        {
            throw new StartRefusedException(
                error.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse =>
                        $"Port {port} on {host} is in use, perhaps by another recorder. Stop it, or name another port with {option}.",
                    SocketError.AccessDenied =>
                        $"Port {port} on {host} may not be opened by {Environment.UserName}: ports below 1024 need privileges. Name another with {option}.",
                    SocketError.AddressNotAvailable =>
                        $"{host} is no address of this machine, so port {port} cannot be opened on it.",
                    _ => $"Port {port} on {host} cannot be opened: {error.Message}.",
                }
            );
        }
    }
}
