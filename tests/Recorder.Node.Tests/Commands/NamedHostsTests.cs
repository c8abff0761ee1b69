using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Recorder.Cluster.Network;
using Recorder.Node.Commands;

namespace Recorder.Node.Tests.Commands;

/// <summary>What <c>recorder record</c> may reach because its caller names it.</summary>
public sealed class NamedHostsTests
{
    [Theory]
    [InlineData("""{"uri":"http://localhost:8080/x"}""", "127.0.0.0/8 ::1 localhost")]
    [InlineData("""{"uri":"http://[::1]:8080/x"}""", "127.0.0.0/8 ::1")]
    [InlineData("""{"uri":"https://meet.lan./x"}""", "meet.lan")]
    [InlineData("""{"uri":"https://10.0.0.7/x"}""", "10.0.0.7")]
    [InlineData("""{"uri":"https://meet.lan/","stream_uri":"rtmp://10.0.0.7/live/key"}""", "meet.lan 10.0.0.7")]
    [InlineData("""{"uri":"https://meet.lan/","stream_uris":["srt://10.0.0.7:9000"]}""", "meet.lan 10.0.0.7")]
    [InlineData("""{"uri":"no address","stream_uris":7}""", "")]
    public void The_hosts_of_page_and_targets_may_be_reached(string data, string hosts) =>
        Assert.Equal(
            hosts.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(),
            NamedHosts.In(JsonNode.Parse(data)).Order()
        );

    [Fact]
    public async Task A_name_stands_for_the_addresses_that_it_has_at_the_start_and_for_no_service_of_this_machine()
    {
        var data = JsonNode.Parse(
            """{"uri":"https://meet.lan/","stream_uris":["rtmp://turning.example/a/b","rtmp://nowhere.example/a/b"]}"""
        );

        var entries = await NamedHosts.ResolveAsync(data, new Names(), TimeSpan.FromSeconds(20));

        Assert.Equal(["10.0.0.7", "fd00::7", "93.184.215.14"], entries);
    }

    private sealed class Names : IHostResolver
    {
        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation) =>
            host switch
            {
                "meet.lan" => Found("10.0.0.7", "fd00::7"),
                "turning.example" => Found("93.184.215.14", "127.0.0.1", "169.254.169.254", "fe80::1", "::1"),
                _ => Task.FromException<IReadOnlyList<IPAddress>>(new SocketException((int)SocketError.HostNotFound)),
            };

        private static Task<IReadOnlyList<IPAddress>> Found(params string[] addresses) =>
            Task.FromResult<IReadOnlyList<IPAddress>>([.. addresses.Select(IPAddress.Parse)]);
    }
}
