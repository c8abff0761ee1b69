using System.Runtime.InteropServices;

namespace Recorder.Worker.GStreamer;

/// <summary>A GSocket, lent for the length of a call.</summary>
internal readonly struct Socket
{
    private readonly nint _handle;

    internal Socket(nint handle) => this._handle = handle;

    /// <summary>Closes the socket, so that the connection fails.</summary>
    public void Close() => _ = Native.g_socket_close(_handle, 0);

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

    private SocketClientHook(Action<int, nint, nint> handler)
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
            (happened, _, connection) =>
            {
                if (happened == Connecting)
                {
                    handler(new Socket(Native.g_socket_connection_get_socket(connection)));
                }
            }
        );

    /// <summary>From now on, calls <paramref name="handler"/> on the connecting threads with the name and port that are
    /// connected to, the address that the name was resolved to, and the socket before the socket is connected. The name
    /// is null where an address was asked for. The handler must not throw.</summary>
    public static SocketClientHook OnConnectingTo(Action<string?, int, string, Socket> handler) =>
        new(
            (happened, server, connection) =>
            {
                if (happened != Connecting)
                {
                    return;
                }
                var remote = Native.g_socket_connection_get_remote_address(connection, 0);
                if (remote == 0)
                {
                    return;
                }
                // The text is freed with g_free, and the address is ours.
                var text = Native.g_inet_address_to_string(Native.g_inet_socket_address_get_address(remote));
                var port = Native.g_inet_socket_address_get_port(remote);
                handler(
                    IsNetworkAddress(server)
                        ? Marshal.PtrToStringUTF8(Native.g_network_address_get_hostname(server))
                        : null,
                    port,
                    Marshal.PtrToStringUTF8(text) ?? "",
                    new Socket(Native.g_socket_connection_get_socket(connection))
                );
                Native.g_free(text);
                Native.g_object_unref(remote);
            }
        );

    /// <summary>From now on, calls <paramref name="handler"/> on the connecting threads with each TLS connection before
    /// its handshake. The handler must not throw.</summary>
    public static SocketClientHook OnHandshaking(Action<TlsConnection> handler) =>
        new(
            (happened, _, connection) =>
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
            ((Action<int, nint, nint>)GCHandle.FromIntPtr(data).Target!)(
                (int)parameters[1].Data0,
                (nint)parameters[2].Data0,
                (nint)parameters[3].Data0
            );
        }

        return 1;
    }

    private static bool IsNetworkAddress(nint server) =>
        server != 0 && Native.g_type_check_instance_is_a(server, Native.g_network_address_get_type()) != 0;

    [UnmanagedCallersOnly]
    private static void OnDestroy(nint data) => GCHandle.FromIntPtr(data).Free();
}
