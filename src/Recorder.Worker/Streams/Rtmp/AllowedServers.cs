using System.Net;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Network;

namespace Recorder.Worker.Streams.Rtmp;

/// <summary>
/// While this object lives, GStreamer's elements connect to no address that the policy refuses. rtmp2sink needs the
/// name of its server, and resolves the name itself, after <see cref="PeerCheck"/> has looked. So the address is looked at
/// again where the connection is made.
/// </summary>
internal sealed class AllowedServers : IDisposable
{
    private readonly SocketClientHook _hook;

    private AllowedServers(NetworkPolicy policy) =>
        _hook = SocketClientHook.OnConnectingTo(
            (server, port, address, socket) =>
            {
                if (
                    IPAddress.TryParse(address, out var to)
                    && policy.WhyRefused(server ?? address, port, to) is not null
                )
                {
                    socket.Close();
                }
            }
        );

    /// <summary>Holds connections to a policy; null when there is none.</summary>
    /// <param name="policy">Where streams may go; null: anywhere.</param>
    public static AllowedServers? Of(NetworkPolicy? policy) => policy is null ? null : new AllowedServers(policy);

    /// <inheritdoc/>
    public void Dispose() => _hook.Dispose();
}
