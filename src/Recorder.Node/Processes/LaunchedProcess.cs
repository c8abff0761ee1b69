using System.Diagnostics;
using Akka.Event;

namespace Recorder.Node.Processes;

/// <summary>How a process ended. The message may find no recipient, because a process often outlives its
/// actor.</summary>
/// <param name="Code">The exit code; 128 plus the signal's number when a signal ended the process.</param>
/// <param name="LogTail">The last lines of the process's output, oldest first.</param>
internal sealed record ProcessExit(int Code, string LogTail) : IDeadLetterSuppression
{
    /// <summary>The end in words, such as "was ended by signal 9".</summary>
    public string Description => Code > 128 ? $"was ended by signal {Code - 128}" : $"exited with code {Code}";
}

/// <summary>A running process that the launcher started.</summary>
internal sealed class LaunchedProcess
{
    /// <summary>
    /// How long, after the exit, output may still arrive and the rest of the group may still live. Without a limit, a
    /// grandchild could hold the pipes open for ever.
    /// </summary>
    private static readonly TimeSpan AfterExit = TimeSpan.FromMilliseconds(500);

    private readonly Process _process;
    private readonly ProcessRequest _request;
    private readonly ProcessLog _log;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _written = Task.CompletedTask;
    private Task? _ending;

    /// <summary>Takes over a process that has just been started.</summary>
    public LaunchedProcess(Process process, ProcessRequest request, ProcessLog log, TimeProvider time)
    {
        _process = process;
        _request = request;
        _log = log;
        _time = time;
        Id = process.Id;
        PipeToIt = request.SpokenWithByPipes ? process.StandardInput.BaseStream : Stream.Null;
        PipeFromIt = request.SpokenWithByPipes ? process.StandardOutput.BaseStream : Stream.Null;
        Exited = AwaitExitAsync();
    }

    /// <summary>The process id. The process leads a process group and a session of the same number.</summary>
    public int Id { get; }

    /// <summary>The purpose of the process.</summary>
    public ProcessRole Role => _request.Role;

    /// <summary>Completes when the process has exited, its group is gone and its output has been read.</summary>
    public Task<ProcessExit> Exited { get; }

    /// <summary>The last lines of the process's output so far.</summary>
    public string LogTail => _request.Tail is { } tail ? tail.Text ?? "" : _log.Tail;

    /// <summary>The pipe that the process reads from its descriptor 3, when
    /// <see cref="ProcessRequest.SpokenWithByPipes"/> is set. The pipe is closed after the exit.</summary>
    public Stream PipeToIt { get; }

    /// <summary>The pipe that the process writes to from its descriptor 4, when
    /// <see cref="ProcessRequest.SpokenWithByPipes"/> is set. The pipe is closed after the exit.</summary>
    public Stream PipeFromIt { get; }

    /// <summary>Writes one line to the process's standard input.</summary>
    /// <exception cref="IOException">The process has closed its input.</exception>
    public Task WriteLineAsync(string line)
    {
        lock (_lock)
        {
            return _written = WriteAfterAsync(_written, line);
        }
    }

    /// <summary>
    /// Ends the process: SIGTERM, then SIGKILL to its process group after the request's grace. Completes when the
    /// process is gone. May be called several times and from any thread.
    /// </summary>
    public Task EndAsync()
    {
        lock (_lock)
        {
            return _ending ??= EndOnceAsync();
        }
    }

    /// <summary>Kills the process and its process group at once.</summary>
    public void Kill()
    {
        if (_gone.Task.IsCompleted)
        {
            return;
        }

        // The process gets a signal of its own: a process that has just started may not have called setsid(2) yet, and
        // the group's signal would miss such a process.
        Posix.Signal(-Id, Posix.Kill);
        Posix.Signal(Id, Posix.Kill);
    }

    private async Task WriteAfterAsync(Task earlier, string line)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _process.StandardInput.WriteAsync(line + "\n");
            await _process.StandardInput.FlushAsync();
        }
        catch (ObjectDisposedException error)
        {
            throw new IOException("The process has exited.", error);
        }
    }

    private async Task EndOnceAsync()
    {
        if (!_gone.Task.IsCompleted && _request.Grace > TimeSpan.Zero)
        {
            Posix.Signal(Id, Posix.Terminate);
            try
            {
                await _gone.Task.WaitAsync(_request.Grace, _time);
            }
            catch (TimeoutException)
            {
                // The group gets SIGKILL next.
            }
        }

        Kill();
        await Exited;
    }

    private async Task<ProcessExit> AwaitExitAsync()
    {
        var output =
            _request.SpokenWithByPipes ? Task.CompletedTask
            : _request.Tail is { } tail ? tail.ReadAsync(_process.StandardOutput.BaseStream)
            : ProcessLines.ReadAsync(
                _process.StandardOutput.BaseStream,
                _request.OnOutput ?? _log.Add,
                _request.LongestOutputLine
            );
        var errors = _request.Tail is { } end
            ? end.ReadAsync(_process.StandardError.BaseStream)
            : ProcessLines.ReadAsync(_process.StandardError.BaseStream, TakeError);
        await _process.WaitForExitAsync();

        // Members of the group may still live. They are killed now, and not when the run directory is closed, which may
        // be hours later. Once the last member is gone, the kernel may give the number to another session's process.
        Posix.Signal(-Id, Posix.Kill);
        _gone.SetResult();
        using var limit = new CancellationTokenSource(AfterExit, _time);
        try
        {
            await Task.WhenAll(output, errors, GroupGoneAsync(limit.Token)).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The output read so far has to be enough.
        }

        var exit = new ProcessExit(_process.ExitCode, LogTail);
        _process.Dispose();
        await PipeToIt.DisposeAsync();
        await PipeFromIt.DisposeAsync();
        _log.Dispose();
        return exit;
    }

    // A killed process stays until the kernel has taken the process apart. No signal reports the end of processes that
    // are not our children, so this method polls.
    private async Task GroupGoneAsync(CancellationToken limit)
    {
        while (Posix.Signal(-Id, Posix.Probe))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), _time, limit);
        }
    }

    private void TakeError(string line)
    {
        _log.Add(line);
        _request.OnError?.Invoke(line);
    }
}
