using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Recorder.ReferencePages;

namespace Recorder.Node.Tests.Commands;

/// <summary>Nodes of a farm as processes, without the role recorder, so that nothing of the media side is
/// needed.</summary>
[Trait("ring", "media")]
public sealed partial class ClusterCommandTests : IDisposable
{
    private static readonly string[] AnyPorts = ["--http-port", "0", "--port", "0"];

    private readonly string _folder = Directory.CreateTempSubdirectory("rec-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("leave", 0, "")]
    [InlineData("down", 3, "The farm has given this node up")]
    public async Task A_node_is_shown_and_let_go_and_its_exit_code_says_how(
        string command,
        int exitCode,
        string lastWords
    )
    {
        using var node = NodeProcess.Start(_folder, ["--roles", "edge", .. AnyPorts]);
        var url = AddressIn(await node.ReadyAsync());

        var (shown, output, _) = await RunAsync("cluster", "show", "--url", url);
        Assert.Equal(0, shown);
        var member = MemberLine().Match(output);
        Assert.True(member.Success, output);
        Assert.EndsWith("Count: 1 nodes" + Environment.NewLine, output, StringComparison.Ordinal);

        var (told, answer, _) = await RunAsync("cluster", command, member.Groups["place"].Value, "--url", url);
        Assert.Equal(0, told);
        Assert.Contains(member.Groups["node"].Value, answer, StringComparison.Ordinal);
        Assert.Equal(exitCode, await node.ExitedAsync());
        Assert.Contains(lastWords, node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_that_is_not_there_and_a_node_that_is_not_there_are_one_sentence_and_an_exit_code()
    {
        using var node = NodeProcess.Start(_folder, ["--roles", "voter", .. AnyPorts]);
        var url = AddressIn(await node.ReadyAsync());

        var (unknown, _, why) = await RunAsync("cluster", "down", "10.0.0.1:1", "--url", url);
        Assert.Equal(4, unknown);
        Assert.StartsWith("recorder: The farm has no member 10.0.0.1:1", why, StringComparison.Ordinal);

        node.Terminate();
        Assert.Equal(0, await node.ExitedAsync());
        var (away, _, nobody) = await RunAsync("cluster", "show", "--url", url);
        Assert.Equal(4, away);
        Assert.StartsWith($"recorder: The node at {url} cannot be asked", nobody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_whose_seeds_do_not_answer_is_live_and_not_ready_and_answers_no_sessions_without_the_role_edge()
    {
        using var node = NodeProcess.Start(_folder, ["--roles", "voter", "--seed-nodes", "127.0.0.1:1", .. AnyPorts]);
        var url = AddressIn(await node.ReadyAsync());
        using var http = new HttpClient();

        using var live = await http.GetAsync(new Uri(url + "/health/live"));
        using var ready = await http.GetAsync(new Uri(url + "/health/ready"));
        using var status = await http.GetAsync(new Uri(url + "/api/status"));

        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("127.0.0.1:1", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, status.StatusCode);
        Assert.Contains("role edge", await status.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_node_with_the_address_of_a_living_one_is_refused_and_the_living_ones_next_life_is_not()
    {
        // Each binds an address of its own, as two hosts would, and says it is known by the same one.
        var port = RtmpServer.FreePort();
        string[] seeds = ["--roles", "edge", "--seed-nodes", $"127.0.0.1:{port}"];
        string[] first = [.. seeds, "--http-port", "0", "--port", $"{port}"];
        string before;
        using (var node = NodeProcess.Start(_folder, first))
        {
            var url = AddressIn(await node.ReadyAsync());
            before = await MemberAsync(url);
            using var second = NodeProcess.Start(
                _folder,
                [
                    .. seeds,
                    .. AnyPorts,
                    "--hostname",
                    "127.0.0.2",
                    "--public-hostname",
                    "127.0.0.1",
                    "--remoting-public-port",
                    $"{port}",
                    "--data",
                    Path.Combine(_folder, "second"),
                ]
            );
            Assert.Equal(2, await second.ExitedAsync());
            Assert.StartsWith(
                $"recorder: Another node of the farm is known as 127.0.0.1:{port} and answers there",
                second.Errors,
                StringComparison.Ordinal
            );
            Assert.Equal(before, await MemberAsync(url));
            node.Kill();
            await node.ExitedAsync();
        }

        using var next = NodeProcess.Start(_folder, first);
        Assert.NotEqual(before, await MemberAsync(AddressIn(await next.ReadyAsync())));
    }

    [Theory]
    [InlineData("\"egde\" is no role", "--roles", "egde")]
    [InlineData("share one PostgreSQL", "--seed-nodes", "127.0.0.1:1")]
    [InlineData("no address", "--seed-nodes", "127.0.0.1")]
    public async Task Options_that_make_no_farm_are_refused(string sentence, params string[] options)
    {
        var (exitCode, _, errors) = await RunAsync([.. options, .. AnyPorts]);

        Assert.Equal(2, exitCode);
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")));
    }

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = NodeProcess.Start(_folder, arguments);
        return (await process.ExitedAsync(), process.Output, process.Errors);
    }

    /// <summary>The one member of a node's farm, once it is up: its status and the number of its incarnation.</summary>
    private static async Task<string> MemberAsync(string url)
    {
        using var http = new HttpClient();
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var members = JsonDocument
                .Parse(await http.GetStringAsync(new Uri(url + "/cluster/members")))
                .RootElement.GetProperty("members");
            if (members.GetArrayLength() == 1 && members[0].GetProperty("status").GetString() == "Up")
            {
                return members.ToString();
            }
            Assert.True(
                Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(60),
                $"The farm has not become one node that is up within 60 s: {members}"
            );
            await Task.Delay(100);
        }
    }

    private static string AddressIn(string line) => Address().Match(line).Value;

    [GeneratedRegex(@"http://127\.0\.0\.1:[1-9]\d*")]
    private static partial Regex Address();

    [GeneratedRegex(
        @"^(?<node>akka\.tcp://recorder@(?<place>127\.0\.0\.1:\d+)) \| \[edge\] \| up \|  \| \d+\.\d+\.\d+",
        RegexOptions.Multiline
    )]
    private static partial Regex MemberLine();
}
