using System.Collections.Concurrent;
using System.Net;

namespace Recorder.Node.Gateway;

/// <summary>The connections that the gateways of this node have made to this machine. By them, the node's API knows
/// that a call comes from a recorded page. From any thread.</summary>
internal sealed class PageConnections
{
    // A port serves several connections to different servers at once, so an end is counted.
    private readonly ConcurrentDictionary<IPEndPoint, int> _open = new();

    /// <summary>Whether a connection comes from a gateway.</summary>
    /// <param name="caller">The end of the connection that made it.</param>
    public bool Has(IPEndPoint caller) => _open.ContainsKey(Plain(caller));

    /// <summary>Remembers a connection until the result is disposed of.</summary>
    /// <param name="local">The gateway's end.</param>
    public IDisposable Remember(IPEndPoint local)
    {
        var plain = Plain(local);
        _open.AddOrUpdate(plain, 1, (_, count) => count + 1);
        return new Entry(this, plain);
    }

    private void Forget(IPEndPoint local)
    {
        while (_open.TryGetValue(local, out var count))
        {
            if (count > 1 ? _open.TryUpdate(local, count - 1, count) : _open.TryRemove(new(local, count)))
            {
                return;
            }
        }
    }

    private static IPEndPoint Plain(IPEndPoint point) =>
        point.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(point.Address.MapToIPv4(), point.Port) : point;

    private sealed class Entry(PageConnections all, IPEndPoint local) : IDisposable
    {
        private int _forgotten;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _forgotten, 1) == 0)
            {
                all.Forget(local);
            }
        }
    }
}
