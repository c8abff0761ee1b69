using Recorder.Node.Commands;

namespace Recorder.Node.Tests.Commands;

/// <summary>The commands that list deliveries and try one again, from answers that are known.</summary>
[Trait("ring", "media")]
public sealed class DeliveriesCommandTests : IAsyncLifetime
{
    private const string Failed = """
        {"record":"7-2","session":7,"file":"a.mp4","node":"n","delivery":{"to":"archive","kind":"s3","name":null,"state":"failed","since":"2026-11-23T02:00:05Z","next_try":null,"attempts":3,"exit_code":null,"last_output":null,"error":"No such bucket."}}
        """;

    private const string Queued = """
        {"record":"7-2","session":7,"file":"a.mp4","node":"n","delivery":{"to":"archive","kind":"s3","name":null,"state":"retrying","since":"2026-11-23T02:00:05Z","next_try":"2026-11-23T02:10:05Z","attempts":3,"exit_code":null,"last_output":null,"error":null}}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("rec-").FullName;
    private ScriptedNode _node = null!;

    public async Task InitializeAsync() => _node = await ScriptedNode.StartAsync();

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_list_has_a_line_for_each_delivery_and_takes_the_filters()
    {
        _node.On("GET /api/deliveries?limit=500&state=failed&to=archive&session=7", $"[{Failed.Trim()},{Queued.Trim()}]");

        Assert.Equal(
            """
            7-2 | archive | failed | 2026-11-23 02:00:05 | attempts: 3 | No such bucket.
            7-2 | archive | retrying | 2026-11-23 02:00:05 | attempts: 3 | next: 2026-11-23 02:10:05
            Count: 2 deliveries

            """,
            await SeeAsync("deliveries", "list", "--state", "failed", "--to", "archive", "--session", "7")
        );
    }

    [Fact]
    public async Task A_retry_tells_the_delivery_as_it_is_then_or_the_nodes_own_answer()
    {
        _node.On("POST /api/records/7-2/deliveries/archive/retry", 202, Queued.Trim());

        Assert.StartsWith(
            "7-2 | archive | retrying",
            await SeeAsync("deliveries", "retry", "7-2", "archive"),
            StringComparison.Ordinal
        );
        Assert.Equal(Queued.Trim() + "\n", await SeeAsync("deliveries", "retry", "7-2", "archive", "--json"));
    }

    [Fact]
    public async Task A_retry_that_is_refused_is_the_nodes_own_sentence()
    {
        _node.On(
            "POST /api/records/7-2/deliveries/archive/retry",
            409,
            """{"error":"The record is being sent.","code":"not_retriable"}"""
        );

        using var process = NodeProcess.Start(_folder, "deliveries", "retry", "7-2", "archive", "--url", _node.Url);

        Assert.Equal(NodeCommand.Failed, await process.ExitedAsync());
        Assert.Equal("recorder: The record is being sent.", process.Errors.TrimEnd());
    }

    private async Task<string> SeeAsync(params string[] words)
    {
        using var process = NodeProcess.Start(_folder, [.. words, "--url", _node.Url]);
        Assert.Equal(0, await process.ExitedAsync());
        return process.Output;
    }
}
