using Recorder.Benchmarks.Measuring;
using Recorder.Benchmarks.Systems;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>What to run.</summary>
internal sealed record SessionScenarioOptions
{
    /// <summary>Pages, in this order.</summary>
    public required IReadOnlyList<BenchmarkPage> Pages { get; init; }

    /// <summary>Systems; the first changes from page to page and from repetition to repetition.</summary>
    public required IReadOnlyList<IRecordingSystem> Systems { get; init; }

    /// <summary>How often each page is recorded by each system, from 1.</summary>
    public required int Repetitions { get; init; }

    /// <summary>From the start of the recording to the steady window.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>The steady window, in which everything is measured.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Where runs keep logs and records.</summary>
    public required string Folder { get; init; }

    /// <summary>What every system is asked for.</summary>
    public required RecordingFormat Format { get; init; }
}

/// <summary>
/// One session at a time: every page by every system in turn, so that all meet the same machine within minutes of each
/// other.
/// </summary>
internal sealed class SessionScenario(SessionScenarioOptions options)
{
    /// <summary>Runs all of it. A run that fails is part of the result and does not end the rest.</summary>
    /// <param name="progress">Told before and after each run.</param>
    /// <param name="cancellationToken">Ends the run at hand and the scenario.</param>
    public async Task<IReadOnlyList<SessionRun>> RunAsync(
        Action<SessionRun> progress,
        CancellationToken cancellationToken
    )
    {
        // Longer than a run, so that the clip's loop does not fall into the steady window more often than it must.
        var clipFormat = ReferenceClipFormat.FullHd;
        var clip = await ReferenceClip.MakeAsync(clipFormat, cancellationToken: cancellationToken);
        var server = await ReferencePageServer.StartAsync(clip, cancellationToken: cancellationToken);
        await using (server)
        {
            var runs = new List<SessionRun>();
            for (var repetition = 0; repetition < options.Repetitions; repetition++)
            {
                for (var page = 0; page < options.Pages.Count; page++)
                {
                    for (var turn = 0; turn < options.Systems.Count; turn++)
                    {
                        var system = options.Systems[(turn + page + repetition) % options.Systems.Count];
                        var run = new SessionRun(options.Pages[page].Name, system.Name, repetition + 1, runs.Count + 1);
                        progress(run);
                        run = await TryRunAsync(
                            run,
                            system,
                            options.Pages[page],
                            server,
                            clipFormat,
                            cancellationToken
                        );
                        progress(run);
                        runs.Add(run);
                    }
                }
            }

            return runs;
        }
    }

    private async Task<SessionRun> TryRunAsync(
        SessionRun run,
        IRecordingSystem system,
        BenchmarkPage page,
        ReferencePageServer server,
        ReferenceClipFormat clip,
        CancellationToken cancellationToken
    )
    {
        var folder = Path.Combine(options.Folder, $"{run.Order:00}-{run.Page}-{run.System}");
        Directory.CreateDirectory(folder);
        try
        {
            return await RunAsync(
                run,
                system,
                page,
                new RecordingRequest(page.Address(server), options.Format, folder),
                clip,
                cancellationToken
            );
        }
        catch (Exception exception)
            when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return run with { Failure = exception.Message };
        }
    }

    private async Task<SessionRun> RunAsync(
        SessionRun run,
        IRecordingSystem system,
        BenchmarkPage page,
        RecordingRequest request,
        ReferenceClipFormat clip,
        CancellationToken cancellationToken
    )
    {
        string record;
        long windowBegan,
            windowEnded,
            stopCalled;
        var session = await system.StartAsync(request, cancellationToken);
        await using (session)
        {
            await Task.Delay(options.WarmUp, cancellationToken);
            windowBegan = TimeProvider.System.GetTimestamp();
            run = run with
            {
                Cpu = await CpuMeter.MeasureAsync(session.Processes, options.Duration, cancellationToken),
            };
            windowEnded = TimeProvider.System.GetTimestamp();
            run = run with { Memory = MemoryMeter.Read(session.Processes) };
            stopCalled = TimeProvider.System.GetTimestamp();
            record = await session.StopAsync(cancellationToken);
            run = run with
            {
                StopSeconds = TimeProvider.System.GetElapsedTime(stopCalled).TotalSeconds,
                StartToAnswer = session.StartAnswered is { } answered ? Seconds(session.StartCalled, answered) : null,
            };
        }

        var figures = await RecordReader.ReadAsync(
            record,
            page,
            clip,
            request.Format.FrameRate,
            (
                TimeProvider.System.GetElapsedTime(windowBegan, stopCalled),
                TimeProvider.System.GetElapsedTime(windowEnded, stopCalled)
            ),
            cancellationToken
        );
        return run with
        {
            Record = figures,
            StartToFirstFrame = Seconds(session.StartCalled, stopCalled) - figures.DurationSeconds,
        };
    }

    private static double Seconds(long from, long to) => TimeProvider.System.GetElapsedTime(from, to).TotalSeconds;
}
