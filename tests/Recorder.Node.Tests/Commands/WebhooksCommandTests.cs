using Recorder.Node.Commands;

namespace Recorder.Node.Tests.Commands;

/// <summary>The commands about receivers of events, from answers that are known.</summary>
[Trait("ring", "actor")]
public sealed class WebhooksCommandTests : IAsyncLifetime
{
    private const string One = """
        {"id":"whk_1","url":"https://hooks.example.org/","types":["record.*","session.failed"],"session":null,
         "description":null,"enabled":true,"disabled_reason":null,"created_at":"2026-11-23T02:00:05Z","configured":false,
         "secret_hint":"whsec_…LaSw","earlier_secret_until":null,"labels":{"room":"Sal"}}
        """;

    private ScriptedNode _node = null!;

    public async Task InitializeAsync() => _node = await ScriptedNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task List_shows_a_table_and_the_nodes_own_answer_to_programs()
    {
        _node.On("GET /api/webhooks", $"[{One}]", $"[{One}]", "[]");

        var table = await SeeAsync(0, "list");
        foreach (var word in new[] { "whk_1", "https://hooks.example.org/", "record.*, session.failed", "room=Sal", "on" })
        {
            Assert.Contains(word, table, StringComparison.Ordinal);
        }
        Assert.Equal($"[{One}]\n", await SeeAsync(0, "list", "--json"));
        Assert.Equal("There are no webhooks.\n", await SeeAsync(0, "list"));
    }

    [Fact]
    public async Task Add_posts_what_the_words_say_and_tells_the_secret_once()
    {
        _node.On("POST /api/webhooks", One.Replace("\"labels\"", "\"secret\":\"whsec_new\",\"labels\"", StringComparison.Ordinal));

        Assert.Equal(
            "Webhook whk_1 is made. Its secret is not told again: whsec_new\n",
            await SeeAsync(
                0,
                "add",
                "https://hooks.example.org/",
                "--type",
                "record.*",
                "--label",
                "room=Sal",
                "--session",
                "7",
                "--description",
                "mine"
            )
        );
        Assert.Equal(
            """POST /api/webhooks {"url":"https://hooks.example.org/","types":["record.*"],"labels":{"room":"Sal"},"session":7,"description":"mine"}""",
            _node.Heard.Single()
        );
    }

    [Fact]
    public async Task A_secret_is_read_from_its_file_and_not_told()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "whsec_mine\n");
            _node.On("POST /api/webhooks", One);
            Assert.Equal("Webhook whk_1 is made.\n", await SeeAsync(0, "add", "https://a.example/", "--secret-file", file));
            Assert.Contains("\"secret\":\"whsec_mine\"", _node.Heard.Single(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_label_without_a_value_is_told_and_nothing_is_sent()
    {
        Assert.Contains(
            "\"room\" has no =",
            await SeeAsync(NodeCommand.Failed, "add", "https://a.example/", "--label", "room"),
            StringComparison.Ordinal
        );
        Assert.Empty(_node.Heard);
    }

    [Fact]
    public async Task A_test_tells_the_answer_of_the_receiver_by_its_exit_code_too()
    {
        _node.On(
            "POST /api/webhooks/whk_1/test",
            """{"delivered":true,"status":204,"error":null,"took_ms":12}""",
            """{"delivered":false,"status":500,"error":"The receiver answered 500.","took_ms":12}"""
        );
        Assert.Equal("The receiver answered 204 after 12 ms.\n", await SeeAsync(0, "test", "whk_1"));
        Assert.Equal(
            "The receiver did not take the event. The receiver answered 500.\n",
            await SeeAsync(1, "test", "whk_1")
        );
    }

    [Fact]
    public async Task An_event_is_sent_again_and_a_webhook_is_removed()
    {
        _node.On("POST /api/webhooks/whk_1/deliveries/evt_1-7-0/redeliver", """{"events":1,"more":false,"after":7}""");
        _node.On("DELETE /api/webhooks/whk_1", """{"status":"deleted"}""");
        _node.On("DELETE /api/webhooks/whk_2", 404, """{"error":"There is no webhook whk_2.","code":"no_such_webhook"}""");

        Assert.Equal("Event evt_1-7-0 is to be sent again.\n", await SeeAsync(0, "redeliver", "whk_1", "evt_1-7-0"));
        Assert.Equal("Webhook whk_1 is removed.\n", await SeeAsync(0, "rm", "whk_1"));
        Assert.Contains("There is no webhook whk_2.", await SeeAsync(NodeCommand.Failed, "rm", "whk_2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_is_switched_and_gets_a_new_secret_that_is_told_once()
    {
        _node.On(
            "PATCH /api/webhooks/whk_1",
            One,
            One,
            One.Replace("\"labels\"", "\"secret\":\"whsec_new\",\"labels\"", StringComparison.Ordinal)
        );

        Assert.Equal("Webhook whk_1 gets no events until it is enabled.\n", await SeeAsync(0, "disable", "whk_1"));
        Assert.Equal("Webhook whk_1 gets events.\n", await SeeAsync(0, "enable", "whk_1"));
        Assert.Equal(
            "Webhook whk_1 has a new secret, which is not told again: whsec_new\n",
            await SeeAsync(0, "rotate", "whk_1")
        );
        Assert.Equal(
            [
                """PATCH /api/webhooks/whk_1 {"enabled":false}""",
                """PATCH /api/webhooks/whk_1 {"enabled":true}""",
                """PATCH /api/webhooks/whk_1 {"rotate_secret":true}""",
            ],
            _node.Heard
        );
    }

    [Fact]
    public async Task A_replay_goes_on_until_nothing_is_left()
    {
        _node.On(
            "POST /api/webhooks/whk_1/replay",
            """{"events":10000,"more":true,"after":10412}""",
            """{"events":7,"more":false,"after":10419}"""
        );

        Assert.Equal("10007 events are to be sent again.\n", await SeeAsync(0, "replay", "whk_1", "--after", "3"));
        Assert.Equal(
            [
                """POST /api/webhooks/whk_1/replay {"after":3}""",
                """POST /api/webhooks/whk_1/replay {"after":10412}""",
            ],
            _node.Heard
        );
    }

    [Fact]
    public async Task Deliveries_shows_what_became_of_events()
    {
        const string page =
            """[{"event":"evt_1-7-0","type":"record.finished","session":1,"position":7,"state":"dead","attempts":11,"next_at":null,"updated_at":"2026-11-23T02:00:05Z","status":500,"error":"The receiver answered 500.","took_ms":12}]""";
        _node.On("GET /api/webhooks/whk_1/deliveries?limit=5&state=dead", page);
        var table = await SeeAsync(0, "deliveries", "whk_1", "--state", "dead", "--limit", "5");
        foreach (var word in new[] { "evt_1-7-0", "record.finished", "dead", "11", "The receiver answered 500." })
        {
            Assert.Contains(word, table, StringComparison.Ordinal);
        }
        Assert.Equal($"{page}\n", await SeeAsync(0, "deliveries", "whk_1", "--state", "dead", "--limit", "5", "--json"));
    }

    /// <summary>Runs the command, and returns all that it writes.</summary>
    private async Task<string> SeeAsync(int code, params string[] words)
    {
        using var output = new StringWriter();
        var ended = await RecorderCommandLine
            .Create()
            .Parse(["webhooks", .. words, "--url", _node.Url])
            .InvokeAsync(new System.CommandLine.InvocationConfiguration { Output = output, Error = output });
        Assert.True(code == ended, $"Exit code {ended}: {output}");
        return output.ToString();
    }
}
