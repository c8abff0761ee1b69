using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Dispatch;
using Akka.Event;
using AkkaLevel = Akka.Event.LogLevel;

namespace Recorder.Node.Hosting;

/// <summary>
/// Hands what actors log to the host's log under the name of the actor's class. Akka.Hosting's own logger puts all of
/// it under one name, and time and thread into the text, so that our actors' lines could not be told from Akka's.
/// </summary>
internal sealed class HostLogger : ActorBase, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    /// <summary>How long a failed connection of somebody's is told of in the log before the next one is.</summary>
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

    // That a node is lost is told by the farm's membership in one line; remoting adds an error with a stack trace for
    // each connection, of a type it keeps to itself.
    private static bool IsLostConnection(Exception? cause) =>
        cause?.GetType().FullName == "Akka.Remote.EndpointDisassociatedException";

    // Whoever reaches the port can make remoting log errors with stack traces, as fast as connections are made.
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
        // Parts of Akka that are no actors, such as remoting, log under a text instead of a class.
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
/// Stands in for Akka's logger to standard output, which speaks when the others are gone: at the very end of a
/// shutdown, past the host's log and not in its form. (<c>akka.stdout-loglevel = off</c> does not silence it there.)
/// </summary>
internal sealed class SilentLogger : MinimalLogger
{
    /// <inheritdoc/>
    protected override void Log(object message) { }
}
