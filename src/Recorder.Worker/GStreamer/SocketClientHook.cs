using System.Runtime.InteropServices;

namespace Recorder.Worker.GStreamer;

/// <summary>A GSocket, lent for the length of a call.</summary>
internal readonly struct Socket
{
    private readonly nint _handle;

    internal Socket(nint handle) => this._handle = handle;

    /// <summary>Sets a whole-number socket option (setsockopt). False when the socket does not know the
    /// option.</summary>
    public bool SetOption(int level, int name, int value) =>
        Native.g_socket_set_option(_handle, level, name, value, 0) != 0;
}

/// <summary>An emission hook on <c>GSocketClient::event</c>. The hook sees each connection that GIO makes in this
/// process, during its making.</summary>
internal sealed unsafe class SocketClientHook : IDisposable
{
    // Values of GSocketClientEvent.
    private const int Connecting = 2;
    private const int TlsHandshaking = 6;

    private readonly uint _signal;
    private readonly nuint _id;

    private SocketClientHook(Action<int, nint> handler)
    {
        var type = Native.g_socket_client_get_type();

        // The signal exists when the class exists. Classes are never unloaded.
        _ = Native.g_type_class_ref(type);
        _signal = Native.g_signal_lookup("event", type);
        _id = Native.g_signal_add_emission_hook(
            _signal,
            0,
            &OnEvent,
            GCHandle.ToIntPtr(GCHandle.Alloc(handler)),
            &OnDestroy
        );
    }

    /// <summary>From now on, calls <paramref name="handler"/> on the connecting threads with each socket before the
    /// socket is connected. The handler must not throw.</summary>
    public static SocketClientHook OnConnecting(Action<Socket> handler) =>
        new(
            (happened, connection) =>
            {
                if (happened == Connecting)
                {
                    handler(new Socket(Native.g_socket_connection_get_socket(connection)));
                }
            }
        );

    /// <summary>From now on, calls <paramref name="handler"/> on the connecting threads with each TLS connection before
    /// its handshake. The handler must not throw.</summary>
    public static SocketClientHook OnHandshaking(Action<TlsConnection> handler) =>
        new(
            (happened, connection) =>
            {
                if (happened == TlsHandshaking)
                {
                    handler(new TlsConnection(connection));
                }
            }
        );

    /// <inheritdoc/>
    public void Dispose() => Native.g_signal_remove_emission_hook(_signal, _id);

    // Parameters: the client, the event, the peer, the connection.
    [UnmanagedCallersOnly]
    private static int OnEvent(nint hint, uint count, Native.GValue* parameters, nint data)
    {
        if (parameters[3].Data0 != 0)
        {
            ((Action<int, nint>)GCHandle.FromIntPtr(data).Target!)((int)parameters[1].Data0, (nint)parameters[3].Data0);
        }

        return 1;
    }

    [UnmanagedCallersOnly]
    private static void OnDestroy(nint data) => GCHandle.FromIntPtr(data).Free();
}
