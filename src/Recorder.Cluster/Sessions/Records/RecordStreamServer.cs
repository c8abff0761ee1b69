using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Akka.Remote.Transport.DotNetty;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Sends records of this node straight to edges, beside the connection of the actor systems. A large file in messages
/// would cost both nodes the more memory and processor time. A caller shows a ticket, which it got by a message and
/// which is good for one part of one file. Where the farm has a secret, the connection is secured by the same key as
/// all others.
/// </summary>
internal sealed class RecordStreamServer : IDisposable
{
    /// <summary>The most streams at a time. Beyond these, callers read in messages.</summary>
    private const int MostStreams = 64;

    private const int BufferBytes = 256 << 10;

    /// <summary>How long a ticket is good, and how long a caller may take to show it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How long an edge may take nothing. Its own caller may have stopped taking; then the edge reads the rest
    /// in messages.</summary>
    private static readonly TimeSpan StallLimit = TimeSpan.FromMinutes(2);

    private readonly TcpListener _listener;
    private readonly DotNettySslSetup? _security;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Guid, Offer> _offers = new();
    private int _streams;

    /// <summary>Begins to listen on a free port.</summary>
    /// <param name="bind">The address to listen on.</param>
    /// <param name="security">The key of the farm; null in a farm without a secret.</param>
    /// <param name="clock">Counts how long tickets are good.</param>
    /// <exception cref="SocketException">No port is free.</exception>
    public RecordStreamServer(IPAddress bind, DotNettySslSetup? security, TimeProvider clock)
    {
        _security = security;
        _clock = clock;
        _listener = new TcpListener(bind, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    /// <summary>The port that callers connect to.</summary>
    public int Port { get; }

    /// <summary>Makes a ticket for a part of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mark">The mark of the file's content; another content is not sent.</param>
    /// <param name="from">The first byte, from 0.</param>
    /// <param name="length">The number of bytes.</param>
    public Guid Admit(string path, string mark, long from, long length)
    {
        foreach (var (old, offer) in _offers)
        {
            if (_clock.GetElapsedTime(offer.Since) > Patience)
            {
                _offers.TryRemove(old, out _);
            }
        }
        var ticket = new Guid(RandomNumberGenerator.GetBytes(16));
        _offers[ticket] = new Offer(path, mark, from, length, _clock.GetTimestamp());
        return ticket;
    }

    /// <summary>Whether one more stream may begin.</summary>
    public bool HasRoom => Volatile.Read(ref _streams) < MostStreams;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stopping.Token));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The node stops. After any other error, edges read in messages.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        Interlocked.Increment(ref _streams);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            limit.CancelAfter(Patience);
            await using var stream = await SecuredAsync(socket, limit.Token);
            var shown = new byte[16];
            await stream.ReadExactlyAsync(shown, limit.Token);
            if (_offers.TryRemove(new Guid(shown), out var offer) && _clock.GetElapsedTime(offer.Since) <= Patience)
            {
                await SendAsync(offer, stream, limit);
            }
        }
        catch (Exception error)
            when (error
                    is IOException
                        or SocketException
                        or OperationCanceledException
                        or UnauthorizedAccessException
                        or ObjectDisposedException
                        or System.Security.Authentication.AuthenticationException
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

    private async Task<Stream> SecuredAsync(Socket socket, CancellationToken limit)
    {
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (_security is null)
        {
            return plain;
        }
        var secured = new SslStream(plain);
        await secured.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = _security.Certificate,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = RecordStreamClient.HasKeyOf(_security),
            },
            limit
        );
        return secured;
    }

    private static async Task SendAsync(Offer offer, Stream stream, CancellationTokenSource limit)
    {
        using var file = RecordFileReader.Open(offer.Path);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var at = offer.From; at < offer.From + offer.Length;)
            {
                var wanted = (int)Math.Min(BufferBytes, offer.From + offer.Length - at);
                var read = RandomAccess.Read(file, buffer.AsSpan(0, wanted), at);

                // Looked at after the reading, so that bytes of another content are never sent.
                if (read <= 0 || RecordFileReader.MarkOf(file, growing: false) != offer.Mark)
                {
                    return;
                }
                limit.CancelAfter(StallLimit);
                await stream.WriteAsync(buffer.AsMemory(0, read), limit.Token);
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed record Offer(string Path, string Mark, long From, long Length, long Since);
}
