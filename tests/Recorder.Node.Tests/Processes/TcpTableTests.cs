using System.Net;
using System.Net.Sockets;
using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Processes;

[Trait("ring", "actor")]
public sealed class TcpTableTests
{
    private const string Table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:8708 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 ffff 100 0 0 10 0
           1: 0100007F:8708 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 222 1 ffff 20 4 30 10 -1
           2: 0100007F:D431 0100007F:8708 01 00000000:00000000 00:00000000 00000000   998        0 333 1 ffff 20 4 30 10 -1
           3: 0500000A:D431 0500000A:8708 01 00000000:00000000 00:00000000 00000000   997        0 444 1 ffff 20 4 30 10 -1
        """;

    private const string Table6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000000000000000000001000000:D431 00000000000000000000000001000000:8708 01 00000000:00000000 00:00000000 00000000   996        0 555 1 ffff 20 4 30 10 -1
           1: 0000000000000000FFFF00000100007F:D432 0000000000000000FFFF00000100007F:8708 01 00000000:00000000 00:00000000 00000000   995        0 666 1 ffff 20 4 30 10 -1
        """;

    [Theory]
    [InlineData(Table, "127.0.0.1:54321", "127.0.0.1:34568", 998u, 333)]
    [InlineData(Table, "10.0.0.5:54321", "10.0.0.5:34568", 997u, 444)]
    [InlineData(Table, "127.0.0.1:34568", "127.0.0.1:54321", 0u, 222)]
    [InlineData(Table, "::ffff:127.0.0.1", "127.0.0.1:34568", 0u, 0)]
    [InlineData(Table6, "[::1]:54321", "[::1]:34568", 996u, 555)]
    [InlineData(Table6, "127.0.0.1:54322", "127.0.0.1:34568", 995u, 666)]
    [InlineData(Table, "127.0.0.1:54322", "127.0.0.1:34568", 0u, 0)]
    [InlineData(Table, "127.0.0.2:54321", "127.0.0.1:34568", 0u, 0)]
    [InlineData("", "127.0.0.1:54321", "127.0.0.1:34568", 0u, 0)]
    [InlineData("header\n 1: x y z\n 2: 0100007F 0100007F 01 a b c 1 2 3 4\n", "127.0.0.1:1", "127.0.0.1:1", 0u, 0)]
    public void A_connection_s_socket_is_found_by_both_ends(
        string table,
        string own,
        string peer,
        uint uid,
        long inode
    ) =>
        Assert.Equal(
            inode == 0 ? null : new TcpSocket(uid, inode),
            TcpTable.Find(table, IPEndPoint.Parse(own), IPEndPoint.Parse(peer))
        );

    [Fact]
    public async Task The_kernel_s_own_table_names_a_connection_s_socket()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var client = new TcpClient(AddressFamily.InterNetwork);
        await client.ConnectAsync((IPEndPoint)server.LocalEndpoint);
        using var accepted = await server.AcceptTcpClientAsync();

        var found = TcpTable.Find(
            await File.ReadAllTextAsync("/proc/net/tcp"),
            (IPEndPoint)accepted.Client.RemoteEndPoint!,
            (IPEndPoint)accepted.Client.LocalEndPoint!
        );

        Assert.Equal($"socket:[{found!.Inode}]", new FileInfo($"/proc/self/fd/{client.Client.Handle}").LinkTarget);
    }
}
