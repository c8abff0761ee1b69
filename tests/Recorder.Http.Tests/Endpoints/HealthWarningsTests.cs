using System.Net;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Placement;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Endpoints;

[Trait("ring", "actor")]
public sealed class HealthWarningsTests
{
    private const string Key = "0123456789abcdef";

    [Theory]
    [InlineData(6, "6.0 s ahead of")]
    [InlineData(-660, "660.0 s behind")]
    [InlineData(1, null)]
    public async Task A_node_whose_clock_is_wrong_is_ready_and_says_so_to_those_who_have_a_key(int ahead, string? told)
    {
        var clock = new FarmClock(TimeProvider.System);
        clock.Hear(
            TimeProvider.System.GetUtcNow().AddSeconds(-ahead),
            clock.GetTimestamp(),
            clock.GetTimestamp()
        );
        await using var edge = await EdgeFixture.StartAsync(
            options =>
                options.Keys.Add(
                    new ApiKeyOptions
                    {
                        Name = "one",
                        Key = Key,
                        Scope = ApiScope.Read,
                    }
                ),
            clock: clock
        );
        edge.Farm.On<PingPlacement>(_ => new PlacementHere());

        using var known = await edge.SendAsync(
            HttpMethod.Get,
            "/health/ready",
            null,
            ("Authorization", $"Bearer {Key}")
        );
        using var probe = await edge.SendAsync(HttpMethod.Get, "/health/ready", null);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (known.StatusCode, probe.StatusCode));
        var text = await known.Content.ReadAsStringAsync();
        Assert.Equal(told is not null, text.Contains("warnings", StringComparison.Ordinal));
        Assert.Contains(told ?? "", text, StringComparison.Ordinal);
        Assert.Equal("""{"status":"ready"}""", (await probe.Content.ReadAsStringAsync()).Trim());
    }
}
