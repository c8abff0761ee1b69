using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Sends records of this node straight to edges, beside the connection of the actor systems. A large file in messages
/// would cost both nodes the more memory and processor time. A caller shows a ticket, which it got by a message and
/// which is good for one part of one file. Where the farm has a secret, the bytes are sealed by a key of the ticket, which
/// came by the same message (<see cref="RecordSeal"/>).
/// </summary>
internal sealed class RecordStreamServer : IDisposable
{
    /// <summary>The most streams at a time. Beyond these, callers read in messages.</summary>
    private const int MostStreams = 64;

    /// <summary>How long a ticket is good, and how long a caller may take to show it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How long an edge may take nothing. Its own caller may have stopped taking; then the edge reads the rest
    /// in messages.</summary>
    private static readonly TimeSpan StallLimit = TimeSpan.FromMinutes(2);

    /// <summary>How long no caller is accepted after a failure, such as too many open files.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly IPAddress _bind;
    private readonly bool _sealed;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Guid, Offer> _offers = new();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _streams;

    /// <summary>Opens no port yet.</summary>
    /// <param name="bind">The address to listen on.</param>
    /// <param name="isSealed">Whether messages to other nodes are encrypted, so that a key can go with them.</param>
    /// <param name="clock">Counts how long tickets are good.</param>
    public RecordStreamServer(IPAddress bind, bool isSealed, TimeProvider clock)
    {
        _bind = bind;
        _sealed = isSealed;
        _clock = clock;
    }

    /// <summary>Waits for the next caller.</summary>
    internal Func<TcpListener, CancellationToken, ValueTask<Socket>> Accept { private get; init; } =
        (listener, stopping) => listener.AcceptSocketAsync(stopping);

    /// <summary>The port that callers of other nodes connect to. A free port is opened at the first call, so that a
    /// node whose records no other node reads has no further port. A port that takes no callers any more is replaced.
    /// Not for two threads at once.</summary>
    /// <exception cref="SocketException">The address cannot be listened on, or the node stops.</exception>
    public int Listen()
    {
        if (_stopping.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.Shutdown);
        }
        if (_listener is null || _accepting.IsCompleted)
        {
            _listener?.Dispose();
            var listener = new TcpListener(_bind, 0);
            listener.Start();
            _listener = listener;
            _accepting = AcceptAsync(listener, _stopping.Token);
        }
        return ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    /// <summary>The part that a ticket is good for, for a caller of this node; null when the ticket is good for
    /// nothing.</summary>
    /// <param name="ticket">The ticket, which is used up.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public Stream? Take(Guid ticket) => TakeOffer(ticket)?.Open();

    /// <summary>Makes a ticket for a part of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mark">The mark of the file's content; another content is not sent.</param>
    /// <param name="from">The first byte, from 0.</param>
    /// <param name="length">The number of bytes.</param>
    /// <returns>The ticket, and the key that seals the bytes; null: they come as they are.</returns>
    public (Guid Ticket, byte[]? Key) Admit(string path, string mark, long from, long length)
    {
        foreach (var (old, offer) in _offers)
        {
            if (_clock.GetElapsedTime(offer.Since) > Patience)
            {
                _offers.TryRemove(old, out _);
            }
        }
        var ticket = new Guid(RandomNumberGenerator.GetBytes(16));
        var key = _sealed ? RecordSeal.NewKey() : null;
        _offers[ticket] = new Offer(path, mark, from, length, key, _clock.GetTimestamp());
        return (ticket, key);
    }

    /// <summary>Whether one more stream may begin.</summary>
    public bool HasRoom => Volatile.Read(ref _streams) < MostStreams;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _listener?.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await Accept(listener, stopping));
            }
            catch (SocketException)
            {
                // Meanwhile edges read in messages.
                await Task.Delay(Pause, _clock, CancellationToken.None);
            }
            catch (Exception error)
                when (error is OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // The listener is closed.
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        Interlocked.Increment(ref _streams);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            limit.CancelAfter(Patience);
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var shown = new byte[16];
            await stream.ReadExactlyAsync(shown, limit.Token);
            if (TakeOffer(new Guid(shown)) is { } offer)
            {
                await using var part = offer.Open();
                using var seal = offer.Key is null ? null : new RecordSeal(offer.Key);
                await SendAsync(part, stream, seal, limit);
            }
        }
        catch (Exception error)
            when (error
                    is IOException
                        or SocketException
                        or OperationCanceledException
                        or UnauthorizedAccessException
                        or ObjectDisposedException
            )
        {
            // The caller sees that the stream is too short, and reads the rest in messages, which tell the reason.
        }
        finally
        {
            socket.Dispose();
            Interlocked.Decrement(ref _streams);
        }
    }

    private Offer? TakeOffer(Guid ticket) =>
        _offers.TryRemove(ticket, out var offer) && _clock.GetElapsedTime(offer.Since) <= Patience ? offer : null;

    /// <summary>Sends whole frames, since the caller knows their length.</summary>
    private static async Task SendAsync(Stream part, Stream stream, RecordSeal? seal, CancellationTokenSource limit)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(RecordSeal.FrameBytes);
        var closed = ArrayPool<byte>.Shared.Rent(RecordSeal.FrameBytes + RecordSeal.TagBytes);
        try
        {
            var frame = buffer.AsMemory(0, RecordSeal.FrameBytes);
            int read;
            do
            {
                read = await part.ReadAtLeastAsync(frame, frame.Length, throwOnEndOfStream: false, limit.Token);
                if (read > 0)
                {
                    limit.CancelAfter(StallLimit);
                    await stream.WriteAsync(
                        seal is null ? frame[..read] : closed.AsMemory(0, seal.Close(frame.Span[..read], closed)),
                        limit.Token
                    );
                }
            } while (read == frame.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            ArrayPool<byte>.Shared.Return(closed);
        }
    }

    private sealed record Offer(string Path, string Mark, long From, long Length, byte[]? Key, long Since)
    {
        public RecordStream Open() => new(RecordFileReader.Open(Path), Mark, From, Length);
    }
}
