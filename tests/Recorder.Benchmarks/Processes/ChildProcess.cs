using System.Diagnostics;
using Recorder.Harness;

namespace Recorder.Benchmarks.Processes;

/// <summary>How to start a child.</summary>
/// <param name="Executable">A name looked up on PATH, or a path.</param>
/// <param name="Arguments">One entry an argument; no shell is involved.</param>
/// <param name="LogFile">Where both of its outputs go.</param>
internal sealed record ChildCommand(string Executable, IReadOnlyList<string> Arguments, string LogFile)
{
    /// <summary>Added to this process's environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The account to run as; null for this process's own.</summary>
    public string? User { get; init; }
}

/// <summary>A process started by the benchmark. Disposing ends the process and its children, by id.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly TaskCompletionSource<string> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _logging;
    private readonly ChildCommand _command;

    private ChildProcess(Process process, ChildCommand command)
    {
        (this._process, this._command) = (process, command);
        _logging = LogAsync();
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The exit code of the process; read when the process is disposed.</summary>
    public int ExitCode { get; private set; }

    /// <summary>The process's standard input.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>Starts a child that carries the session's mark.</summary>
    public static ChildProcess Start(ChildCommand command, SessionProcesses session)
    {
        var start = new ProcessStartInfo(command.Executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }
        start.Environment[session.Mark.Key] = session.Mark.Value;
        if (command.User is not null)
        {
            start.UserName = command.User;
        }
        var process =
            Process.Start(start) ?? throw new InvalidOperationException($"{command.Executable} could not be started.");
        return new ChildProcess(process, command);
    }

    /// <summary>The first line of its standard output.</summary>
    public Task<string> FirstLineAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        _firstLine.Task.WaitAsync(limit, cancellationToken);

    /// <summary>Waits until <paramref name="probe"/> finds what it looks for.</summary>
    /// <exception cref="InvalidOperationException">The child ended first, or the limit passed: the message names what
    /// was waited for.</exception>
    public async Task<T> WaitForAsync<T>(
        string what,
        Func<Task<T?>> probe,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
        where T : class
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var begin = TimeProvider.System.GetTimestamp();
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (await probe() is { } found)
            {
                return found;
            }
            if (_process.HasExited)
            {
                throw new InvalidOperationException(
                    $"{_command.Executable} ended with exit code {_process.ExitCode} before {what}; see {_command.LogFile}."
                );
            }
            if (TimeProvider.System.GetElapsedTime(begin) > limit)
            {
                throw new InvalidOperationException(
                    $"{_command.Executable} has not shown {what} within {limit.TotalSeconds:0} s; see {_command.LogFile}."
                );
            }
        }

        throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Waits until the process ends by itself.</summary>
    /// <exception cref="InvalidOperationException">The process did not end within the limit.</exception>
    public async Task WaitForEndAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await _process.WaitForExitAsync(cancellationToken).WaitAsync(limit, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException(
                $"{_command.Executable} has not ended within {limit.TotalSeconds:0} s; see {_command.LogFile}."
            );
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signals.Send(_process.Id, Signals.Terminate);
            await _process
                .WaitForExitAsync()
                .WaitAsync(EndLimit)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
        await _process.WaitForExitAsync();
        // A grandchild that outlives its parent may hold the pipes open; the session ends it later.
        await _logging.WaitAsync(EndLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ExitCode = _process.ExitCode;
        _process.Dispose();
    }

    private async Task LogAsync()
    {
        var log = new FileStream(_command.LogFile, FileMode.Create, FileAccess.Write, FileShare.Read);
        await using (log)
        {
            using var writer = TextWriter.Synchronized(new StreamWriter(log) { AutoFlush = true });
            await Task.WhenAll(CopyAsync(_process.StandardOutput), CopyAsync(_process.StandardError));
            _firstLine.TrySetException(
                new InvalidOperationException($"{_command.Executable} ended without a word; see {_command.LogFile}.")
            );
            _ = _firstLine.Task.Exception;

            async Task CopyAsync(StreamReader from)
            {
                while (await from.ReadLineAsync() is { } line)
                {
                    if (from == _process.StandardOutput)
                    {
                        _firstLine.TrySetResult(line);
                    }
                    await writer.WriteLineAsync(line);
                }
            }
        }
    }
}
