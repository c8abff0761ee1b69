using System.Collections.Immutable;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>
/// The decisions of a session whose page is shown and whose record has not begun. Pure. What was waited is in the
/// state, so a restart and another node go on waiting. </summary>
internal static class BeginDecisions
{
    /// <summary>When the wait is over by itself; null while nothing waits.</summary>
    /// <param name="state">The session.</param>
    public static DateTimeOffset? Limit(SessionState state) =>
        state is { Waits: true, Wait: { } wait, Begin: { } begin, BeginsAnyway: false }
            ? wait.InLobby
                ? Counted(wait, begin) + Left(begin.LobbyTimeout, wait.Inside)
                : Counted(wait, begin) + Left(begin.Timeout, wait.Outside)
            : null;

    /// <summary>What follows from the limits of the wait now.</summary>
    /// <param name="state">The session.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Due(SessionState state, Moment now)
    {
        if (Limit(state) is not { } limit || limit > now.At)
        {
            return [];
        }
        var begin = state.Begin!;
        return state.Wait!.InLobby
                ? GiveUp(
                    state,
                    FaultCode.NotAdmitted,
                    $"Session {state.Id} was not let in within {Duration.Format(begin.LobbyTimeout)}; its page still shows the lobby of begin.unless. Let the recorder in sooner, or raise begin.lobby_timeout.",
                    now
                )
            : begin.BeginsAnyway ? [new SessionBeginsAnyway(now.At, now.Node)]
            : GiveUp(
                state,
                FaultCode.BeginTimeout,
                $"Nothing began the record of session {state.Id} within {Duration.Format(begin.Timeout)} ({Awaited(begin)}). Look at its page, raise begin.timeout, or set begin.otherwise to record.",
                now
            );
    }

    /// <summary>How long the session may sleep before the limits are looked at again; null while nothing
    /// waits.</summary>
    /// <param name="state">The session.</param>
    /// <param name="now">Where and when.</param>
    public static TimeSpan? Sleep(SessionState state, Moment now) =>
        Limit(state) is not { } limit ? null
        : limit > now.At ? limit - now.At
        : TimeSpan.Zero;

    /// <summary>What follows from the page's word that its record still waits.</summary>
    /// <param name="state">The session.</param>
    /// <param name="told">What the page shows.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Hear(SessionState state, PageWaits told, Moment now) =>
        state is not { Phase: SessionPhase.Starting, Outcome: null, Current: not null } ? []
        : state.Wait is null || state.Wait.InLobby != told.InLobby
            ? [new SessionWaits(told.InLobby, told.At, now.Node)]
        : [new WaitConfirmed(told.At, now.Node)];

    /// <summary>The media of a session that waits are gone. Nothing is lost, so other media are tried.</summary>
    /// <param name="state">The session.</param>
    /// <param name="code">The reason, one of <see cref="FaultCode"/>.</param>
    /// <param name="message">What happened.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> LoseMedia(SessionState state, string code, string message, Moment now) =>
        [new FaultMet(code, message, now.At, now.Node), .. Drop(state, now)];

    /// <summary>Another incarnation goes on waiting.</summary>
    /// <param name="state">The session.</param>
    /// <param name="plan">The next record, or the streams.</param>
    /// <param name="now">Where and when.</param>
    /// <param name="waitedUntil">Until when the session waited for room, or null.</param>
    public static ImmutableList<ISessionEvent> Resume(
        SessionState state,
        ISessionEvent plan,
        Moment now,
        DateTimeOffset? waitedUntil
    ) =>
        [
            .. state.Current is null
                ? Array.Empty<ISessionEvent>()
                :
                [
                    new FaultMet(
                        FaultCode.NodeLost,
                        $"The node {state.Node} went away while session {state.Id} waited for its beginning.",
                        now.At,
                        now.Node
                    ),
                ],
            .. Drop(state, now),
            new AttemptStarted(state.Attempt + 1, now.At, now.Node) { WaitedUntil = waitedUntil, NodeId = now.NodeId },
            plan,
        ];

    /// <summary>Lets go of the record that was planned and has no frame.</summary>
    /// <param name="state">The session.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Drop(SessionState state, Moment now) =>
        state.Current switch
        {
            null => [],
            SessionState.StreamOnly => [new StreamingEnded(now.At, now.Node)],
            var current => [new RecordLost(current, "The record had not begun.", now.At, now.Node)],
        };

    private static DateTimeOffset Counted(BeginWait wait, BeginRule begin) =>
        begin.NotBefore > wait.Since ? begin.NotBefore.Value : wait.Since;

    private static TimeSpan Left(TimeSpan limit, TimeSpan spent) => limit > spent ? limit - spent : TimeSpan.Zero;

    private static string Awaited(BeginRule begin) =>
        begin.When switch
        {
            BeginWhen.Signal => "the page did not give its signal",
            BeginWhen.Selector => "the element of begin.selector did not come",
            BeginWhen.Script => "begin.script did not answer true",
            _ => "the page was not shown without its lobby",
        };

    private static ImmutableList<ISessionEvent> GiveUp(SessionState state, string code, string message, Moment now) =>
        [
            new FaultMet(code, message, now.At, now.Node),
            new EndDecided(SessionPhase.Failed, code, message, now.At, now.Node),
        ];
}
