namespace Recorder.Node.Tests.Commands;

/// <summary><c>recorder cluster drain</c> against a node whose answers are known.</summary>
[Trait("ring", "media")]
public sealed class DrainCommandTests : IAsyncLifetime
{
    private const string Member = "10.0.0.2:34569";
    private const string Call = $"PUT /cluster/members/{Member}";

    private readonly string _folder = Directory.CreateTempSubdirectory("rec-").FullName;
    private ScriptedNode _node = null!;

    public async Task InitializeAsync() => _node = await ScriptedNode.StartAsync();

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_asks_until_no_session_is_left_and_says_each_number_once()
    {
        _node.On(Call, Draining(2), Draining(2), Draining(1), Draining(0));

        var (exitCode, output, errors) = await RunAsync("drain", Member);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal(
            $"Draining with 2{Environment.NewLine}Draining with 1{Environment.NewLine}Draining with 0{Environment.NewLine}",
            output
        );
        Assert.Equal(Enumerable.Repeat($"{Call} operation=Drain", 4), _node.Heard);
    }

    [Fact]
    public async Task It_gives_up_waiting_after_its_limit_with_the_number_that_is_left()
    {
        _node.On(Call, Draining(1));

        var (exitCode, output, errors) = await RunAsync("drain", Member, "--limit", "1");

        Assert.Equal(4, exitCode);
        Assert.Equal($"Draining with 1{Environment.NewLine}", output);
        Assert.Equal(
            $"recorder: {Member} still has 1 session after 1 s; it goes on being drained.{Environment.NewLine}",
            errors
        );
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("86401")]
    [InlineData("1.5")]
    [InlineData("soon")]
    public async Task A_limit_that_is_none_is_refused_and_nobody_is_asked(string limit)
    {
        var (exitCode, _, errors) = await RunAsync("drain", Member, "--limit", limit);

        Assert.Equal(1, exitCode);
        Assert.Contains(
            $"--limit is \"{limit}\"; it must be a whole number of seconds from 1 to 86400.",
            errors,
            StringComparison.Ordinal
        );
        Assert.Empty(_node.Heard);
    }

    [Fact]
    public async Task Undo_calls_the_member_back_and_waits_for_nothing()
    {
        _node.On(Call, """{"message":"Not draining","sessions":3}""");

        var (exitCode, output, _) = await RunAsync("drain", Member, "--undo");

        Assert.Equal((0, $"Not draining{Environment.NewLine}"), (exitCode, output));
        Assert.Equal([$"{Call} operation=Undrain"], _node.Heard);
    }

    [Theory]
    [InlineData(
        403,
        """{"error":"The key has no scope admin.","code":"forbidden"}""",
        "recorder: The key has no scope admin."
    )]
    [InlineData(
        404,
        """{"error":"The farm has no such member.","code":"no_such_member"}""",
        "recorder: The farm has no such member."
    )]
    [InlineData(
        503,
        """{"error":"Try again in a few seconds.","code":"unavailable"}""",
        "recorder: Try again in a few seconds."
    )]
    [InlineData(502, "<html>Bad gateway</html>", "cannot be asked: it answers 502 and not as a recorder does.")]
    [InlineData(200, "<html>It works!</html>", "cannot be asked: it answers 200 and not as a recorder does.")]
    public async Task A_refusal_is_its_own_sentence_and_exit_code_4(int status, string body, string sentence)
    {
        _node.On(Call, status, body);

        var (exitCode, output, errors) = await RunAsync("drain", Member);

        Assert.Equal((4, ""), (exitCode, output));
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
    }

    private static string Draining(int sessions) =>
        $$"""{"message":"Draining with {{sessions}}","sessions":{{sessions}}}""";

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = NodeProcess.Start(_folder, ["cluster", .. arguments, "--url", _node.Url]);
        return (await process.ExitedAsync(), process.Output, process.Errors);
    }
}
