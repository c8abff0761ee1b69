using System.Diagnostics;
using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.Docker;

/// <summary>The image, built once for all tests by the README's own line, and the pages that its containers
/// record.</summary>
public sealed class ImageFixture : IAsyncLifetime
{
    /// <summary>The line of the original's README, letter by letter.</summary>
    internal const string BuildLine = "docker build -t edumeet-recorder .";

    private static readonly TimeSpan BaseLimit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(10);

    /// <summary>The pages.</summary>
    public ReferencePageServer Pages { get; private set; } = null!;

    /// <summary>How long the base images took to make; nothing where they were there.</summary>
    public TimeSpan BaseTime { get; private set; }

    /// <summary>How long the build took.</summary>
    public TimeSpan BuildTime { get; private set; }

    public async Task InitializeAsync()
    {
        if (Podman.WhyNot is not null)
        {
            return;
        }
        BaseTime = await RunAsync(
            BaseLimit,
            Path.Combine(Podman.Root, "tests/Recorder.EndToEnd.Tests/Docker/make-base-images")
        );
        BuildTime = await RunAsync(BuildLimit, BuildLine.Split(' '));

        // A gigabyte that is still on its way to the disk would hold up what containers read from there.
        await RunAsync(BuildLimit, "sync");
        Pages = await ReferencePageServer.StartAsync(await ReferenceClip.MakeAsync(ReferenceClipFormat.Small));
    }

    public async Task DisposeAsync()
    {
        if (Pages is not null)
        {
            await Pages.DisposeAsync();
        }
    }

    private static async Task<TimeSpan> RunAsync(TimeSpan limit, params string[] line)
    {
        var since = Stopwatch.GetTimestamp();
        var run = await Podman.RunAsync(limit, line);
        Assert.True(
            run.ExitCode == 0,
            $"{string.Join(' ', line)} ended with {run.ExitCode}: {Tail(run.Output)}\n{Tail(run.Errors)}"
        );
        return Stopwatch.GetElapsedTime(since);
    }

    private static string Tail(string text) => string.Join('\n', text.Split('\n').TakeLast(40));
}

/// <summary>Every test that runs containers: one after another, on one image.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Containers : ICollectionFixture<ImageFixture>
{
    public const string Name = "containers";
}
