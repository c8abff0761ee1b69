using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Recorder.Cluster.Tests.Hosting.Driver;

/// <summary>The last lines that the nodes of a farm logged, for whoever has to find out why a run failed.</summary>
internal sealed class FarmLog : ILoggerProvider
{
    private const int Kept = 400;

    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>The lines, oldest first.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>Adds a line.</summary>
    public void Write(string line)
    {
        _lines.Enqueue(
            string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {line}")
        );
        while (_lines.Count > Kept)
        {
            _lines.TryDequeue(out _);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose() { }

    private sealed class Logger(FarmLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        // The lines of the farm's own actors; Akka itself has much to say about nodes that are gone.
        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var text = formatter(state, exception);
            if (
                text.Contains("/user/", StringComparison.Ordinal)
                || text.Contains("/system/sharding/session/", StringComparison.Ordinal)
            )
            {
                log.Write(text);
            }
        }
    }
}
