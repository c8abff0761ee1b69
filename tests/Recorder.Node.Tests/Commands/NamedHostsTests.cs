using System.Text.Json.Nodes;
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
}
