namespace Recorder.Node.Tests.Commands;

/// <summary>The command that tells who changed what, from answers that are known.</summary>
[Trait("ring", "media")]
public sealed class AuditCommandTests : IAsyncLifetime
{
    private const string Start = """
        {"number":12,"at":"2026-12-01T08:00:05Z","node":"n","who":"anna","address":"192.0.2.7","action":"start","call":"POST /api/start","session":7,"status":422,"code":"page_failed","detail":null}
        """;

    private const string Leave = """
        {"number":11,"at":"2026-12-01T07:00:05Z","node":"n","who":"root","address":"192.0.2.8","action":"change-member","call":"PUT /cluster/members/a:1","session":null,"status":200,"code":null,"detail":"Leave"}
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
    public async Task Each_line_says_when_who_from_where_and_what_came_of_it()
    {
        _node.On("GET /api/audit?limit=100", $"[{Start.Trim()},{Leave.Trim()}]");

        Assert.Equal(
            """
            2026-12-01 08:00:05 | anna | 192.0.2.7 | start | POST /api/start | 422 page_failed | session 7
            2026-12-01 07:00:05 | root | 192.0.2.8 | change-member | PUT /cluster/members/a:1 | 200 | Leave

            """,
            await SeeAsync("audit")
        );
    }

    [Fact]
    public async Task The_filters_go_to_the_node_and_programs_get_its_json()
    {
        _node.On("GET /api/audit?limit=1&who=anna%20b&session=7&action=start&from=2026-12-01", $"[{Start.Trim()}]");

        Assert.Equal(
            Start.Trim() + "\n",
            await SeeAsync(
                "audit", "--limit", "1", "--who", "anna b", "--session", "7", "--action", "start", "--from", "2026-12-01", "--json"
            )
        );
    }

    private async Task<string> SeeAsync(params string[] arguments)
    {
        using var process = NodeProcess.Start(_folder, [.. arguments, "--url", _node.Url]);
        Assert.Equal(0, await process.ExitedAsync());
        return process.Output;
    }
}
