using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Dispatch;
using Akka.Event;
using AkkaLevel = Akka.Event.LogLevel;

namespace Recorder.Node.Hosting;

/// <summary>
/// Passes the actors' log entries to the host's log under the name of the actor's class. Akka.Hosting's own logger uses
/// one name for all entries, and puts time and thread into the text. Our actors' lines could then not be told from
/// Akka's.
/// </summary>
internal sealed class HostLogger : ActorBase, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    /// <summary>The shortest time between two warnings about failed connections from outside.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, ILogger> _loggers = [];
    private readonly TimeProvider _clock = DependencyResolver.For(Context.System).Resolver.GetService<TimeProvider>();
    private long? _toldAt;
    private readonly ILoggerFactory _factory = DependencyResolver
        .For(Context.System)
        .Resolver.GetService<ILoggerFactory>();

    /// <inheritdoc/>
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                return true;
            case LogEvent entry when IsFailedConnection(entry):
                TellFailedConnection(entry);
                return true;
            case LogEvent entry:
                LoggerOf(entry)
                    .Log(
                        IsLostConnection(entry.Cause)
                            ? Microsoft.Extensions.Logging.LogLevel.Debug
                            : LevelOf(entry.LogLevel()),
                        default,
                        entry.Message,
                        entry.Cause,
                        (text, _) => text?.ToString() ?? ""
                    );
                return true;
            default:
                return false;
        }
    }

    // The farm's membership reports a lost node in one line. Remoting adds an error with a stack trace for each
    // connection, and the exception's type is internal to Akka.
    private static bool IsLostConnection(Exception? cause) =>
        cause?.GetType().FullName == "Akka.Remote.EndpointDisassociatedException";

    // Anybody who reaches the port can make remoting log errors with stack traces, as fast as connections can be made.
    private static bool IsFailedConnection(LogEvent entry) =>
        entry.LogLevel() >= AkkaLevel.WarningLevel
        && entry.LogClass.FullName?.StartsWith("Akka.Remote.Transport.", StringComparison.Ordinal) == true;

    private void TellFailedConnection(LogEvent entry)
    {
        var logger = LoggerOf(entry);
        var reason = (entry.Cause?.GetBaseException().Message ?? entry.Message?.ToString() ?? "")
            .Split('\n')[0]
            .Trim()
            .TrimEnd('.');
        if (_toldAt is { } at && _clock.GetElapsedTime(at) < Quiet)
        {
            logger.LogDebug("A connection of the port for other nodes failed: {Reason}.", reason);
            return;
        }

        _toldAt = _clock.GetTimestamp();
        logger.LogWarning(
            "A connection of the port for other nodes failed: {Reason}. Whoever called is no node of this farm, or has another Remoting:SecretFile. More of these within a minute are told at the level Debug only.",
            reason
        );
    }

    private ILogger LoggerOf(LogEvent entry)
    {
        // Parts of Akka that are not actors, such as remoting, log under a text instead of a class.
        var category =
            entry.LogClass == typeof(DummyClassForStringSources)
                ? "Akka.Internals"
                : entry.LogClass.FullName ?? entry.LogClass.Name;
        if (!_loggers.TryGetValue(category, out var logger))
        {
            _loggers[category] = logger = _factory.CreateLogger(category);
        }
        return logger;
    }

    private static Microsoft.Extensions.Logging.LogLevel LevelOf(AkkaLevel level) =>
        level switch
        {
            AkkaLevel.DebugLevel => Microsoft.Extensions.Logging.LogLevel.Debug,
            AkkaLevel.InfoLevel => Microsoft.Extensions.Logging.LogLevel.Information,
            AkkaLevel.WarningLevel => Microsoft.Extensions.Logging.LogLevel.Warning,
            _ => Microsoft.Extensions.Logging.LogLevel.Error,
        };
}

/// <summary>
/// Replaces Akka's logger to standard output, which writes at the very end of a shutdown, when the other loggers are
/// gone. Its lines would bypass the host's log and have another form. (<c>akka.stdout-loglevel = off</c> does not
/// silence that logger there.)
/// </summary>
internal sealed class SilentLogger : MinimalLogger
{
    /// <inheritdoc/>
    protected override void Log(object message) { }
}
