using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>What nodes log.</summary>
internal sealed class LoggedLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public bool Contains(string part) => _lines.Any(line => line.Contains(part, StringComparison.Ordinal));

    /// <summary>Waits until something is logged.</summary>
    public async Task ExpectAsync(string part)
    {
        var since = Stopwatch.GetTimestamp();
        while (!Contains(part))
        {
            if (Stopwatch.GetElapsedTime(since) > TestNode.FarmLimit)
            {
                throw new TimeoutException(
                    $"Nothing with '{part}' was logged within {TestNode.FarmLimit.TotalSeconds} s:\n{string.Join('\n', _lines)}"
                );
            }
            await Task.Delay(20);
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

    public void Dispose()
    {
        // A provider is disposed with its node; the lines are this test's.
    }
}
