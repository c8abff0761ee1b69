using Recorder.Node.Commands;

namespace Recorder.Node.Tests.Commands;

/// <summary>The commands about schedules, from answers that are known.</summary>
[Trait("ring", "actor")]
public sealed class SchedulesCommandTests : IAsyncLifetime
{
    private const string One = """
        {"id":"sch_1","name":"Morning","enabled":true,"at":null,"cron":"30 9 * * MON-FRI","timezone":"Europe/Oslo",
         "duration":3600,"lead":45,"late":600,"overlap":"skip","exceptions":[],"until":null,
         "next":"2026-12-02T08:30:00Z","created_at":"2026-12-01T08:00:00Z","start":{"type":"uri",
         "uri":"https://example.org/room","mode":"record","stream_uris":[],"hls":false,"width":1920,"height":1080,
         "framerate":25,"bitrate":6000,"preset":"ultrafast","profile":"baseline","keyframe_interval":60,
         "audio_bitrate":256,"container":"mp4","name":null,"labels":{},"deliver":null,"retention":null,
         "local_peers":false}}
        """;

    private ScriptedNode _node = null!;

    public async Task InitializeAsync() => _node = await ScriptedNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task List_shows_the_next_time_and_the_nodes_own_answer_to_programs()
    {
        _node.On("GET /api/schedules?limit=10000", $"[{One}]", $"[{One}]", "[]");

        var table = await SeeAsync(0, "list");
        foreach (var word in new[] { "sch_1", "Morning", "30 9 * * MON-FRI (Europe/Oslo)", "2026-12-02 08:30:00Z", "on" })
        {
            Assert.Contains(word, table, StringComparison.Ordinal);
        }
        Assert.Equal($"[{One}]\n", await SeeAsync(0, "list", "--json"));
        Assert.Equal("There are no schedules.\n", await SeeAsync(0, "list"));
    }

    [Fact]
    public async Task Add_posts_what_the_words_say()
    {
        _node.On("POST /api/schedules", One);

        Assert.Equal(
            "Schedule sch_1 is made. It records next at 2026-12-02 08:30:00Z.\n",
            await SeeAsync(
                0,
                "add",
                "https://example.org/room",
                "--cron",
                "30 9 * * MON-FRI",
                "--timezone",
                "Europe/Oslo",
                "--duration",
                "1 h",
                "--lead",
                "30 s",
                "--late",
                "5 min",
                "--overlap",
                "queue",
                "--until",
                "2027-07-01T00:00:00Z",
                "--except",
                "2026-12-24",
                "--name",
                "Morning",
                "--set",
                "width=1280"
            )
        );
        Assert.Equal(
            """POST /api/schedules {"name":"Morning","cron":"30 9 * * MON-FRI","timezone":"Europe/Oslo","duration":"1 h","lead":"30 s","late":"5 min","overlap":"queue","until":"2027-07-01T00:00:00Z","exceptions":["2026-12-24"],"start":{"type":"uri","data":{"uri":"https://example.org/room","width":1280}}}""",
            _node.Heard.Single()
        );
    }

    [Fact]
    public async Task Show_tells_what_became_of_each_time()
    {
        _node.On(
            "GET /api/schedules/sch_1/occurrences?limit=50",
            """
            [{"at":"2026-12-01T08:30:00Z","state":"missed","session":null,"code":"too_late","reason":"No node could."},
             {"at":"2026-12-02T08:30:00Z","state":"planned","session":null,"code":null,"reason":null},
             {"at":"2026-12-03T08:30:00Z","state":"planned","session":null,"code":null,"reason":null,"at_risk":true}]
            """
        );

        var table = await SeeAsync(0, "show", "sch_1");

        foreach (var word in new[] { "2026-12-01 08:30:00Z", "missed", "too_late: No node could.", "planned", "at risk" })
        {
            Assert.Contains(word, table, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_schedule_is_switched_off_and_removed()
    {
        _node.On("PATCH /api/schedules/sch_1", One);
        _node.On("DELETE /api/schedules/sch_1", """{"status":"deleted"}""");

        Assert.Equal("Schedule sch_1 starts nothing until it is enabled.\n", await SeeAsync(0, "disable", "sch_1"));
        Assert.Equal("Schedule sch_1 is removed.\n", await SeeAsync(0, "remove", "sch_1"));
        Assert.Equal("""PATCH /api/schedules/sch_1 {"enabled":false}""", _node.Heard.First());
    }

    [Fact]
    public async Task What_the_node_refuses_is_told()
    {
        _node.On(
            "POST /api/schedules",
            400,
            """{"error":"at is 2001-01-01T00:00:00Z, which has passed.","code":"invalid_request","field":"at"}"""
        );

        Assert.Contains(
            "which has passed",
            await SeeAsync(4, "add", "https://example.org/", "--at", "2001-01-01T00:00:00Z"),
            StringComparison.Ordinal
        );
    }

    /// <summary>Runs the command, and returns all that it writes.</summary>
    private async Task<string> SeeAsync(int code, params string[] words)
    {
        using var output = new StringWriter();
        var ended = await RecorderCommandLine
            .Create()
            .Parse(["schedules", .. words, "--url", _node.Url])
            .InvokeAsync(new System.CommandLine.InvocationConfiguration { Output = output, Error = output });
        Assert.True(code == ended, $"Exit code {ended}: {output}");
        return output.ToString();
    }
}
