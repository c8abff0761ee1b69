using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Recorder.Node.Configuration;
using Recorder.Node.Hosting;
using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Hosting;

[Trait("ring", "actor")]
public sealed class LocalKeyFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recorder-key-");

    private string KeyPath => Path.Join(_folder.FullName, "key");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_key_is_made_once_for_the_nodes_user_alone()
    {
        var (key, warning) = LocalKeyFile.ReadOrMake(_folder.FullName);

        Assert.Null(warning);
        Assert.Matches("^[A-Za-z0-9_-]{43}$", key!.Text);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(KeyPath));
        Assert.Equal(key, LocalKeyFile.ReadOrMake(_folder.FullName).Key);
        Assert.DoesNotContain(key.Text, key.ToString(), StringComparison.Ordinal);
        Assert.Single(_folder.GetFiles());
    }

    [Theory]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_that_others_could_read_is_replaced_and_that_is_told(UnixFileMode others)
    {
        var before = LocalKeyFile.ReadOrMake(_folder.FullName).Key;
        File.SetUnixFileMode(KeyPath, OwnerOnly | others);

        var (key, warning) = LocalKeyFile.ReadOrMake(_folder.FullName);

        Assert.NotEqual(before, key);
        Assert.Contains($"Other users could read this node's own key in {KeyPath}", warning, StringComparison.Ordinal);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(KeyPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("two words of some length")]
    public void A_file_without_a_key_keeps_the_node_from_starting(string text)
    {
        File.WriteAllText(KeyPath, text);

        var refusal = Assert.Throws<StartRefusedException>(() => LocalKeyFile.ReadOrMake(_folder.FullName));

        Assert.Contains("Remove the file: the node makes a new key.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_is_told_only_to_a_listener_of_this_user_on_this_machine()
    {
        var key = LocalKeyFile.ReadOrMake(_folder.FullName).Key!.Text;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.Equal(key, LocalKeyFile.For(At("127.0.0.1"), _folder.FullName));
        Assert.Equal(key, LocalKeyFile.For(At("localhost"), _folder.FullName));
        Assert.Null(LocalKeyFile.For(At("192.0.2.7"), _folder.FullName));
        Assert.Null(LocalKeyFile.For(At("127.0.0.1"), Path.Join(_folder.FullName, "other")));
        File.SetUnixFileMode(KeyPath, OwnerOnly | UnixFileMode.OtherRead);
        Assert.Null(LocalKeyFile.For(At("127.0.0.1"), _folder.FullName));
        File.SetUnixFileMode(KeyPath, OwnerOnly);
        listener.Stop();
        Assert.Null(LocalKeyFile.For(At("127.0.0.1"), _folder.FullName));

        Uri At(string host) => new(string.Create(CultureInfo.InvariantCulture, $"http://{host}:{port}"));
    }

    [Fact]
    public void The_users_that_listen_at_a_port_are_found()
    {
        const string Table =
            """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:8708 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1
               1: 00000000:8708 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12 1
               2: 0100007F:8708 0100007F:9000 01 00000000:00000000 00:00000000 00000000  1001        0 13 1
               3: 0100007F:8709 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1002        0 14 1
            """;

        Assert.Equal([0u, 1000u], TcpTable.Listeners(Table, 34568));
        Assert.Empty(TcpTable.Listeners(Table, 80));
    }
}
