using Recorder.Harness.Fuzzing;
using Recorder.PlayedNode;

namespace Recorder.Node.Tests.Hosting;

/// <summary>Calls that nobody would make, over all routes of a node with all but real media.</summary>
[Trait("ring", "farm")]
public sealed class RoutesFuzzTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-fuzz-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task No_call_makes_the_node_fail_or_hang()
    {
        await using var node = await PlayedNodeHost.StartAsync(
            _folder,
            null,
            http => http.Listen = "http://127.0.0.1:0",
            CancellationToken.None
        );
        using var http = new HttpClient { BaseAddress = new Uri(node.Urls.Single()) };
        var shape = ApiShape.Of(await http.GetStringAsync("openapi/v1.json"));

        var report = await new CallFuzzer(http.BaseAddress, shape).RunAsync(
            FuzzSize.Of(1_000),
            FuzzSize.Seed,
            CancellationToken.None
        );

        Assert.True(report.Faults.Count == 0, string.Join("\n\n", report.Faults.Take(5)));
        var taken = report.Statuses.Where(status => status.Key is >= 200 and < 300).Sum(status => status.Value);
        Assert.True(taken > report.Calls / 20, $"Only {taken} of {report.Calls} calls were taken.");
        using var ready = await http.GetAsync("health/ready");
        Assert.True(ready.IsSuccessStatusCode, await ready.Content.ReadAsStringAsync());
        await node.StopAsync();
    }
}
