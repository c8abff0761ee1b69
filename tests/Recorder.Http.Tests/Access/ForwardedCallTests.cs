using System.Net;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Access;

/// <summary>What a proxy in front says counts only of listed proxies, and no proxy makes strangers callers of this
/// machine.</summary>
[Trait("ring", "actor")]
public sealed class ForwardedCallTests
{
    private const string Key = "root-0123456789abcdef0123456789";

    [Theory]
    [InlineData("127.0.0.1", "192.0.2.7", "192.0.2.7")]
    [InlineData("127.0.0.0/8", "192.0.2.7", "192.0.2.7")]
    [InlineData("127.0.0.1,198.51.100.0/24", "192.0.2.7, 198.51.100.9", "192.0.2.7")]
    // The proxy that is not listed may have made up what stands before its own address.
    [InlineData("127.0.0.1", "192.0.2.7, 198.51.100.9", "198.51.100.9")]
    [InlineData("198.51.100.9", "192.0.2.7", "127.0.0.1")]
    [InlineData("", "192.0.2.7", "127.0.0.1")]
    public async Task Only_a_listed_proxy_tells_who_calls(string proxies, string header, string address)
    {
        await using var edge = await StartAsync(proxies);
        edge.Farm.On<FindSession>(find => new SessionUnknown(find.Id));

        using var answer = await edge.SendAsync(
            HttpMethod.Post,
            "/api/stop",
            """{"id":9}""",
            ("X-Forwarded-For", header),
            ("Authorization", $"Bearer {Key}")
        );

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var line = await edge.Audit.SeeAsync(one => one.Action == "stop", "stop");
        Assert.Equal((address, "root"), (line.Address, line.Who));
    }

    [Fact]
    public async Task Unknown_keys_are_counted_by_who_calls_and_not_by_the_proxy()
    {
        await using var edge = await StartAsync("127.0.0.1");

        for (var call = 0; call < 20; call++)
        {
            await AskAsync("192.0.2.7");
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync("192.0.2.7"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("192.0.2.8"));
        await edge.Log.SeeAsync("Too many unknown API keys came from 192.0.2.7");

        async Task<HttpStatusCode> AskAsync(string caller)
        {
            using var answer = await edge.SendAsync(
                HttpMethod.Get,
                "/api/status",
                null,
                ("X-Forwarded-For", caller),
                ("Authorization", "Bearer wrong-0123456789abcdef")
            );
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("", null, null, 200)]
    [InlineData("127.0.0.1", null, null, 200)]
    [InlineData("127.0.0.1", "X-Forwarded-For", "127.0.0.1", 200)]
    [InlineData("127.0.0.1", "X-Forwarded-For", "192.0.2.7", 403)]
    [InlineData("127.0.0.1", "X-Forwarded-For", "127.0.0.1, 192.0.2.7", 403)]
    [InlineData("", "X-Forwarded-For", "127.0.0.1", 403)]
    [InlineData("", "X-Forwarded-For", "192.0.2.7", 403)]
    [InlineData("", "Forwarded", "for=192.0.2.7", 403)]
    [InlineData("", "X-Real-IP", "192.0.2.7", 403)]
    [InlineData("", "Via", "1.1 proxy", 403)]
    public async Task A_proxy_on_this_machine_lets_nobody_call_without_a_key(
        string proxies,
        string? header,
        string? value,
        int status
    )
    {
        await using var edge = await StartAsync(proxies, withKey: false);
        edge.Farm.On<ListSessions>(_ => new SessionList([]));

        using var answer = await edge.SendAsync(
            HttpMethod.Get,
            "/api/status",
            null,
            header is null ? [] : [(header, value!)]
        );

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1/32", null)]
    [InlineData("::ffff:10.0.0.5", "10.0.0.5/32", null)]
    [InlineData("10.1.0.0/16", "10.1.0.0/16", null)]
    [InlineData("fd00::/8", "fd00::/8", null)]
    [InlineData("nginx", null, "is no address and no range")]
    [InlineData("10.0.0.0/33", null, "is no address and no range")]
    [InlineData("0.0.0.0/0", null, "is every machine")]
    [InlineData("::/0", null, "is every machine")]
    public void A_proxy_is_listed_by_address_or_range(string text, string? range, string? words)
    {
        var problems = new List<string>();

        var read = ProxyList.Read([text], problems);

        Assert.Equal(range, read.SingleOrDefault() is { PrefixLength: > 0 } one ? $"{one}" : null);
        Assert.Equal(words is null ? 0 : 1, problems.Count);
        Assert.Contains(words ?? "", string.Concat(problems), StringComparison.Ordinal);
    }

    private static Task<EdgeFixture> StartAsync(string proxies, bool withKey = true) =>
        EdgeFixture.StartAsync(options =>
        {
            foreach (var proxy in proxies.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                options.Proxies.Add(proxy);
            }
            if (withKey)
            {
                options.Keys.Add(
                    new ApiKeyOptions
                    {
                        Name = "root",
                        Key = Key,
                        Scope = ApiScope.Admin,
                    }
                );
            }
        });
}
