using System.Diagnostics;
using Akka.Event;

namespace Recorder.Node.Processes;

/// <summary>How a process ended. It often outlives the actor that would have heard of it.</summary>
/// <param name="Code">Its exit code; 128 plus the signal's number when a signal ended it.</param>
/// <param name="LogTail">The last lines it wrote, oldest first.</param>
internal sealed record ProcessExit(int Code, string LogTail) : IDeadLetterSuppression
{
    /// <summary>The end in words, such as "was killed by signal 9".</summary>
    public string Description => Code > 128 ? $"was ended by signal {Code - 128}" : $"exited with code {Code}";
}

/// <summary>A running process that the launcher started.</summary>
internal sealed class LaunchedProcess
{
    /// <summary>
    /// How long output may arrive, and the rest of the group may live, after the exit: a grandchild can hold the pipes
    /// open for ever.
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

    /// <summary>Its number; it leads a process group and a session of the same number.</summary>
    public int Id { get; }

    /// <summary>What it is for.</summary>
    public ProcessRole Role => _request.Role;

    /// <summary>Completes when the process has exited, its group is gone and its output has been read.</summary>
    public Task<ProcessExit> Exited { get; }

    /// <summary>The last lines it wrote so far.</summary>
    public string LogTail => _request.Tail is { } tail ? tail.Text ?? "" : _log.Tail;

    /// <summary>What it reads from its descriptor 3, when it is <see cref="ProcessRequest.SpokenWithByPipes"/>. Closed
    /// when it has exited.</summary>
    public Stream PipeToIt { get; }

    /// <summary>What it writes to its descriptor 4, when it is <see cref="ProcessRequest.SpokenWithByPipes"/>. Closed
    /// when it has exited.</summary>
    public Stream PipeFromIt { get; }

    /// <summary>Writes one line to its standard input.</summary>
    /// <exception cref="IOException">The process has closed its input.</exception>
    public Task WriteLineAsync(string line)
    {
        lock (_lock)
        {
            return _written = WriteAfterAsync(_written, line);
        }
    }

    /// <summary>
    /// Ends it: SIGTERM, then after the request's grace SIGKILL to its process group. Completes when it is gone. May be
    /// called again, from anywhere.
    /// </summary>
    public Task EndAsync()
    {
        lock (_lock)
        {
            return _ending ??= EndOnceAsync();
        }
    }

    /// <summary>Kills it and its process group at once.</summary>
    public void Kill()
    {
        if (_gone.Task.IsCompleted)
        {
            return;
        }

        // The group alone would miss a process that was started a moment ago and has not come to setsid(2) yet.
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

        // Members of the group may have stayed. They are ended now and not when the run directory is closed, which may
        // be hours later: without a member the number is free for another session's process.
        Posix.Signal(-Id, Posix.Kill);
        _gone.SetResult();
        using var limit = new CancellationTokenSource(AfterExit, _time);
        try
        {
            await Task.WhenAll(output, errors, GroupGoneAsync(limit.Token)).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // What was read until now has to do.
        }

        var exit = new ProcessExit(_process.ExitCode, LogTail);
        _process.Dispose();
        await PipeToIt.DisposeAsync();
        await PipeFromIt.DisposeAsync();
        _log.Dispose();
        return exit;
    }

    // A killed process lives on until the kernel has taken it apart, and no signal tells us the end of what is not our
    // child.
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
