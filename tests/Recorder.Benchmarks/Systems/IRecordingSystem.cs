using Recorder.Benchmarks.Processes;

namespace Recorder.Benchmarks.Systems;

/// <summary>What every system is asked to record alike.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="FrameRate">Frames a second.</param>
/// <param name="VideoBitrate">kbit/s.</param>
internal sealed record RecordingFormat(int Width, int Height, int FrameRate, int VideoBitrate)
{
    /// <summary>1920x1080, 25 frames/s, 6000 kbit/s: the original recorder's defaults.</summary>
    public static RecordingFormat FullHd { get; } = new(1920, 1080, 25, 6000);
}

/// <summary>One recording to make.</summary>
/// <param name="Page">What to record.</param>
/// <param name="Format">How.</param>
/// <param name="Folder">An empty folder of its own for everything it writes.</param>
internal sealed record RecordingRequest(Uri Page, RecordingFormat Format, string Folder);

/// <summary>A way to record a page: the product, or a peer's display, flags and capture line.</summary>
internal interface IRecordingSystem
{
    /// <summary>As given on the command line.</summary>
    string Name { get; }

    /// <summary>Starts from nothing and returns when the system says that it records.</summary>
    Task<IRecordingSession> StartAsync(RecordingRequest request, CancellationToken cancellationToken);
}

/// <summary>A running recording. Disposing ends every process of it.</summary>
internal interface IRecordingSession : IAsyncDisposable
{
    /// <summary>All its processes.</summary>
    SessionProcesses Processes { get; }

    /// <summary>When the start was asked for: a timestamp of <see cref="TimeProvider.System"/>.</summary>
    long StartCalled { get; }

    /// <summary>When the system answered that it records: the product only, the peers have no such answer.</summary>
    long? StartAnswered { get; }

    /// <summary>Ends the recording and waits for the finished file.</summary>
    /// <returns>The path of the record.</returns>
    Task<string> StopAsync(CancellationToken cancellationToken);
}
