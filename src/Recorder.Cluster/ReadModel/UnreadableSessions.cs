using System.Collections.Concurrent;
using System.Data.Common;
using Akka.Actor;
using Akka.Pattern;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>
/// The sessions whose journals could not be read. Each of them is told of once, and tried again from time to time. Two
/// steps may ask at a time.
/// </summary>
/// <param name="clock">Measures the pause between two tries.</param>
internal sealed class UnreadableSessions(TimeProvider clock)
{
    /// <summary>How long a session that cannot be read is left alone, unless the session has news.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    /// <summary>Each session with the moment of its last try.</summary>
    private readonly ConcurrentDictionary<SessionId, long> _tried = [];

    /// <summary>How many sessions could not be read.</summary>
    public int Count => _tried.Count;

    /// <summary>Whether the last try to read a session has failed.</summary>
    /// <param name="session">The session.</param>
    public bool Contains(SessionId session) => _tried.ContainsKey(session);

    /// <summary>Whether a session may be read that has no news.</summary>
    /// <param name="session">The session.</param>
    public bool MayBeTried(SessionId session) =>
        !_tried.TryGetValue(session, out var at) || clock.GetElapsedTime(at) >= Pause;

    /// <summary>Keeps that a session could not be read.</summary>
    /// <param name="session">The session.</param>
    /// <returns>Whether that is new.</returns>
    public bool Add(SessionId session)
    {
        var isNew = _tried.TryAdd(session, clock.GetTimestamp());
        _tried[session] = clock.GetTimestamp();
        return isNew;
    }

    /// <summary>Keeps that a session was read.</summary>
    /// <param name="session">The session.</param>
    /// <returns>Whether the session could not be read before.</returns>
    public bool Remove(SessionId session) => _tried.TryRemove(session, out _);

    /// <summary>
    /// Whether a failure to read a session comes from what the journal holds of the session. A database that is away or
    /// slow fails every session alike.
    /// </summary>
    /// <param name="error">The failure.</param>
    public static bool IsOfTheSession(Exception error) =>
        !Causes(error)
            .Any(cause =>
                cause
                    is DbException
                        or TimeoutException
                        or AskTimeoutException
                        or OperationCanceledException
                        or OpenCircuitException
                        or IOException
            );

    /// <summary>The failure in words: the innermost cause, which names the event or the member.</summary>
    /// <param name="error">The failure.</param>
    public static string CauseOf(Exception error) => Causes(error).Last().Message;

    private static IEnumerable<Exception> Causes(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
