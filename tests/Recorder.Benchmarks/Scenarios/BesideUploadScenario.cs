using System.Diagnostics;
using Recorder.Benchmarks.Measuring;
using Recorder.Benchmarks.Systems;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>One window of a recording.</summary>
/// <param name="WithUpload">Whether a record was being sent meanwhile.</param>
/// <param name="SessionCpu">Processor time of browser, display, sound server and worker, % of one core.</param>
/// <param name="OthersCpu">The same of everything else on the machine: the upload, its store, and strangers.</param>
/// <param name="DistinctFrames">Share of the page's frames that the window shows, 0 to 1.</param>
/// <param name="LongestFreeze">The longest time without a new frame, in ms.</param>
/// <param name="Sent">How many megabytes a second were sent.</param>
internal sealed record BesideUploadWindow(
    bool WithUpload,
    double SessionCpu,
    double OthersCpu,
    double DistinctFrames,
    double LongestFreeze,
    double Sent
);

/// <summary>One recording of the reference page. Windows with an upload by the product's transfer process and windows
/// without take turns.</summary>
internal sealed class BesideUploadScenario(string product, string folder, int megabits, long bytesPerSecond)
{
    /// <summary>The niceness that the node gives a transfer process.</summary>
    private const int Niceness = 10;

    private const int PartSize = 16 << 20;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    /// <summary>From the start of an upload, or its end, to the window.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    /// <summary>Records, and measures the windows.</summary>
    public async Task<IReadOnlyList<BesideUploadWindow>> RunAsync(
        int pairs,
        TimeSpan window,
        CancellationToken cancellation
    )
    {
        var clip = ReferenceClipFormat.FullHd;
        var page = BenchmarkPage.Reference;
        await using var server = await ReferencePageServer.StartAsync(
            await ReferenceClip.MakeAsync(clip, cancellationToken: cancellation),
            cancellationToken: cancellation
        );
        var file = Path.Join(folder, "earlier.mp4");
        var hash = await UploadCommand.MakeFileAsync(file, 512, cancellation);
        await using var store = await DiscardStore.StartAsync(file, PartSize, megabits * 125_000L, cancellation);
        var target = new UploadTarget(store.Address, "records", "user", "secret", file, hash, PartSize, 2);

        var request = new RecordingRequest(page.Address(server), RecordingFormat.FullHd, folder);
        var measured = new List<(BesideUploadWindow Window, long Began, long Ended)>();
        string record;
        long stopCalled;
        var session = await new ProductSystem(product, ProductSystem.RecordName).StartAsync(request, cancellation);
        await using (session)
        {
            await Task.Delay(WarmUp, cancellation);
            for (var turn = 0; turn < 2 * pairs; turn++)
            {
                // Neither kind always comes first.
                var isWith = turn % 4 is 1 or 2;
                using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                var sending = isWith ? SendAsync(target, over.Token) : Task.CompletedTask;
                await Task.Delay(Between, cancellation);
                var sent = store.Received;
                var began = Stopwatch.GetTimestamp();
                var cpu = await CpuMeter.MeasureAsync(session.Processes, window, cancellation);
                var ended = Stopwatch.GetTimestamp();
                measured.Add(
                    (
                        new BesideUploadWindow(
                            isWith,
                            cpu.Whole,
                            cpu.OthersPercent,
                            0,
                            0,
                            (store.Received - sent) / 1e6 / cpu.Seconds
                        ),
                        began,
                        ended
                    )
                );
                await over.CancelAsync();
                await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            stopCalled = Stopwatch.GetTimestamp();
            record = await session.StopAsync(cancellation);
        }

        var analysis = new MediaAnalysis(record);
        var probe = await analysis.ProbeAsync(cancellation);
        var duration = probe.Video?.Duration ?? probe.Duration ?? throw new InvalidDataException("No duration.");
        var pictures = await analysis.FrameNumbersAsync(page.Region!, cancellation);
        return
        [
            .. measured.Select(one =>
            {
                var continuity = pictures
                    .Between(
                        duration - Stopwatch.GetElapsedTime(one.Began, stopCalled),
                        duration - Stopwatch.GetElapsedTime(one.Ended, stopCalled)
                    )
                    .Continuity(clip.FrameRate, page.LoopFrames(clip), request.Format.FrameRate);
                return one.Window with
                {
                    DistinctFrames = continuity.DistinctRatio,
                    LongestFreeze = continuity.LongestFreeze.TotalMilliseconds,
                };
            }),
        ];
    }

    /// <summary>Sends the file again and again.</summary>
    private async Task SendAsync(UploadTarget target, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await using var upload = await Transfer.StartProductAsync(
                target,
                Guid.NewGuid().ToString("N"),
                product,
                folder,
                bytesPerSecond,
                Niceness
            );
            await upload.WaitForEndAsync(TimeSpan.FromMinutes(5), over);
        }
    }
}
