using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
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
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_ticket_brings_its_part_of_the_file_once(bool secured)
    {
        var key = secured ? Key() : null;
        using var server = new RecordStreamServer(IPAddress.Loopback, key, _clock);
        var ticket = server.Admit(_path, _mark, 1000, Length - 1000);

        Assert.Equal(_content[1000..], await ReadAsync(key, server, ticket));
        Assert.Empty(await ReadAsync(key, server, ticket));
        Assert.Empty(await ReadAsync(key, server, Guid.NewGuid()));
    }

    [Fact]
    public async Task An_edge_of_the_same_node_reads_the_file_itself()
    {
        using var server = new RecordStreamServer(IPAddress.Loopback, Key(), _clock);
        var ticket = server.Admit(_path, _mark, 1000, 2000);

        Assert.Equal(_content[1000..3000], await DrainAsync(server.Take(ticket)!));
        Assert.Null(server.Take(ticket));
    }

    [Fact]
    public async Task A_ticket_is_good_for_some_seconds_only()
    {
        using var server = new RecordStreamServer(IPAddress.Loopback, null, _clock);
        var ticket = server.Admit(_path, _mark, 0, Length);

        _clock.Advance(TimeSpan.FromSeconds(11));

        Assert.Empty(await ReadAsync(null, server, ticket));
    }

    [Fact]
    public async Task A_file_that_has_changed_is_not_sent()
    {
        using var server = new RecordStreamServer(IPAddress.Loopback, null, _clock);
        var ticket = server.Admit(_path, _mark, 0, Length);

        await File.WriteAllBytesAsync(_path, [.. _content, 1]);

        Assert.Empty(await ReadAsync(null, server, ticket));
    }

    [Fact]
    public async Task A_caller_without_the_farms_key_gets_nothing_and_neither_does_a_caller_of_another_farm()
    {
        var key = Key();
        using var server = new RecordStreamServer(IPAddress.Loopback, key, _clock);

        Assert.Null(await ConnectAsync(Key(), server, server.Admit(_path, _mark, 0, Length)));
        var plain = await ConnectAsync(null, server, server.Admit(_path, _mark, 0, Length));
        Assert.Empty(plain is null ? [] : await DrainAsync(plain));
        Assert.Equal(_content, await ReadTrustinglyAsync(server, key));
        Assert.Empty(await ReadTrustinglyAsync(server, Key()));
        Assert.Empty(await ReadTrustinglyAsync(server, null));
    }

    [Fact]
    public async Task A_failure_to_accept_a_caller_does_not_close_the_port()
    {
        var failures = 3;
        using var server = new RecordStreamServer(IPAddress.Loopback, null, TimeProvider.System)
        {
            Accept = (listener, stopping) =>
                failures-- > 0
                    ? ValueTask.FromException<Socket>(new SocketException((int)SocketError.TooManyOpenSockets))
                    : listener.AcceptSocketAsync(stopping),
        };
        var port = server.Listen();

        Assert.Equal(_content, await ReadAsync(null, server, server.Admit(_path, _mark, 0, Length)));
        Assert.Equal(port, server.Listen());
    }

    [Fact]
    public async Task A_port_that_takes_no_callers_any_more_is_replaced()
    {
        var failures = 1;
        using var server = new RecordStreamServer(IPAddress.Loopback, null, _clock)
        {
            Accept = (listener, stopping) =>
                failures-- > 0
                    ? ValueTask.FromException<Socket>(new ObjectDisposedException("the listener"))
                    : listener.AcceptSocketAsync(stopping),
        };
        server.Listen();

        Assert.Equal(_content, await ReadAsync(null, server, server.Admit(_path, _mark, 0, Length)));
    }

    [Fact]
    public void A_node_that_stops_names_no_port()
    {
        var server = new RecordStreamServer(IPAddress.Loopback, null, _clock);
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

    private static DotNettySslSetup Key() => RemotingCertificate.SetupFor(new RecorderClusterOptions())!;

    private async Task<byte[]> ReadAsync(DotNettySslSetup? key, RecordStreamServer server, Guid ticket) =>
        await DrainAsync((await ConnectAsync(key, server, ticket))!);

    private async Task<Stream?> ConnectAsync(DotNettySslSetup? key, RecordStreamServer server, Guid ticket)
    {
        var quiet = BootstrapSetup.Create().WithConfig("akka.stdout-loglevel = OFF\nakka.loggers = []");
        var system = key is null
            ? ActorSystem.Create("edge", quiet)
            : ActorSystem.Create("edge", quiet.And(key));
        _systems.Add(system);
        return await RecordStreamClient
            .ConnectAsync(
                system,
                Node,
                new RecordStreamOpened(new SessionId(1), server.Listen(), ticket),
                CancellationToken.None
            )
            .WaitAsync(Limit);
    }

    /// <summary>Reads the whole file as a caller who takes every node for the right one.</summary>
    /// <param name="server">The node.</param>
    /// <param name="key">The caller's key; null for none.</param>
    private async Task<byte[]> ReadTrustinglyAsync(RecordStreamServer server, DotNettySslSetup? key)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Listen());
        var secured = new SslStream(client.GetStream());
        try
        {
            await secured
                .AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = "recorder",
                        ClientCertificates = key is null ? [] : [key.Certificate],
                        RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
                    }
                )
                .WaitAsync(Limit);
            await secured.WriteAsync(server.Admit(_path, _mark, 0, Length).ToByteArray());
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            // The node has refused the caller before the ticket was shown.
        }
        return await DrainAsync(secured);
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
