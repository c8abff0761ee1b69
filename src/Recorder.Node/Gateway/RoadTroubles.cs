using System.Globalization;
using System.Net.Sockets;
using Recorder.Cluster.Network;

namespace Recorder.Node.Gateway;

/// <summary>Why servers could not be reached. The browser hears only that its proxy failed; people want the reason.
/// From any thread.</summary>
internal sealed class RoadTroubles
{
    private const int Most = 200;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, int Port), string> _reasons = [];
    private string? _latest;
    private int _refused;

    /// <summary>The latest reason of all; null: none since <see cref="Forget"/>.</summary>
    public string? Latest
    {
        get
        {
            lock (_lock)
            {
                return _latest;
            }
        }
    }

    /// <summary>Why a server could not be reached the last time; null: it could be.</summary>
    /// <param name="host">The host, without brackets.</param>
    /// <param name="port">The port.</param>
    public string? Find(string host, int port)
    {
        lock (_lock)
        {
            return _reasons.GetValueOrDefault((host, port));
        }
    }

    /// <summary>Forgets everything but the number of refusals.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _reasons.Clear();
            _latest = null;
        }
    }

    /// <summary>A server could be reached.</summary>
    public void Reached(RequestHead asked)
    {
        lock (_lock)
        {
            _reasons.Remove((asked.Host, asked.Port));
        }
    }

    /// <summary>A server could not be reached.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <param name="error">The reason.</param>
    public void Failed(RequestHead asked, Exception error)
    {
        var reason = ReasonOf(error);
        lock (_lock)
        {
            if (_reasons.Count >= Most)
            {
                _reasons.Clear();
            }
            _reasons[(asked.Host, asked.Port)] = reason;
            _latest = reason;
            _refused += error is RefusedAddressException ? 1 : 0;
        }
    }

    /// <summary>How many connections were refused since the last question, as a sentence; null: none.</summary>
    public string? TakeRefused()
    {
        lock (_lock)
        {
            var (count, latest) = (_refused, _latest);
            _refused = 0;
            return count == 0
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"The page was kept from {count} connection{(count == 1 ? "" : "s")}. {latest}"
                );
        }
    }

    // In the words of Chromium's net_error_list.h, which callers of the API know.
    private static string ReasonOf(Exception error) =>
        error switch
        {
            RefusedAddressException => error.Message,
            OperationCanceledException => "net::ERR_CONNECTION_TIMED_OUT",
            SocketException socket => socket.SocketErrorCode switch
            {
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery =>
                    "net::ERR_NAME_NOT_RESOLVED",
                SocketError.ConnectionRefused => "net::ERR_CONNECTION_REFUSED",
                SocketError.TimedOut => "net::ERR_CONNECTION_TIMED_OUT",
                SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.AddressNotAvailable =>
                    "net::ERR_ADDRESS_UNREACHABLE",
                _ => $"net::ERR_CONNECTION_FAILED ({socket.SocketErrorCode})",
            },
            _ => "net::ERR_PROXY_CONNECTION_FAILED (" + error.Message.TrimEnd('.') + ")",
        };
}
