using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Recorder.Node.Displays;

/// <summary>A connection to an X server of this host. For one caller at a time; no wait blocks a thread.</summary>
internal sealed class XConnection : IDisposable
{
    private const int GreetingLength = 8;
    private const byte Accepted = 1;
    private const byte Reply = 1;
    private const byte GenericEvent = 35;

    private readonly Socket _socket;
    private uint _nextId;

    private XConnection(Socket socket, uint root, uint firstId, uint idMask)
    {
        _socket = socket;
        Root = root;
        FirstId = firstId;
        IdMask = idMask;
        _nextId = firstId;
    }

    /// <summary>The window that fills the display.</summary>
    public uint Root { get; }

    /// <summary>The first id of this client.</summary>
    private uint FirstId { get; }

    private uint IdMask { get; }

    /// <summary>Connects.</summary>
    /// <param name="display">The display's name, such as <c>:7</c>.</param>
    /// <param name="authority">The content of the display's cookie file.</param>
    /// <param name="ended">Gives up connecting.</param>
    /// <exception cref="IOException">The server is not there, refuses, or sends an unknown answer.</exception>
    public static async Task<XConnection> OpenAsync(string display, byte[] authority, CancellationToken ended)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint($"/tmp/.X11-unix/X{display.TrimStart(':')}"), ended);
            await SendAsync(
                socket,
                XRequest.Connect(Encoding.ASCII.GetBytes(XAuthority.Method), XAuthority.CookieOf(authority)),
                ended
            );
            var greeting = await ReceiveAsync(socket, GreetingLength, ended);
            var rest = await ReceiveAsync(
                socket,
                BinaryPrimitives.ReadUInt16LittleEndian(greeting.AsSpan(6)) * 4,
                ended
            );
            if (greeting[0] != Accepted)
            {
                throw new IOException(
                    $"The display {display} refuses: {Encoding.ASCII.GetString(rest, 0, Math.Min(greeting[1], rest.Length)).Trim()}."
                );
            }

            // The first screen follows the vendor's name and eight bytes per format. The screen's first field is its
            // root.
            var screen = 32 + ((BinaryPrimitives.ReadUInt16LittleEndian(rest.AsSpan(16)) + 3) & ~3) + (8 * rest[21]);
            return new XConnection(
                socket,
                BinaryPrimitives.ReadUInt32LittleEndian(rest.AsSpan(screen)),
                BinaryPrimitives.ReadUInt32LittleEndian(rest.AsSpan(4)),
                BinaryPrimitives.ReadUInt32LittleEndian(rest.AsSpan(8))
            );
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new IOException($"The display {display} does not answer: {error.Message}", error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Returns a fresh id of this client.</summary>
    public uint NewId() => _nextId++;

    /// <summary>Whether a window belongs to this client.</summary>
    public bool IsOwn(uint window) => (window & ~IdMask) == FirstId;

    /// <summary>Sends requests that have no answer, in one piece.</summary>
    /// <exception cref="SocketException">The server is gone.</exception>
    public Task SendAsync(IEnumerable<byte[]> requests, CancellationToken ended) =>
        SendAsync(_socket, [.. requests.SelectMany(request => request)], ended);

    /// <summary>Asks for the number of a name. Call this only before <see cref="ReadAsync"/>, because events that
    /// arrive first are lost.</summary>
    /// <exception cref="IOException">The server is gone.</exception>
    public async Task<uint> AtomAsync(string name, CancellationToken ended)
    {
        await SendAsync(_socket, XRequest.InternAtom(Encoding.ASCII.GetBytes(name)), ended);
        while (true)
        {
            var message = await ReceiveMessageAsync(ended);
            if (message[0] == Reply)
            {
                return BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(8));
            }
        }
    }

    /// <summary>Reads the next event of interest.</summary>
    /// <exception cref="IOException">The server is gone.</exception>
    public async Task<XEvent> ReadAsync(CancellationToken ended)
    {
        while (true)
        {
            var message = await ReceiveMessageAsync(ended);
            if (message[0] != Reply && XEvent.Read(message) is { } told)
            {
                return told;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async Task<byte[]> ReceiveMessageAsync(CancellationToken ended)
    {
        var message = await ReceiveAsync(_socket, XRequest.EventLength, ended);
        if (message[0] is Reply or GenericEvent)
        {
            await ReceiveAsync(
                _socket,
                checked((int)BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(4)) * 4),
                ended
            );
        }
        return message;
    }

    private static async Task SendAsync(Socket socket, byte[] bytes, CancellationToken ended)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent), ended);
        }
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int length, CancellationToken ended)
    {
        var bytes = new byte[length];
        for (var got = 0; got < length;)
        {
            int next;
            try
            {
                next = await socket.ReceiveAsync(bytes.AsMemory(got), ended);
            }
            catch (SocketException error)
            {
                throw new IOException("The display's connection broke: " + error.Message, error);
            }

            if (next == 0)
            {
                throw new IOException("The display has closed the connection.");
            }
            got += next;
        }

        return bytes;
    }
}
