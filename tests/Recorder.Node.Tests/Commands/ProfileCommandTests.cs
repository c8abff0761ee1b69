using Recorder.Node.Commands;

namespace Recorder.Node.Tests.Commands;

/// <summary>The commands about profiles, from answers that are known.</summary>
[Trait("ring", "actor")]
public sealed class ProfileCommandTests : IAsyncLifetime
{
    private const string One = """
        {"name":"ours","description":"The rooms of our university.","shipped":false,
         "parameters":{"url":{"description":"The room.","kind":"address","required":true,"default":null},
         "display_name":{"description":"A name.","kind":"text","required":false,"default":"Recorder"}},
         "layouts":["speaker"],"read_from":["a file"],"data":{"uri":"{{url}}"}}
        """;

    private ScriptedNode _node = null!;

    public async Task InitializeAsync() => _node = await ScriptedNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task List_shows_what_each_profile_asks_for()
    {
        _node.On("GET /api/profiles", $"[{One}]", $"[{One}]", "[]");

        var table = await SeeAsync("list");
        foreach (var word in new[] { "ours", "farm", "url, [display_name]", "speaker" })
        {
            Assert.Contains(word, table, StringComparison.Ordinal);
        }
        Assert.Equal($"[{One}]\n", await SeeAsync("list", "--json"));
        Assert.Equal("The node has no profiles.\n", await SeeAsync("list"));
    }

    [Fact]
    public async Task Show_tells_parameters_fields_and_sources()
    {
        _node.On("GET /api/profiles/ours", One, One);

        var text = await SeeAsync("show", "ours");
        foreach (
            var word in new[] { "The rooms of our university.", "refused", "Recorder", "\"uri\": \"{{url}}\"", "Read from a file." }
        )
        {
            Assert.Contains(word, text, StringComparison.Ordinal);
        }
        Assert.Equal($"{One}\n", await SeeAsync("show", "ours", "--json"));
    }

    private async Task<string> SeeAsync(params string[] words)
    {
        using var output = new StringWriter();
        var ended = await RecorderCommandLine
            .Create()
            .Parse(["profile", .. words, "--url", _node.Url])
            .InvokeAsync(new System.CommandLine.InvocationConfiguration { Output = output, Error = output });
        Assert.True(ended == 0, $"Exit code {ended}: {output}");
        return output.ToString();
    }
}
