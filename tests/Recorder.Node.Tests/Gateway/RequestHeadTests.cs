using System.Text;
using Recorder.Node.Gateway;

namespace Recorder.Node.Tests.Gateway;

/// <summary>What a browser asks of its gateway.</summary>
public sealed class RequestHeadTests
{
    [Theory]
    [InlineData("CONNECT example.org:443 HTTP/1.1", true, "example.org", 443)]
    [InlineData("CONNECT [::1]:8443 HTTP/1.1", true, "::1", 8443)]
    [InlineData("GET http://example.org/a HTTP/1.1", false, "example.org", 80)]
    [InlineData("GET http://example.org:8080 HTTP/1.1", false, "example.org", 8080)]
    [InlineData("GET HTTP://[fd00::1]/ HTTP/1.0", false, "fd00::1", 80)]
    [InlineData("POST http://user:pa@ss@example.org:81/x HTTP/1.1", false, "example.org", 81)]
    [InlineData("GET http://example.org?x=http://127.0.0.1/ HTTP/1.1", false, "example.org", 80)]
    public void The_server_is_the_one_that_the_line_names(string line, bool tunnel, string host, int port)
    {
        var head = Read(line);
        Assert.Equal((tunnel, host, port), (head!.Tunnel, head.Host, head.Port));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("GET https://example.org/ HTTP/1.1")]
    [InlineData("GET ftp://example.org/ HTTP/1.1")]
    [InlineData("GET http:///x HTTP/1.1")]
    [InlineData("GET http://example.org:0/ HTTP/1.1")]
    [InlineData("GET http://example.org:99999/ HTTP/1.1")]
    [InlineData("GET http://example.org:/ HTTP/1.1")]
    [InlineData("GET http://exa mple.org/ HTTP/1.1")]
    [InlineData("GET http://example.org/ HTTP/2")]
    [InlineData("CONNECT example.org HTTP/1.1")]
    [InlineData("CONNECT example.org:443")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("")]
    public void Nothing_else_is_a_request(string line) => Assert.Null(Read(line));

    [Theory]
    [InlineData("GET http://a.example/x?y=%7E{b} HTTP/1.1", "", "GET /x?y=%7E{b} HTTP/1.1\r\n\r\n", 0L)]
    [InlineData("GET http://a.example HTTP/1.1", "Host: a.example\r\n", "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", 0L)]
    [InlineData("GET http://a.example?q HTTP/1.1", "", "GET /?q HTTP/1.1\r\n\r\n", 0L)]
    [InlineData(
        "GET http://a.example/ HTTP/1.1",
        "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\nCookie: a=ä\r\n",
        "GET / HTTP/1.1\r\nConnection: keep-alive\r\nCookie: a=ä\r\n\r\n",
        0L
    )]
    [InlineData(
        "POST http://a.example/ HTTP/1.1",
        "Content-Length: 12\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\n",
        12L
    )]
    [InlineData(
        "POST http://a.example/ HTTP/1.1",
        "Transfer-Encoding: chunked\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        null
    )]
    [InlineData(
        "GET http://a.example/ HTTP/1.1",
        "Upgrade: websocket\r\n",
        "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
        null
    )]
    public void The_server_gets_the_head_as_servers_expect_it(string line, string headers, string sent, long? body)
    {
        var head = Read(line, headers)!;
        Assert.Equal(sent, Encoding.Latin1.GetString(head.ForServer.Span));
        Assert.Equal(body, head.BodyLength);
    }

    [Theory]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: 1, 1\r\n")]
    [InlineData("no colon\r\n")]
    [InlineData(": empty\r\n")]
    public void A_head_that_could_be_read_in_two_ways_is_none(string headers) =>
        Assert.Null(Read("GET http://a.example/ HTTP/1.1", headers));

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        var random = new Random(20261203);
        const string letters = "GETCONNECT http://:[]@/?#.0123456789 HTTP/1.1\r\n:Content-Length\u0000\u00ff";
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(
                Enumerable.Range(0, random.Next(60)).Select(_ => letters[random.Next(letters.Length)])
            );
            _ = RequestHead.Read(Encoding.Latin1.GetBytes(text + "\r\n\r\n"));
            _ = RequestHead.Read(Encoding.Latin1.GetBytes($"GET http://{text} HTTP/1.1\r\n\r\n"));
        }
    }

    private static RequestHead? Read(string line, string headers = "") =>
        RequestHead.Read(Encoding.Latin1.GetBytes($"{line}\r\n{headers}\r\n"));
}
