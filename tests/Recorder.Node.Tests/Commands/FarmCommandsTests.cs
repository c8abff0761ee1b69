using System.Diagnostics;
using System.Text.Json;
using Recorder.Http.Answers;
using Recorder.Node.Commands;

namespace Recorder.Node.Tests.Commands;

/// <summary>The lists an operator looks at, from answers that are known.</summary>
[Trait("ring", "media")]
public sealed class FarmCommandsTests : IAsyncLifetime
{
    private const string One = "akka.tcp://recorder@10.0.0.1:34569";
    private const string Two = "akka.tcp://recorder@10.0.0.2:34569";
    private const string Three = "akka.tcp://recorder@10.0.0.3:34569";
    private const string Members = "GET /cluster/members";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string Farm = Listing(
        [Member(One), Member(Two), Member(Three, roles: "voter")],
        unreachable: Two
    );

    private readonly string _folder = Directory.CreateTempSubdirectory("rec-").FullName;
    private ScriptedNode _node = null!;

    public async Task InitializeAsync() => _node = await ScriptedNode.StartAsync();

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("", One + " | [recorder] | up |  | 1.2.3\nleader: yes | placement: yes\n")]
    [InlineData("10.0.0.2:34569", Two + " | [recorder] | up | unreachable | 1.2.3\nleader: no | placement: no\n")]
    [InlineData(Three, Three + " | [voter] | up |  | 1.2.3\nleader: no | placement: no\n")]
    public async Task Status_shows_the_node_that_is_asked_or_the_one_that_is_named(string address, string expected)
    {
        _node.On(Members, Farm);

        Assert.Equal(
            expected,
            await SeeAsync(address.Length == 0 ? ["cluster", "status"] : ["cluster", "status", address])
        );
    }

    [Fact]
    public async Task Status_of_a_node_that_is_no_member_is_one_sentence()
    {
        _node.On(Members, Farm);

        using var process = NodeProcess.Start(_folder, "cluster", "status", "0.0.0.1:34569", "--url", _node.Url);

        Assert.Equal(4, await process.ExitedAsync());
        Assert.Equal(
            "recorder: The farm has no member 0.0.0.1:34569; recorder cluster show lists them.",
            process.Errors.TrimEnd()
        );
    }

    [Fact]
    public async Task Region_stats_count_the_shards_and_sessions_of_every_node_that_records()
    {
        _node.On(Members, Farm);
        _node.On("GET /cluster/shards/session", Shards);

        Assert.Equal(
            $"{One} | [recorder] | up |  | 1.2.3 | shards: 2 | entities: 1\n{Two} | [recorder] | up | unreachable | 1.2.3 | shards: 0 | entities: 0\n",
            await SeeAsync("cluster-sharding", "region-stats")
        );
        Assert.Equal(
            $"4 | {One} | entities: 1\n7 | {One} | entities: 0\n",
            await SeeAsync("cluster-sharding", "list-shards")
        );
    }

    [Theory]
    [InlineData(
        false,
        "2 | recording | 2026-11-23 02:00:05 | "
            + One
            + " | attempt: 2 | records: 2 | gaps: 1 | faults: 0\nCount: 1 sessions\n"
    )]
    [InlineData(
        true,
        "1 | stopped | 2026-11-23 02:00:04 | "
            + One
            + " | attempt: 1 | records: 0 | gaps: 0 | faults: 0\n2 | recording | 2026-11-23 02:00:05 | "
            + One
            + " | attempt: 2 | records: 2 | gaps: 1 | faults: 0\nCount: 2 sessions\n"
    )]
    public async Task Sessions_are_listed_those_that_run_or_all(bool all, string expected)
    {
        _node.On(
            "GET /api/sessions?limit=500&after=0",
            $$"""
            [{"id":1,"state":"stopped","since":"2026-11-23T02:00:04Z","running":false,"node":"{{One}}","attempt":1,"records":[],"gaps":[],"faults":[]},
             {"id":2,"state":"recording","since":"2026-11-23T02:00:05Z","running":true,"node":"{{One}}","attempt":2,"records":[{},{}],"gaps":[{}],"faults":[]}]
            """
        );

        Assert.Equal(expected, await SeeAsync(all ? ["sessions", "--all"] : ["sessions"]));
    }

    [Fact]
    public async Task Pressure_is_a_line_for_each_node_with_what_is_known_and_the_reason_it_is_closed()
    {
        _node.On(
            "GET /api/pressure",
            $$"""
            {"has_room":true,"nodes":[
             {"node":"{{One}}","slots":4,"running":2,"used":1.3,"free":2.7,"cpu_percent":41.26,"memory_available_mb":2048,"disk_free_mb":99000,"reason":null},
             {"node":"{{Two}}","slots":2,"running":2,"used":2,"free":0,"cpu_percent":null,"memory_available_mb":null,"disk_free_mb":null,"reason":"It is full."}]}
            """
        );

        Assert.Equal(
            $"{One} | sessions: 2 | slots: 1.3 of 4 | cpu: 41.3 % | memory free: 2048 MB | disk free: 99000 MB | open\n"
                + $"{Two} | sessions: 2 | slots: 2 of 2 | cpu: unknown | memory free: unknown | disk free: unknown | It is full.\nThe farm takes one more session.\n",
            await SeeAsync("pressure")
        );
    }

    [Theory]
    [InlineData("pressure", "/api/pressure", "{}")]
    [InlineData("sessions", "/api/sessions?limit=500&after=0", "[{}]")]
    [InlineData("cluster show", "/cluster/members", "{}")]
    [InlineData(
        "cluster show",
        "/cluster/members",
        """{"selfNode":"a","members":[{}],"unreachable":[],"oldestPerRole":{}}"""
    )]
    [InlineData("cluster-sharding list-shards", "/cluster/shards/session", "[]")]
    [InlineData("cluster leave 10.0.0.2:34569", "/cluster/members/10.0.0.2:34569", "{}")]
    public async Task An_answer_that_is_json_and_no_recorders_is_one_sentence(string command, string path, string body)
    {
        _node.On($"GET {path}", body);
        _node.On($"PUT {path}", body);

        using var process = NodeProcess.Start(_folder, [.. command.Split(' '), "--url", _node.Url]);

        Assert.Equal(4, await process.ExitedAsync());
        Assert.Equal(
            $"recorder: The node at {_node.Url} cannot be asked: it answers 200 and not as a recorder does.",
            process.Errors.TrimEnd()
        );
    }

    [Fact]
    public async Task Tail_shows_the_members_and_then_what_changes()
    {
        _node.On(Members, Listing([Member(One)]), Listing([Member(One), Member(Two, status: "Joining")]));
        _node.On(Members, 503, """{"error":"It is stopping.","code":"unavailable"}""");
        _node.On(Members, Listing([Member(One), Member(Two)]));

        using var tail = NodeProcess.Start(_folder, "cluster", "tail", "--url", _node.Url);

        string[] expected =
        [
            $"{One} | [recorder] | up |  | 1.2.3",
            $"{Two} | [recorder] | joining",
            "the node cannot be asked: It is stopping.",
            "the node answers again",
            $"{Two} | joining -> up",
        ];
        var since = Stopwatch.GetTimestamp();
        while (Lines().Count < expected.Length)
        {
            Assert.True(
                Stopwatch.GetElapsedTime(since) < Limit,
                $"{expected.Length} lines were not there within {Limit.TotalSeconds} s: {tail.Output}{tail.Errors}"
            );
            await Task.Delay(100);
        }

        Assert.Equal(expected, Lines().Select(line => line["2026-11-23 02:00:04.000 ".Length..]));

        List<string> Lines() => [.. tail.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)];
    }

    [Fact]
    public void Changes_are_told_by_member_a_new_life_at_an_address_is_another_member()
    {
        var before = Read(Listing([Member(One), Member(Two), Member(Three)], unreachable: Three));
        var after = Read(
            Listing(
                [Member(One, uid: 9, status: "Joining"), Member(Two, status: "Leaving"), Member(Three)],
                unreachable: Two,
                leader: Three
            )
        );

        Assert.Equal(
            [
                $"{One} | removed",
                $"{One} | [recorder] | joining",
                $"{Two} | up -> leaving",
                $"{Two} | unreachable",
                $"{Three} | reachable",
                $"{Three} | leader",
            ],
            after.ChangesSince(before)
        );
        Assert.Equal(
            [$"{Two} | removed"],
            Read(Listing([Member(One)])).ChangesSince(Read(Listing([Member(One), Member(Two)])))
        );
        Assert.Empty(after.ChangesSince(after));
    }

    private static string Shards =>
        $$"""{"regions":[{"shardId":"4","numEntities":1,"node":"{{One}}"},{"shardId":"7","numEntities":0,"node":"{{One}}"}]}""";

    private static FarmListing Read(string listing) =>
        FarmListing.Of(JsonSerializer.Deserialize<MembersAnswer>(listing, AnswerJson.Options)!);

    private static string Member(string node, string roles = "recorder", string status = "Up", int uid = 1) =>
        $$"""{"node":"{{node}}","nodeUid":"{{uid}}","status":"{{status}}","roles":["{{roles}}"],"appVersion":"1.2.3"}""";

    private static string Listing(IEnumerable<string> members, string? unreachable = null, string leader = One)
    {
        var lost = unreachable is null ? "" : $$"""{"node":"{{unreachable}}","observedBy":["{{One}}"]}""";
        return $$$"""{"selfNode":"{{{One}}}","members":[{{{string.Join(',', members)}}}],"unreachable":[{{{lost}}}],"leader":"{{{leader}}}","oldest":"{{{One}}}","oldestPerRole":{"recorder":"{{{One}}}"}}""";
    }

    private async Task<string> SeeAsync(params string[] arguments)
    {
        using var process = NodeProcess.Start(_folder, [.. arguments, "--url", _node.Url]);
        var exitCode = await process.ExitedAsync();
        Assert.True(exitCode == 0, $"It exited with {exitCode}: {process.Errors}");
        return process.Output.ReplaceLineEndings("\n");
    }
}
