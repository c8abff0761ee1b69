using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Remote.Transport.DotNetty;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Tests.Sessions.Records;

/// <summary>Records that go straight from node to edge, over loopback.</summary>
[Trait("ring", "actor")]
public sealed class RecordStreamTests : IAsyncLifetime, IDisposable
{
    private const string Node = "akka.tcp://recorder@127.0.0.1:34569";
    private const int Length = 3_000_001;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TestFolder _folder = new();
    private readonly ManualClock _clock = new(Sample.Begin);
    private readonly List<ActorSystem> _systems = [];
    private readonly byte[] _content = new byte[Length];
    private string _path = "";
    private string _mark = "";

    public async Task InitializeAsync()
    {
        new Random(3).NextBytes(_content);
        _path = Path.Join(_folder.Records, "record");
        await File.WriteAllBytesAsync(_path, _content);
        using var file = RecordFileReader.Open(_path);
        _mark = RecordFileReader.MarkOf(file, growing: false);
    }

    public async Task DisposeAsync()
    {
        foreach (var system in _systems)
        {
            await system.Terminate();
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, 1000, Length - 1000)]
    [InlineData(true, 1000, Length - 1000)]
    [InlineData(true, 0, RecordSeal.FrameBytes)]
    [InlineData(true, 7, (3 * RecordSeal.FrameBytes) + 1)]
    [InlineData(true, Length - 1, 1)]
    public async Task A_ticket_brings_its_part_of_the_file_once(bool secret, int from, int length)
    {
        using var server = new RecordStreamServer(IPAddress.Loopback, secret, _clock);
        var way = Open(server, from, length);

        Assert.Equal(_content[from..(from + length)], await ReadAsync(secret, way, length));
        Assert.Empty(await ReadAsync(secret, way, length));
        Assert.Empty(await ReadAsync(secret, way with { Ticket = Guid.NewGuid() }, length));
    }

    [Fact]
    public async Task An_edge_of_the_same_node_reads_the_file_itself()
    {
        using var server = new RecordStreamServer(IPAddress.Loopback, true, _clock);
        var ticket = server.Admit(_path, _mark, 1000, 2000).Ticket;

        Assert.Equal(_content[1000..3000], await DrainAsync(server.Take(ticket)!));
        Assert.Null(server.Take(ticket));
    }

    [Fact]
    public async Task A_ticket_is_good_for_some_seconds_only()
    {
        using var server = new RecordStreamServer(IPAddress.Loopback, false, _clock);
        var way = Open(server, 0, Length);

        _clock.Advance(TimeSpan.FromSeconds(11));

        Assert.Empty(await ReadAsync(false, way, Length));
    }

    [Fact]
    public async Task A_file_that_has_changed_is_not_sent()
    {
        using var server = new RecordStreamServer(IPAddress.Loopback, false, _clock);
        var way = Open(server, 0, Length);

        await File.WriteAllBytesAsync(_path, [.. _content, 1]);

        Assert.Empty(await ReadAsync(false, way, Length));
    }

    [Fact]
    public async Task A_caller_without_the_key_of_the_ticket_reads_no_byte()
    {
        using var server = new RecordStreamServer(IPAddress.Loopback, true, _clock);
        var way = Open(server, 0, Length);

        Assert.Empty(await ReadAsync(true, way with { Key = RecordSeal.NewKey() }, Length));
        Assert.Null(await ConnectAsync(true, Open(server, 0, Length) with { Key = null }));
        var bare = await SeeAsync(server.Listen(), Open(server, 0, Length).Ticket);
        Assert.Equal(Length + (12 * RecordSeal.TagBytes), bare.Length);
        Assert.Equal(-1, bare.AsSpan().IndexOf(_content.AsSpan(0, 8)));
    }

    [Fact]
    public async Task The_same_bytes_are_never_sealed_alike()
    {
        using var server = new RecordStreamServer(IPAddress.Loopback, true, _clock);
        await File.WriteAllBytesAsync(_path, new byte[2 * RecordSeal.FrameBytes]);
        using (var file = RecordFileReader.Open(_path))
        {
            _mark = RecordFileReader.MarkOf(file, growing: false);
        }

        var frames = (
            await SeeAsync(server.Listen(), Open(server, 0, 2 * RecordSeal.FrameBytes).Ticket)
        )
            .Chunk(RecordSeal.FrameBytes + RecordSeal.TagBytes)
            .Concat(
                (await SeeAsync(server.Listen(), Open(server, 0, RecordSeal.FrameBytes).Ticket)).Chunk(
                    RecordSeal.FrameBytes + RecordSeal.TagBytes
                )
            )
            .Select(Convert.ToHexString)
            .ToList();

        Assert.Equal(3, frames.Count);
        Assert.Distinct(frames);
    }

    [Fact]
    public async Task A_failure_to_accept_a_caller_does_not_close_the_port()
    {
        var failures = 3;
        using var server = new RecordStreamServer(IPAddress.Loopback, false, TimeProvider.System)
        {
            Accept = (listener, stopping) =>
                failures-- > 0
                    ? ValueTask.FromException<Socket>(new SocketException((int)SocketError.TooManyOpenSockets))
                    : listener.AcceptSocketAsync(stopping),
        };
        var port = server.Listen();

        Assert.Equal(_content, await ReadAsync(false, Open(server, 0, Length), Length));
        Assert.Equal(port, server.Listen());
    }

    [Fact]
    public async Task A_port_that_takes_no_callers_any_more_is_replaced()
    {
        var failures = 1;
        using var server = new RecordStreamServer(IPAddress.Loopback, false, _clock)
        {
            Accept = (listener, stopping) =>
                failures-- > 0
                    ? ValueTask.FromException<Socket>(new ObjectDisposedException("the listener"))
                    : listener.AcceptSocketAsync(stopping),
        };
        server.Listen();

        Assert.Equal(_content, await ReadAsync(false, Open(server, 0, Length), Length));
    }

    [Fact]
    public void A_node_that_stops_names_no_port()
    {
        var server = new RecordStreamServer(IPAddress.Loopback, false, _clock);
        server.Listen();

        server.Dispose();

        Assert.Throws<SocketException>(() => server.Listen());
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_is_told_at_once()
    {
        using var system = ActorSystem.Create("edge", "akka.stdout-loglevel = OFF\nakka.loggers = []");
        var way = new RecordStreamOpened(new SessionId(1), LoopbackPort.Free(), Guid.NewGuid());

        // The client itself gives up after two seconds.
        Assert.Null(
            await RecordStreamClient
                .ConnectAsync(system, Node, way, CancellationToken.None)
                .WaitAsync(TimeSpan.FromSeconds(1.5))
        );
    }

    private RecordStreamOpened Open(RecordStreamServer server, long from, long length)
    {
        var (ticket, key) = server.Admit(_path, _mark, from, length);
        return new RecordStreamOpened(new SessionId(1), server.Listen(), ticket) { Key = key };
    }

    /// <summary>The bytes that an edge gets, up to the first frame that the edge refuses.</summary>
    private async Task<byte[]> ReadAsync(bool secret, RecordStreamOpened way, long length)
    {
        await using var opened = (await ConnectAsync(secret, way))!;
        using var read = new MemoryStream();
        var into = new byte[RecordSeal.FrameBytes];
        while (read.Length < length)
        {
            var frame = new byte[opened.NextFrame(length - read.Length)];
            var count = 0;
            try
            {
                count = await opened
                    .Stream.ReadAtLeastAsync(frame, frame.Length, throwOnEndOfStream: false)
                    .AsTask()
                    .WaitAsync(Limit);
            }
            catch (IOException)
            {
                // The node has closed the connection.
            }
            var content = opened.ContentOf(count);
            if (content == 0 || !opened.TryOpen(frame.AsSpan(0, count), into))
            {
                break;
            }
            read.Write(into, 0, content);
        }
        return read.ToArray();
    }

    private async Task<RecordWay?> ConnectAsync(bool secret, RecordStreamOpened way)
    {
        var quiet = BootstrapSetup.Create().WithConfig("akka.stdout-loglevel = OFF\nakka.loggers = []");
        var system = secret
            ? ActorSystem.Create("edge", quiet.And(RemotingCertificate.SetupFor(new RecorderClusterOptions())!))
            : ActorSystem.Create("edge", quiet);
        _systems.Add(system);
        return await RecordStreamClient.ConnectAsync(system, Node, way, CancellationToken.None).WaitAsync(Limit);
    }

    /// <summary>What a listener on the wire sees, or a caller that has the ticket alone.</summary>
    private static async Task<byte[]> SeeAsync(int port, Guid ticket)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.GetStream().WriteAsync(ticket.ToByteArray());
        return await DrainAsync(client.GetStream());
    }

    private static async Task<byte[]> DrainAsync(Stream stream)
    {
        await using (stream)
        {
            using var read = new MemoryStream();
            try
            {
                await stream.CopyToAsync(read).WaitAsync(Limit);
            }
            catch (Exception error) when (error is IOException or InvalidOperationException)
            {
                // The other end has closed the connection, or has refused the caller's key.
            }
            return read.ToArray();
        }
    }
}
