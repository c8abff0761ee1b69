using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>A start that is given up in the middle, with every process up and its file made: nothing of it is left when
/// it is answered.</summary>
public sealed class UndoneStartTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    /// <summary>Longer than any start here is let go on.</summary>
    private static readonly TimeSpan PageLimit = TimeSpan.FromSeconds(60);

    private static readonly string[] Roles = ["display", "sound", "browser", "worker"];

    [Fact]
    public async Task A_start_that_reaches_its_limit_is_answered_when_nothing_is_left_of_it()
    {
        var node = await StartNodeAsync(
            new RecorderNodeSettings { PageLimit = PageLimit, StartLimit = TimeSpan.FromSeconds(12) }
        );
        var start = node.Api.TryStartAsync(new StartRequest(Pages.Never));
        await SeeInTheMiddleAsync(node, start);

        var answer = await start;
        var left = Left(node);
        Tell($"after {(answer.Answered - answer.Called).TotalSeconds:0.0} s: {answer.Body}");
        Assert.Equal((HttpStatusCode.GatewayTimeout, "start_timeout"), (answer.Status, answer.ReadError().Code));
        Assert.Contains("12 seconds", answer.ReadError().Error, StringComparison.Ordinal);
        await AssertNothingIsLeftAsync(node, left);
    }

    [Fact]
    public async Task A_start_that_is_stopped_is_answered_when_nothing_is_left_of_it()
    {
        var node = await StartNodeAsync(new RecorderNodeSettings { PageLimit = PageLimit, Sessions = 1 });
        var start = node.Api.TryStartAsync(new StartRequest(Pages.Never));
        await SeeInTheMiddleAsync(node, start);

        await node.Api.StopAsync(1);
        var left = Left(node);
        var answer = await start;
        Assert.Equal((HttpStatusCode.Conflict, "stopped_at_start"), (answer.Status, answer.ReadError().Code));
        await AssertNothingIsLeftAsync(node, left);

        // The session's slot, the only slot, is free.
        var next = await node.Api.StartAsync(new StartRequest(Pages.Animated) { Framerate = 15 });
        await node.Api.StopAsync(next.Id);
        await RecordFile.AssertPlayableAsync(Assert.Single(await node.Api.RecordsAsync(next.Id)));
    }

    private static Task SeeInTheMiddleAsync(RecorderNode node, Task<ApiAnswer> start) =>
        Eventually.BeAsync(
            "display, sound, browser and worker of the start are up, and its file is made",
            TimeSpan.FromSeconds(30),
            async () =>
                start.IsCompleted
                    ? throw new InvalidOperationException(
                        $"The start was answered before it was in the middle: {(await start).Body}"
                    )
                    : Left(node) is var left
                        && left.Files.Count == 1
                        && Roles.All(role => left.Processes.Any(process => process.Role == role)),
            () => Left(node).ToString()
        );

    private static async Task AssertNothingIsLeftAsync(RecorderNode node, Remains left)
    {
        Assert.True(left is { Processes.Count: 0, Files.Count: 0 }, $"Left behind at the answer: {left}");
        await node.SeeNoSessionProcessAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(Directory.EnumerateFileSystemEntries(node.RecordsFolder, "20*"));
    }

    /// <summary>What a browser's helpers do after its end, within moments, is no matter of ours.</summary>
    private static Remains Left(RecorderNode node) =>
        new(
            [.. node.SessionProcesses().Where(process => process.IsLeader)],
            Directory.GetFileSystemEntries(node.RecordsFolder, "20*")
        );

    private sealed record Remains(IReadOnlyList<NodeProcess> Processes, IReadOnlyList<string> Files)
    {
        public override string ToString() =>
            string.Join("; ", [.. Processes.Select(process => process.ToString()), .. Files]);
    }
}
