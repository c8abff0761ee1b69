using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Network;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Worker.Network;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>Starts and changes whose addresses lead where nobody may go.</summary>
[Trait("ring", "actor")]
public sealed class AddressDeskTests
{
    [Theory]
    [InlineData("\"uri\":\"http://127.0.0.1:8080/\"", "data.uri", "127.0.0.0/8")]
    [InlineData("\"uri\":\"http://localhost/\"", "data.uri", "127.0.0.0/8")]
    [InlineData("\"uri\":\"http://2130706433/\"", "data.uri", "127.0.0.0/8")]
    [InlineData("\"uri\":\"http://[::ffff:169.254.169.254]/\"", "data.uri", "169.254.169.254:80")]
    [InlineData("\"uri\":\"https://inside.example/\"", "data.uri", "inside.example:443")]
    [InlineData("\"uri\":\"https://denied.example/\"", "data.uri", "Network:Deny")]
    [InlineData(
        "\"uri\":\"https://example.org/\",\"mode\":\"stream\",\"stream_uri\":\"rtmp://10.0.0.7/live/KEY\"",
        "data.stream_uris",
        "10.0.0.7:1935"
    )]
    [InlineData(
        "\"uri\":\"https://example.org/\",\"mode\":\"stream\",\"stream_uri\":\"rtmps://inside.example/live/KEY\"",
        "data.stream_uris",
        "inside.example:443"
    )]
    [InlineData(
        "\"uri\":\"https://example.org/\",\"mode\":\"stream\",\"stream_uris\":[\"srt://2130706433:9000?streamid=KEY\"]",
        "data.stream_uris",
        "127.0.0.0/8"
    )]
    public async Task A_start_that_leads_where_nobody_may_go_is_refused(string data, string field, string told)
    {
        await using var edge = await StartAsync();

        var answer = await edge.SendAsync(HttpMethod.Post, "/api/start", $$"""{"type":"uri","data":{ {{data}} } }""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("address_not_allowed", error.RootElement.GetProperty("code").GetString());
        Assert.Equal(field, error.RootElement.GetProperty("field").GetString());
        var sentence = error.RootElement.GetProperty("error").GetString()!;
        Assert.Contains(told, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("KEY", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain(edge.Farm.Heard, message => message is AdmitSession);
    }

    [Theory]
    [InlineData("\"uri\":\"https://example.org/\"")]
    [InlineData("\"uri\":\"https://unknown.example/\"")]
    [InlineData("\"uri\":\"http://192.168.7.7:8080/\"")]
    [InlineData("\"uri\":\"https://example.org/\",\"mode\":\"both\",\"stream_uri\":\"srt://0.0.0.0:9000?mode=listener\"")]
    public async Task A_start_that_may_go_there_goes_to_the_farm(string data)
    {
        await using var edge = await StartAsync();
        var answer = await edge.SendAsync(
            HttpMethod.Post,
            "/api/start?wait=false",
            $$"""{"type":"uri","data":{ {{data}} } }"""
        );
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    [Theory]
    [InlineData("https://inside.example/", HttpStatusCode.Accepted)]
    [InlineData("https://10.0.0.7/", HttpStatusCode.BadRequest)]
    [InlineData("https://denied.example/", HttpStatusCode.BadRequest)]
    [InlineData("https://direct.example/", HttpStatusCode.BadRequest)]
    public async Task Where_a_proxy_resolves_the_name_only_what_is_written_counts(string page, HttpStatusCode status)
    {
        await using var edge = await StartAsync(new ProxyBeforeAllBut("direct.example"));
        var answer = await edge.SendAsync(
            HttpMethod.Post,
            "/api/start?wait=false",
            $$"""{"type":"uri","data":{ "uri":"{{page}}" } }"""
        );
        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("known", 202, "\"id\":5")]
    [InlineData("other", 409, "idempotency_conflict")]
    [InlineData("new", 400, "address_not_allowed")]
    public async Task A_start_that_was_carried_out_is_answered_from_its_key(string key, int status, string words)
    {
        await using var edge = await StartAsync();
        edge.Farm.On<FindByKey>(find =>
            find.IdempotencyKey switch
            {
                "known" => new SessionAdmitted(new SessionId(5), 1, "akka.tcp://recorder@a:1"),
                "other" => new IdempotencyConflict("Another request."),
                _ => new AdmissionRefused("no_such_session", "None.", [], TimeSpan.Zero),
            }
        );

        var answer = await edge.SendAsync(
            HttpMethod.Post,
            "/api/start?wait=false",
            """{"type":"uri","data":{"uri":"https://denied.example/"}}""",
            ("Idempotency-Key", key)
        );

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(edge.Farm.Heard, message => message is AdmitSession);
    }

    [Fact]
    public async Task A_target_that_is_added_is_held_to_the_same()
    {
        await using var edge = await StartAsync();
        var answer = await edge.SendAsync(
            HttpMethod.Patch,
            "/api/sessions/1",
            """{"add_stream_uris":["rtmp://169.254.169.254/live/KEY"]}"""
        );
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("address_not_allowed", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<EdgeFixture> StartAsync(IPageRoute? route = null)
    {
        var edge = await EdgeFixture.StartAsync(services: services =>
            (route is null ? services : services.AddSingleton(route))
                .AddSingleton(
                    NetworkPolicy.Read(new NetworkRules(["192.168.7.7"], ["denied.example"], Private: false), [])
                )
                .AddSingleton<IHostResolver>(new Names())
        );
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(1), 1, "akka.tcp://recorder@a:1"));
        return edge;
    }

    private sealed record ProxyBeforeAllBut(string Direct) : IPageRoute
    {
        public bool IsByProxy(Uri page) => page.Host != Direct;
    }

    private sealed class Names : IHostResolver
    {
        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation) =>
            host switch
            {
                "inside.example" or "direct.example" => Task.FromResult<IReadOnlyList<IPAddress>>([IPAddress.Parse("10.0.0.7")]),
                "example.org" => Task.FromResult<IReadOnlyList<IPAddress>>([IPAddress.Parse("93.184.216.34")]),
                _ => throw new SocketException((int)SocketError.HostNotFound),
            };
    }
}
