namespace Recorder.Benchmarks.Scenarios;

/// <summary>The worker's memory at a moment.</summary>
/// <param name="Seconds">Since the first reading, which is made when both targets had been streamed to for a
/// while.</param>
/// <param name="Bytes">Proportional set.</param>
internal sealed record WorkerMemory(double Seconds, long Bytes);

/// <summary>What became of one target.</summary>
/// <param name="Retries">Times it was tried again.</param>
/// <param name="FramesSent">As the session tells.</param>
/// <param name="FramesDropped">As the session tells: frames that were due while the target was away.</param>
/// <param name="Publishes">Streams that its server received.</param>
internal sealed record TargetFigures(int Retries, long FramesSent, long FramesDropped, int Publishes);

/// <summary>How late the steady target's server gave a picture to a viewer, seconds from the moment at which the page
/// could first show it.</summary>
/// <param name="Pictures">How many were measured.</param>
/// <param name="Median">Half of them were there by then.</param>
/// <param name="P95">95 in 100 were there by then.</param>
/// <param name="Longest">The latest.</param>
internal sealed record GlassToServer(int Pictures, double Median, double P95, double Longest);

/// <summary>What a run of <see cref="FlappingScenario"/> has measured.</summary>
/// <param name="DurationSeconds">Of the record's picture.</param>
/// <param name="Frames">In the record.</param>
/// <param name="MissingFrames">Places in the record's even row of frames that hold none.</param>
/// <param name="MissingPictures">Pictures of the page, <see cref="FlappingScenario.Pictures"/> a second, that the
/// record does not show between its first and its last.</param>
/// <param name="CaptureDropped">Raw frames dropped under load, as the session tells.</param>
/// <param name="ReconnectSeconds">Of each return of the server: from its taking connections until the target was
/// streamed to again.</param>
/// <param name="Memory">Of the worker, each 30 s.</param>
/// <param name="Steady">The target whose server stays.</param>
/// <param name="Flapping">The target whose server dies and returns.</param>
/// <param name="Latency">On the steady target.</param>
/// <param name="MachineCpuPercent">% of one core that the whole machine worked: more than the session needs is a
/// disturbed measurement.</param>
internal sealed record FlappingReport(
    double DurationSeconds,
    int Frames,
    int MissingFrames,
    int MissingPictures,
    long CaptureDropped,
    IReadOnlyList<double> ReconnectSeconds,
    IReadOnlyList<WorkerMemory> Memory,
    TargetFigures Steady,
    TargetFigures Flapping,
    GlassToServer Latency,
    double MachineCpuPercent
);
