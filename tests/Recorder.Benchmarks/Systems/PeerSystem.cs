using Recorder.Benchmarks.Processes;

namespace Recorder.Benchmarks.Systems;

/// <summary>
/// A peer's way to record, rebuilt from its source: a plain Xvfb, one PulseAudio daemon with a null sink, Chromium, and
/// its capture line. What controls them in the peer (a JVM and chromedriver, a Go service) is left out, in the peer's
/// favour.
/// </summary>
internal abstract class PeerSystem : IRecordingSystem
{
    /// <inheritdoc />
    public abstract string Name { get; }

    /// <summary>Xvfb's arguments beside the number of the display.</summary>
    protected abstract IReadOnlyList<string> DisplayArguments(RecordingFormat format);

    /// <summary>The PulseAudio module that makes the sink the browser plays to.</summary>
    protected abstract string SinkModule { get; }

    /// <summary>Chromium's arguments beside profile, debugging port and address.</summary>
    protected abstract IReadOnlyList<string> BrowserArguments(RecordingFormat format);

    /// <summary>Whether the peer runs Chromium with its sandbox.</summary>
    protected abstract bool Sandbox { get; }

    /// <summary>Whether the peer has a window manager, which makes Chromium's window fill the display.</summary>
    protected abstract bool WindowManager { get; }

    /// <summary>The capture line.</summary>
    /// <param name="format">What to record.</param>
    /// <param name="display">Such as <c>:7</c>.</param>
    /// <param name="record">The file to write.</param>
    protected abstract (string Executable, IReadOnlyList<string> Arguments) CaptureLine(
        RecordingFormat format,
        string display,
        string record
    );

    /// <summary>Asks the capture to finish its file.</summary>
    protected abstract Task EndCaptureAsync(ChildProcess capture);

    /// <inheritdoc />
    public async Task<IRecordingSession> StartAsync(RecordingRequest request, CancellationToken cancellationToken)
    {
        var startCalled = TimeProvider.System.GetTimestamp();
        var stage = new PeerStage(request.Folder);
        try
        {
            var display = await stage.StartDisplayAsync(DisplayArguments(request.Format), cancellationToken);
            await stage.StartSoundAsync(SinkModule, cancellationToken);
            await stage.StartBrowserAsync(BrowserArguments(request.Format), Sandbox, request.Page, cancellationToken);
            if (WindowManager)
            {
                await stage.FillDisplayAsync(request.Format, cancellationToken);
            }
            var record = Path.Combine(request.Folder, "record.mp4");
            var (executable, arguments) = CaptureLine(request.Format, display, record);
            var capture = stage.Start(executable, arguments, "capture.log");
            return new Session(this, stage, capture, record, startCalled);
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    private sealed class Session(
        PeerSystem system,
        PeerStage stage,
        ChildProcess capture,
        string record,
        long startCalled
    ) : IRecordingSession
    {
        private static readonly TimeSpan FinishLimit = TimeSpan.FromSeconds(30);

        public SessionProcesses Processes => stage.Processes;

        public long StartCalled => startCalled;

        public long? StartAnswered => null;

        public async Task<string> StopAsync(CancellationToken cancellationToken)
        {
            if (capture.HasExited)
            {
                throw new InvalidOperationException(
                    $"The capture of {system.Name} ended by itself; see capture.log beside {record}."
                );
            }
            await system.EndCaptureAsync(capture);
            await capture.WaitForEndAsync(FinishLimit, cancellationToken);
            return record;
        }

        public ValueTask DisposeAsync() => stage.DisposeAsync();
    }
}
