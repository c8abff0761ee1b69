using Recorder.Node.Commands;

namespace Recorder.Node.Tests.Commands;

/// <summary>The commands that start, stop, show and watch one session, from answers that are known.</summary>
[Trait("ring", "media")]
public sealed class SessionsCommandTests : IAsyncLifetime
{
    private const string Node = "akka.tcp://recorder@10.0.0.1:34569";

    private const string Running = $$$"""
        {"id":7,"state":"recording","since":"2026-11-23T02:00:05Z","running":true,"node":"{{{Node}}}","attempt":1,
         "capture":{"at":"2026-11-23T02:00:08Z","frames_captured":75,"frames_painted":70,"frames_repeated":5,"frames_dropped":0,"encoded_bytes":1,"duration_seconds":3,"silence_inserted_seconds":0},
         "outputs":[{"id":"record","kind":"record","target":"/records/a.mp4","state":"active","since":"2026-11-23T02:00:05Z","reason":null,"frames_sent":75,"frames_dropped":0,"bytes_sent":1,"retries":0}],
         "records":[{"path":"/records/a.mp4","attempt":1,"finished":false}],"gaps":[],"faults":[]}
        """;

    private const string Ended = $$$"""
        {"id":7,"state":"stopped","since":"2026-11-23T02:00:09Z","running":false,"node":"{{{Node}}}","attempt":1,"outputs":[],
         "records":[{"path":"/records/a.mp4","attempt":1,"finished":true,"duration_seconds":3661,"bytes":1500000}],
         "gaps":[{"from":"2026-11-23T02:00:06Z","to":"2026-11-23T02:00:07Z","code":"browser_crashed"}],
         "faults":[{"at":"2026-11-23T02:00:06Z","node":"{{{Node}}}","code":"browser_crashed","message":"The browser crashed."}]}
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
    public async Task Start_posts_what_the_words_say_and_tells_the_number()
    {
        _node.On("POST /api/start", """{"id":7,"status":"started"}""");

        Assert.Equal(
            "Session 7 has started.\n",
            await SeeAsync("sessions", "start", "https://example.org/", "--name", "Lecture", "--set", "width=1280")
        );
        Assert.Equal(
            ["""POST /api/start {"type":"uri","data":{"uri":"https://example.org/","name":"Lecture","width":1280}}"""],
            _node.Heard
        );
    }

    [Fact]
    public async Task Start_need_not_wait_and_tells_programs_the_nodes_own_answer()
    {
        _node.On("POST /api/start?wait=false", 202, """{"id":7,"status":"starting"}""");

        Assert.Equal(
            "{\"id\":7,\"status\":\"starting\"}\n",
            await SeeAsync("sessions", "start", "--rtp", "--no-wait", "--json")
        );
        Assert.Equal("""POST /api/start?wait=false {"type":"rtp","data":{}}""", _node.Heard.Single());
    }

    [Fact]
    public async Task A_start_that_the_node_refuses_is_the_nodes_own_sentence()
    {
        _node.On("POST /api/start", 422, """{"error":"The page did not load.","code":"page_failed"}""");

        using var process = NodeProcess.Start(
            _folder,
            "sessions",
            "start",
            "https://example.org/",
            "--url",
            _node.Url
        );

        Assert.Equal(NodeCommand.Failed, await process.ExitedAsync());
        Assert.Equal("recorder: The page did not load.", process.Errors.TrimEnd());
    }

    [Fact]
    public async Task Stop_tells_the_files()
    {
        _node.On("POST /api/stop", """{"status":"stopped"}""");
        _node.On("GET /api/sessions/7", Ended);

        Assert.Equal("Session 7 has stopped.\n/records/a.mp4\n", await SeeAsync("sessions", "stop", "7"));
        Assert.Equal("""POST /api/stop {"id":7}""", _node.Heard.First());
    }

    [Fact]
    public async Task Show_tells_state_records_gaps_and_faults()
    {
        _node.On("GET /api/sessions/7", Ended);

        var shown = await SeeAsync("sessions", "show", "7");

        foreach (
            var part in (string[])
                ["stopped since 2026-11-23 02:00:09", Node, "/records/a.mp4", "1:01:01", "1.5 MB", "The browser crashed."]
        )
        {
            Assert.Contains(part, shown, StringComparison.Ordinal);
        }
        Assert.Equal(
            Ended.ReplaceLineEndings("\n") + "\n",
            await SeeAsync("sessions", "show", "7", "--json")
        );
    }

    [Fact]
    public async Task Watch_follows_a_session_to_its_end()
    {
        _node.On("GET /api/sessions/7", Running, Ended);

        var watched = await SeeAsync("sessions", "watch", "7");

        Assert.StartsWith(
            $"7 | recording | {Node} | 0:00:03, 75 frames, 70 different, 0 dropped | records: 1 | gaps: 0 | faults: 0\n"
                + $"7 | stopped | {Node} | 0 frames | records: 1 | gaps: 1 | faults: 1\n",
            watched,
            StringComparison.Ordinal
        );
        Assert.Contains("The browser crashed.", watched, StringComparison.Ordinal);
    }

    private async Task<string> SeeAsync(params string[] arguments)
    {
        using var process = NodeProcess.Start(_folder, [.. arguments, "--url", _node.Url]);
        var exitCode = await process.ExitedAsync();
        Assert.True(exitCode == 0, $"It exited with {exitCode}: {process.Errors}");
        return process.Output.ReplaceLineEndings("\n");
    }
}
