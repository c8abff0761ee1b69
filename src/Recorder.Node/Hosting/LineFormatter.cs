using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Recorder.Node.Hosting;

/// <summary>
/// Writes one line per entry: UTC time, severity, source, message. An exception follows on the same line, so that
/// <c>grep</c> finds the whole entry.
/// </summary>
internal sealed class LineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    /// <summary>The name by which the formatter is chosen.</summary>
    public const string FormatterName = "line";

    /// <inheritdoc/>
    public override void Write<TState>(
        in LogEntry<TState> logEntry,
        IExternalScopeProvider? scopeProvider,
        TextWriter textWriter
    )
    {
        var time = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (logEntry.Exception is not null)
        {
            message += " | " + logEntry.Exception;
        }
        textWriter.WriteLine($"{time} {Severity(logEntry.LogLevel)} {Short(logEntry.Category)}: {OneLine(message)}");
    }

    /// <summary>The last part of a category: the class that logs.</summary>
    private static string Short(string category) => category[(category.LastIndexOf('.') + 1)..];

    private static string OneLine(string message) =>
        message.AsSpan().IndexOfAny('\r', '\n') < 0
            ? message
            : string.Join(
                " | ",
                message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            );

    private static string Severity(LogLevel level) =>
        level switch
        {
            LogLevel.Trace => "trace",
            LogLevel.Debug => "debug",
            LogLevel.Information => "info ",
            LogLevel.Warning => "WARN ",
            LogLevel.Error => "ERROR",
            _ => "FATAL",
        };
}
