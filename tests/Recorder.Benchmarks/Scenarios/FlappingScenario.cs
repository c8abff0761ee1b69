using System.Collections.Concurrent;
using Recorder.Benchmarks.Processes;
using Recorder.Harness.Nodes;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>
/// One session of a page that shows the time of day, 640x360 at 25 frames/s, with a record and two RTMP targets. The
/// server of the first target dies every 20 s and returns 10 s later; a viewer looks at the other.
/// </summary>
/// <param name="duration">For how long.</param>
internal sealed class FlappingScenario(TimeSpan duration)
{
    /// <summary>Different pictures of the page a second: half the frame rate, so that a display out of step with the
    /// page's clock skips none.</summary>
    public const int Pictures = 12;

    private const int Framerate = 25;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Half = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenReadings = TimeSpan.FromSeconds(30);

    /// <summary>Runs the scenario.</summary>
    public async Task<FlappingReport> RunAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        var pages = await ReferencePageServer.StartAsync(cancellationToken: cancellationToken);
        await using var pagesEnd = pages;
        var steady = await RtmpServer.StartAsync();
        await using var steadyEnd = steady;
        var flapping = await RtmpServer.StartAsync();
        await using var flappingEnd = flapping;
        var node = await RecorderNode.StartAsync(new RecorderNodeSettings());
        await using var nodeEnd = node;

        var started = await node.Api.StartAsync(
            new StartRequest(pages.Clock(Pictures))
            {
                Framerate = Framerate,
                Mode = "both",
                StreamTargets = [steady.Address("steady"), flapping.Address("flapping")],
            }
        );
        await node.Api.SeeOutputAsync(started.Id, "target-1", "active", Limit);
        await node.Api.SeeOutputAsync(started.Id, "target-2", "active", Limit);
        await Task.Delay(Settle, cancellationToken);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lateness = new ConcurrentQueue<double>();
        var viewer = WatchAsync(steady.Address("steady"), lateness, end.Token);
        var worker = node
            .Processes.Running(node.ProcessId)
            .Single(process => process is { Role: "worker", IsLeader: true })
            .Id;
        var memory = new List<WorkerMemory>();
        var reconnects = new List<double>();
        var machine = ProcFileSystem.MachineCpu().Busy;
        var begin = TimeProvider.System.GetTimestamp();
        var reading = ReadMemoryAsync(worker, memory, begin, end.Token);
        while (TimeProvider.System.GetElapsedTime(begin) < duration)
        {
            await Task.Delay(Half, cancellationToken);
            if (viewer.IsCompleted)
            {
                await viewer;
            }
            flapping.Die();
            await node.Api.SeeOutputAsync(started.Id, "target-2", "retrying", Limit);
            await Task.Delay(Half, cancellationToken);
            await flapping.RestartAsync();
            var back = TimeProvider.System.GetUtcNow();
            var again = await node.Api.SeeOutputAsync(started.Id, "target-2", "active", Limit);
            // The node's clock is this one; it may have been quicker than the look at the server's port.
            reconnects.Add(Math.Max(0, (again.Since - back).TotalSeconds));
            progress(
                FormattableString.Invariant(
                    $"{TimeProvider.System.GetElapsedTime(begin).TotalSeconds:0} s: streamed to again {reconnects[^1]:0.0} s after the server's return"
                )
            );
        }

        var seconds = TimeProvider.System.GetElapsedTime(begin).TotalSeconds;
        var busy = 100 * (ProcFileSystem.MachineCpu().Busy - machine).TotalSeconds / seconds;
        await end.CancelAsync();
        await viewer;
        await reading;
        memory.Add(MemoryOf(worker, begin));
        await node.Api.StopAsync(started.Id);
        return await ReportAsync(
            await node.Api.SessionAsync(started.Id),
            reconnects,
            memory,
            [.. lateness],
            busy,
            steady,
            flapping,
            cancellationToken
        );
    }

    private static async Task<FlappingReport> ReportAsync(
        SessionDetails session,
        IReadOnlyList<double> reconnects,
        IReadOnlyList<WorkerMemory> memory,
        IReadOnlyList<double> lateness,
        double busy,
        RtmpServer steady,
        RtmpServer flapping,
        CancellationToken cancellationToken
    )
    {
        if (session is not { Records: [var record], Gaps: [] })
        {
            throw new InvalidOperationException(
                $"The session has {session.Records.Count} records and {session.Gaps.Count} gaps: {string.Join("; ", session.Faults)}"
            );
        }
        var track = await new MediaAnalysis(record.Path).FrameNumbersAsync(cancellationToken: cancellationToken);
        var ticks = (int)Math.Round((track.Frames[^1].Time - track.Frames[0].Time).TotalSeconds * Framerate) + 1;
        return new FlappingReport(
            track.Frames[^1].Time.TotalSeconds,
            track.Frames.Count,
            ticks - track.Frames.Count,
            ClockTrack.Of(track, Pictures, record.OpenedAt!.Value).Missing,
            record.FramesDropped,
            reconnects,
            memory,
            FiguresOf(session.Output("target-1")!, steady),
            FiguresOf(session.Output("target-2")!, flapping),
            LatencyOf([.. lateness.Order()]),
            busy
        );
    }

    private static TargetFigures FiguresOf(OutputDetails target, RtmpServer server) =>
        new(target.Retries, target.FramesSent, target.FramesDropped, server.Received.Count);

    private static GlassToServer LatencyOf(IReadOnlyList<double> rising)
    {
        if (rising.Count == 0)
        {
            throw new InvalidDataException("The viewer of the steady target saw no picture that can be measured.");
        }
        return new GlassToServer(rising.Count, Share(0.5), Share(0.95), rising[^1]);

        double Share(double share) => rising[(int)Math.Ceiling(share * rising.Count) - 1];
    }

    /// <summary>Of each picture, when it was first seen.</summary>
    private static async Task WatchAsync(
        string address,
        ConcurrentQueue<double> lateness,
        CancellationToken cancellationToken
    )
    {
        // What the server and the viewer had kept before the first picture comes all at once and old.
        var attached = TimeProvider.System.GetUtcNow() + Settle;
        var before = -1;
        await new LiveStream(address).ReadNumbersAsync(
            (number, at) =>
            {
                if (number != before && before >= 0 && at > attached)
                {
                    lateness.Enqueue((at - ClockTrack.ShownAt(number, Pictures, at)).TotalSeconds);
                }
                before = number;
            },
            cancellationToken
        );
    }

    private static async Task ReadMemoryAsync(
        int worker,
        List<WorkerMemory> memory,
        long begin,
        CancellationToken cancellationToken
    )
    {
        using var timer = new PeriodicTimer(BetweenReadings);
        try
        {
            do
            {
                memory.Add(MemoryOf(worker, begin));
            } while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Until the end of the scenario.
        }
    }

    private static WorkerMemory MemoryOf(int worker, long begin) =>
        new(TimeProvider.System.GetElapsedTime(begin).TotalSeconds, ProcFileSystem.ProportionalSetSize(worker));
}
