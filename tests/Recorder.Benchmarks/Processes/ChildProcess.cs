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

/// <summary>One process started by the benchmark. Disposing ends it, and what it has started, by id.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    private readonly Process process;
    private readonly TaskCompletionSource<string> firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task logging;
    private readonly ChildCommand command;

    private ChildProcess(Process process, ChildCommand command)
    {
        (this.process, this.command) = (process, command);
        logging = LogAsync();
    }

    /// <summary>Its process id.</summary>
    public int Id => process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>Its standard input.</summary>
    public StreamWriter Input => process.StandardInput;

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
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        start.Environment[session.Mark.Key] = session.Mark.Value;
        if (command.User is not null)
            start.UserName = command.User;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command.Executable} could not be started.");
        return new ChildProcess(process, command);
    }

    /// <summary>The first line of its standard output.</summary>
    public Task<string> FirstLineAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        firstLine.Task.WaitAsync(limit, cancellationToken);

    /// <summary>Waits until <paramref name="probe"/> finds what it looks for.</summary>
    /// <exception cref="InvalidOperationException">The child ended first, or the limit passed: the message names what was waited for.</exception>
    public async Task<T> WaitForAsync<T>(string what, Func<Task<T?>> probe, TimeSpan limit, CancellationToken cancellationToken)
        where T : class
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var begin = TimeProvider.System.GetTimestamp();
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await probe().ConfigureAwait(false) is { } found)
                return found;
            if (process.HasExited)
                throw new InvalidOperationException($"{command.Executable} ended with exit code {process.ExitCode} before {what}; see {command.LogFile}.");
            if (TimeProvider.System.GetElapsedTime(begin) > limit)
                throw new InvalidOperationException($"{command.Executable} has not shown {what} within {limit.TotalSeconds:0} s; see {command.LogFile}.");
        }

        throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Waits for it to end by itself.</summary>
    /// <exception cref="InvalidOperationException">It did not within the limit.</exception>
    public async Task WaitForEndAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await process.WaitForExitAsync(cancellationToken).WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"{command.Executable} has not ended within {limit.TotalSeconds:0} s; see {command.LogFile}.");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Signals.Send(process.Id, Signals.Terminate);
            await process.WaitForExitAsync().WaitAsync(EndLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync().ConfigureAwait(false);
        // A grandchild that outlives its parent may hold the pipes open; the session ends it later.
        await logging.WaitAsync(EndLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        process.Dispose();
    }

    private async Task LogAsync()
    {
        var log = new FileStream(command.LogFile, FileMode.Create, FileAccess.Write, FileShare.Read);
        await using (log.ConfigureAwait(false))
        {
            using var writer = TextWriter.Synchronized(new StreamWriter(log) { AutoFlush = true });
            await Task.WhenAll(CopyAsync(process.StandardOutput), CopyAsync(process.StandardError)).ConfigureAwait(false);
            firstLine.TrySetException(new InvalidOperationException($"{command.Executable} ended without a word; see {command.LogFile}."));
            _ = firstLine.Task.Exception;

            async Task CopyAsync(StreamReader from)
            {
                while (await from.ReadLineAsync().ConfigureAwait(false) is { } line)
                {
                    if (from == process.StandardOutput)
                        firstLine.TrySetResult(line);
                    await writer.WriteLineAsync(line).ConfigureAwait(false);
                }
            }
        }
    }
}
