using System.Net;
using System.Text.RegularExpressions;

namespace Recorder.Node.Tests.Commands;

/// <summary>The node's own key, as the program and its commands use the key.</summary>
[Trait("ring", "media")]
public sealed partial class LocalKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rec-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--http-keyless-loopback", "false")]
    [InlineData("--config", "keys.json")]
    public async Task The_commands_of_this_machine_need_no_key_and_curl_does(string option, string value)
    {
        await File.WriteAllTextAsync(
            Path.Join(_folder, "keys.json"),
            """{"Recorder":{"Http":{"Keys":[{"Name":"lectures","Key":"0123456789abcdef","Scope":"Record"}]}}}"""
        );
        using var node = NodeProcess.Start(_folder, "--http-port", "0", "--remoting-port", "0", option, value);
        var url = Address().Match(await node.ReadyAsync()).Value;
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Join(_folder, "data", "key"))
        );

        using var http = new HttpClient();
        using var refused = await http.GetAsync(new Uri(url + "/api/status"));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        // The folder of the command is that of the node, so ./data is the node's.
        using var own = NodeProcess.Start(_folder, "cluster", "show", "--url", url);
        Assert.True(await own.ExitedAsync() == 0, own.Errors);
        using var named = NodeProcess.Start("/", "pressure", "--url", url, "--data", Path.Join(_folder, "data"));
        Assert.True(await named.ExitedAsync() == 0, named.Errors);
        using var stranger = NodeProcess.Start("/", "pressure", "--url", url);
        Assert.Equal(4, await stranger.ExitedAsync());
        Assert.Contains("needs an API key", stranger.Errors, StringComparison.Ordinal);

        node.Terminate();
        Assert.Equal(0, await node.ExitedAsync());
        Assert.DoesNotContain(
            (await File.ReadAllTextAsync(Path.Join(_folder, "data", "key"))).Trim(),
            node.Output,
            StringComparison.Ordinal
        );
    }

    [GeneratedRegex("http://127.0.0.1:[0-9]+")]
    private static partial Regex Address();
}
