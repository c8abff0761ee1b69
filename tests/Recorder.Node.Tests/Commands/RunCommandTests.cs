using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Recorder.Node.Tests.Commands;

/// <summary>The program as a newcomer and a supervisor meet it.</summary>
[Trait("ring", "media")]
public sealed partial class RunCommandTests : IDisposable
{
    private static readonly string[] AnyPorts = ["--http-port", "0", "--remoting-port", "0"];

    private readonly string _folder = Directory.CreateTempSubdirectory("rec-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_says_where_it_listens_answers_there_and_exits_with_zero_on_sigterm(bool throughDotnet)
    {
        using var node = NodeProcess.Start(_folder, throughDotnet, AnyPorts);
        var line = await node.ReadyAsync();

        var ready = ReadyLine().Match(line);
        Assert.True(ready.Success, line);
        Assert.Equal(Path.Combine(_folder, "records"), ready.Groups["records"].Value);
        using var http = new HttpClient();
        Assert.Equal("[]", await http.GetStringAsync(new Uri(ready.Groups["address"].Value + "/api/status")));

        node.Terminate();
        Assert.Equal(0, await node.ExitedAsync());
        Assert.Empty(node.Errors);
        Assert.All(
            node.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries),
            entry => Assert.Matches(EntryStart(), entry)
        );
        Assert.True(File.Exists(Path.Combine(_folder, "data", "recorder.db")));
    }

    [Fact]
    public async Task Run_is_what_the_program_does_without_a_command()
    {
        using var node = NodeProcess.Start(_folder, ["run", .. AnyPorts]);
        await node.ReadyAsync();

        using var second = NodeProcess.Start(_folder, AnyPorts);

        await AssertRefusedAsync(
            second,
            $"recorder: Another recorder is running with the data folder {Path.Combine(_folder, "data")}. "
        );
    }

    [Fact]
    public async Task A_taken_http_port_is_one_sentence_and_an_exit_code()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        using var node = NodeProcess.Start(_folder, "--http-port", $"{port}", "--remoting-port", "0");

        await AssertRefusedAsync(node, $"recorder: Port {port} on 127.0.0.1 is in use, perhaps by another recorder. ");
    }

    [Fact]
    public async Task A_taken_remoting_port_is_one_sentence_and_an_exit_code()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        using var node = NodeProcess.Start(_folder, "--http-port", "0", "--remoting-port", $"{port}");

        await AssertRefusedAsync(node, $"recorder: Port {port} on 127.0.0.1 is in use, perhaps by another recorder. ");
    }

    [Fact]
    public async Task A_missing_program_is_one_sentence_that_names_the_script()
    {
        using var node = NodeProcess.Start(_folder, ["--media-browser-executable", "/opt/none/chromium", .. AnyPorts]);

        await AssertRefusedAsync(
            node,
            "recorder: Not installed: the program /opt/none/chromium. Run deploy/install-dependencies, "
        );
    }

    [Theory]
    [InlineData("--records", "records folder")]
    [InlineData("--data", "data folder")]
    public async Task A_folder_that_cannot_be_made_is_one_sentence_that_names_the_option(string option, string purpose)
    {
        using var node = NodeProcess.Start(_folder, [option, "/proc/none", .. AnyPorts]);

        await AssertRefusedAsync(node, $"recorder: The {purpose} /proc/none cannot be written to: ");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_one_sentence_and_stays_as_it_is()
    {
        var file = Path.Combine(_folder, "notes.txt");
        await File.WriteAllTextAsync(file, new string('x', 5000));

        using var node = NodeProcess.Start(_folder, ["--database-file", file, .. AnyPorts]);

        await AssertRefusedAsync(node, $"recorder: The database {file} ");
        Assert.Equal(new string('x', 5000), await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task An_address_for_the_world_without_keys_is_refused()
    {
        using var node = NodeProcess.Start(_folder, ["--bind", "0.0.0.0", .. AnyPorts]);

        await AssertRefusedAsync(
            node,
            "recorder: The recorder would listen on http://0.0.0.0:0, which other machines can reach, and there are no API keys"
        );
    }

    [Fact]
    public async Task An_address_for_the_world_to_which_keys_come_without_encryption_is_refused_with_the_ways_out()
    {
        var key = Path.Combine(_folder, "key");
        await File.WriteAllTextAsync(key, "0123456789abcdef0123456789abcdef");
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        var settings = Path.Combine(_folder, "settings.json");
        await File.WriteAllTextAsync(
            settings,
            $$"""{ "Recorder": { "Http": { "Keys": [ { "Name": "a", "KeyFile": "{{key}}" } ] } } }"""
        );
        using var node = NodeProcess.Start(
            _folder,
            ["--config", settings, "--bind", "0.0.0.0", .. AnyPorts]
        );

        await AssertRefusedAsync(
            node,
            "recorder: The recorder would listen on http://0.0.0.0:0, where API keys come from other machines without encryption."
        );
        Assert.Contains("Http:Certificate", node.Errors, StringComparison.Ordinal);
        Assert.Contains("Http:BehindProxy=true", node.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")));
    }

    [Fact]
    public async Task What_is_wrong_with_the_farm_and_with_the_http_api_is_told_at_once_and_nothing_is_made()
    {
        using var node = NodeProcess.Start(
            _folder,
            ["--bind", "0.0.0.0", "--hostname", "two words", "--roles", "drummer", .. AnyPorts]
        );

        Assert.Equal(2, await node.ExitedAsync());
        Assert.Collection(
            node.Errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries),
            roles => Assert.Contains("drummer", roles, StringComparison.Ordinal),
            remoting => Assert.Contains("two words", remoting, StringComparison.Ordinal),
            http => Assert.Contains("there are no API keys", http, StringComparison.Ordinal)
        );
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")));
    }

    [Fact]
    public async Task A_misspelt_option_is_named_with_the_right_one_and_without_the_whole_help()
    {
        using var node = NodeProcess.Start(_folder, "--http-prot", "1");

        Assert.Equal(1, await node.ExitedAsync());
        Assert.Contains("--http-port", node.Output + node.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("--data", node.Output + node.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")));
    }

    [Fact]
    public async Task The_help_of_all_options_names_every_section_and_exits_with_zero()
    {
        using var node = NodeProcess.Start(_folder, "help", "options");

        Assert.Equal(0, await node.ExitedAsync());
        Assert.All(
            ["--records", "Http:", "Media:", "Sessions:", "Placement:", "Remoting:", "Database:"],
            word => Assert.Contains(word, node.Output, StringComparison.Ordinal)
        );
        Assert.Empty(node.Errors);
    }

    private static async Task AssertRefusedAsync(NodeProcess node, string sentence)
    {
        Assert.Equal(2, await node.ExitedAsync());
        Assert.StartsWith(sentence, node.Errors, StringComparison.Ordinal);
        Assert.Single(node.Errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("   at ", node.Output + node.Errors, StringComparison.Ordinal);
    }

    [GeneratedRegex(
        @"info  RunCommand: Recorder is ready: (?<address>http://127\.0\.0\.1:[1-9]\d*), records go to (?<records>.+)$"
    )]
    private static partial Regex ReadyLine();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info |WARN ) \w+: \S")]
    private static partial Regex EntryStart();
}
