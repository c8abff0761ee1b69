using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>The command that a newcomer types, with everything installed and built before.</summary>
public sealed class DeployRunTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [Fact]
    public async Task Deploy_run_runs_a_node_from_any_folder_twice_in_a_row()
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(RecorderNode.Executable)!, "../../../../.."));
        var node = await StartNodeAsync(
            new RecorderNodeSettings
            {
                Command = [Path.Combine(root, "deploy/run"), "--log-level", "debug"],
                ReadyLimit = TimeSpan.FromMinutes(5),
            }
        );
        Assert.Equal(0, await node.TerminateAsync());
        var first = node.LogLines().Count;
        await node.StartAsync();
        Assert.Equal(0, await node.TerminateAsync());

        foreach (var life in new[] { node.LogLines().Take(first), node.LogLines().Skip(first) })
        {
            Assert.Equal(
                ["run: building (a minute the first time, seconds later)", "run: starting the node"],
                life.Where(line => line.StartsWith("run: ", StringComparison.Ordinal))
            );
            Assert.Contains(life, line => line.Contains(" debug ", StringComparison.Ordinal));
            Assert.Contains(life, line => line.Contains("Recorder is ready: ", StringComparison.Ordinal));
        }
    }
}
