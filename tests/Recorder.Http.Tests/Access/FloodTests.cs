using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Recorder.Cluster.Placement;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Access;

/// <summary>Callers that call too often, or send too much.</summary>
[Trait("ring", "actor")]
public sealed class FloodTests
{
    private const string Key = "admin-0123456789abcdef";
    private const string NewKey = "other-0123456789abcdef";

    private static void WithKeys(HttpOptions options)
    {
        foreach (var (name, key) in new[] { ("operator", Key), ("newcomer", NewKey) })
        {
            options.Keys.Add(
                new ApiKeyOptions
                {
                    Name = name,
                    Key = key,
                    Scope = ApiScope.Admin,
                }
            );
        }
    }

    [Fact]
    public async Task Wrong_keys_are_refused_after_some_and_neither_hold_up_others_nor_fill_the_log()
    {
        // A busy machine may take long for the calls, and an address may send one more key every 30 s.
        await using var edge = await EdgeFixture.StartAsync(options =>
        {
            WithKeys(options);
            options.UnknownKeysPerMinute = 2;
        });
        edge.Farm.On<ListSessions>(_ => new SessionList([]));
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(edge.Client, Key)).StatusCode);

        var answers = new List<HttpResponseMessage>();
        for (var call = 0; call < 30; call++)
        {
            answers.Add(await CallAsync(edge.Client, $"guess-{call:00}-0123456789abcdef"));
        }

        Assert.All(answers.Take(2), answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
        Assert.All(answers.Skip(2), answer => Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode));
        Assert.InRange(answers[^1].Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        Assert.Matches(
            "^{\"error\":\"Too many unknown API keys came from this address; call again after [1-3]?[0-9] s.\",\"code\":\"too_many_calls\"}$",
            await answers[^1].Content.ReadAsStringAsync()
        );

        // Whoever shares the address, as behind a proxy, is not kept out, whether the node has seen the key or not.
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(edge.Client, NewKey)).StatusCode);
        using var elsewhere = ClientAt("127.0.0.2", edge.Address);
        Assert.Equal(HttpStatusCode.Unauthorized, (await CallAsync(elsewhere, "guess-0123456789abcdef")).StatusCode);

        await edge.DisposeAsync();
        Assert.Single(edge.Log.Lines, line => line.Contains("Too many unknown API keys", StringComparison.Ordinal));
        Assert.Equal(
            3,
            edge.Log.Lines.Count(line => line.Contains("an API key that is not known", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task A_key_that_calls_too_often_is_told_when_to_call_again()
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
        {
            WithKeys(options);
            options.CallsPerSecond = 5;
        });
        edge.Farm.On<ListSessions>(_ => new SessionList([]));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => CallAsync(edge.Client, Key)));

        var refused = answers.Where(answer => answer.StatusCode != HttpStatusCode.OK).ToList();
        Assert.NotEmpty(refused);
        Assert.All(
            refused,
            answer =>
            {
                Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
                Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
            }
        );
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(edge.Client, NewKey)).StatusCode);
    }

    [Fact]
    public async Task A_form_is_bounded_like_every_other_body()
    {
        await using var edge = await EdgeFixture.StartAsync(WithKeys);
        using var form = new FormUrlEncodedContent([new("operation", new string('x', 1_000_000))]);
        using var request = new HttpRequestMessage(HttpMethod.Put, "/cluster/members/nobody:1") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);

        var answer = await edge.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("\"body_too_large\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_ask_the_farm_once_a_second_however_many_they_are()
    {
        await using var edge = await EdgeFixture.StartAsync(WithKeys);
        var asked = 0;
        edge.Farm.On<PingPlacement>(_ =>
        {
            Interlocked.Increment(ref asked);
            return new PlacementHere();
        });
        var began = TimeProvider.System.GetTimestamp();

        for (var probe = 0; probe < 100; probe++)
        {
            Assert.Equal(HttpStatusCode.OK, (await edge.Client.GetAsync("/health/ready")).StatusCode);
        }

        Assert.InRange(asked, 1, 1 + (int)TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    [Fact]
    public async Task The_server_bounds_connections_and_slow_callers()
    {
        await using var edge = await EdgeFixture.StartAsync(options => options.MaximumConnections = 7);

        var limits = edge.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(7, limits.MaxConcurrentConnections);
        Assert.Equal(0, limits.MaxConcurrentUpgradedConnections);
        Assert.Equal(TimeSpan.FromSeconds(10), limits.RequestHeadersTimeout);
        Assert.NotNull(limits.MinRequestBodyDataRate);
        Assert.NotNull(limits.MinResponseDataRate);
    }

    [Fact]
    public async Task Connections_beyond_the_most_are_closed_and_those_that_are_there_go_on()
    {
        await using var edge = await EdgeFixture.StartAsync(options => options.MaximumConnections = 1);
        edge.Farm.On<PingPlacement>(_ => new PlacementHere());
        Assert.Equal(HttpStatusCode.OK, (await edge.Client.GetAsync("/health/ready")).StatusCode);

        using var second = new HttpClient { BaseAddress = edge.Client.BaseAddress };
        await Assert.ThrowsAsync<HttpRequestException>(() => second.GetAsync("/health/live"));

        Assert.Equal(HttpStatusCode.OK, (await edge.Client.GetAsync("/health/live")).StatusCode);
    }

    private static async Task<HttpResponseMessage> CallAsync(HttpClient client, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await client.SendAsync(request);
    }

    /// <summary>A client that calls from another address of this machine.</summary>
    private static HttpClient ClientAt(string address, string edge) =>
        new(
            new SocketsHttpHandler
            {
                ConnectCallback = async (context, cancellation) =>
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                    await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        )
        {
            BaseAddress = new Uri(edge),
        };
}
