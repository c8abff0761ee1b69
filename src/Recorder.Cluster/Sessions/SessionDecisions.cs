using System.Collections.Immutable;

namespace Recorder.Cluster.Sessions;

/// <summary>Where and when a decision is taken.</summary>
/// <param name="At">The time.</param>
/// <param name="Node">The cluster address of this node.</param>
/// <param name="RecordsFolder">The folder records of this node go to.</param>
internal sealed record Moment(DateTimeOffset At, string Node, string RecordsFolder);

/// <summary>
/// What a session decides: from its state and what it has heard to the events that follow. Pure; the actor persists the
/// events and <see cref="SessionWork"/> tells what is to be done then.
/// </summary>
internal static class SessionDecisions
{
    /// <summary>A new session begins its first attempt. One that exists already is left as it is.</summary>
    public static ImmutableList<ISessionEvent> Start(SessionState state, SessionSpec spec, Moment now) =>
        state.Phase != SessionPhase.New
            ? []
            :
            [
                new SessionAccepted(state.Id, spec, now.At, now.Node),
                new AttemptStarted(1, now.At, now.Node),
                new RecordNamed(RecordPath.Next(now.RecordsFolder, state, spec.Container, now.At), 1, now.At, now.Node),
            ];

    /// <summary>
    /// A session is found after its earlier incarnation went away. It goes on if it was recording within the resume
    /// window, counted from the last evidence of a growing record; a longer absence ends it as interrupted.
    /// </summary>
    public static ImmutableList<ISessionEvent> Resume(SessionState state, SessionSpec spec, TimeSpan resumeWindow, Moment now)
    {
        switch (state.Phase)
        {
            case SessionPhase.New:
                // Admitted, but the start never arrived: nobody was told that it records.
                return
                [
                    new SessionAccepted(state.Id, spec, now.At, now.Node),
                    new EndDecided(SessionPhase.Failed, FaultCode.NodeLost, NodeLostAtStart(state.Id), now.At, now.Node),
                ];
            case SessionPhase.Starting:
                return
                [
                    new FaultMet(FaultCode.NodeLost, NodeLostAtStart(state.Id), now.At, now.Node),
                    new EndDecided(SessionPhase.Failed, FaultCode.NodeLost, NodeLostAtStart(state.Id), now.At, now.Node),
                    new RecordingInterrupted(now.At, FaultCode.NodeLost, now.At, now.Node),
                ];
            case SessionPhase.Recording or SessionPhase.Resuming:
                var since = state.LastEvidence ?? state.PhaseSince;
                var lost = new FaultMet(FaultCode.NodeLost, $"The node {state.Node} went away while session {state.Id} was recording.", now.At, now.Node);
                var interrupted = new RecordingInterrupted(since, FaultCode.NodeLost, now.At, now.Node);
                if (now.At - since > resumeWindow)
                {
                    var message = $"Session {state.Id} was away for longer than the resume window of {resumeWindow.TotalMinutes:0.#} minutes.";
                    return [lost, interrupted, new EndDecided(SessionPhase.Interrupted, FaultCode.NodeLost, message, now.At, now.Node)];
                }

                var attempt = state.Attempt + 1;
                return
                [
                    lost,
                    interrupted,
                    new AttemptStarted(attempt, now.At, now.Node),
                    new RecordNamed(RecordPath.Next(now.RecordsFolder, state, state.Spec!.Container, now.At), attempt, now.At, now.Node),
                ];
            case SessionPhase.Stopping when state.Current is not null:
                return [new RecordingInterrupted(state.LastEvidence ?? now.At, FaultCode.NodeLost, now.At, now.Node)];
            default:
                return [];
        }
    }

    /// <summary>The caller wants the session to end.</summary>
    public static ImmutableList<ISessionEvent> Stop(SessionState state, Moment now) => state switch
    {
        { Outcome: not null } or { Phase: SessionPhase.New } => [],
        { EverRecorded: false } =>
        [
            new EndDecided(SessionPhase.Failed, FaultCode.StoppedAtStart, $"Session {state.Id} was stopped before its first frame was written.", now.At, now.Node),
            .. GiveUpCurrent(state, now),
        ],
        _ => [new EndDecided(SessionPhase.Stopped, null, null, now.At, now.Node)],
    };

    /// <summary>The first frame was not written within the limit.</summary>
    public static ImmutableList<ISessionEvent> StartLimitPassed(SessionState state, TimeSpan limit, Moment now) =>
        state is { Phase: SessionPhase.Starting, Outcome: null }
            ? FailStart(state, FaultCode.StartTimeout, $"Session {state.Id} wrote no frame within {limit.TotalSeconds:0} seconds and was undone.", now)
            : [];

    /// <summary>The media child has told something.</summary>
    public static ImmutableList<ISessionEvent> Hear(SessionState state, IMediaEvent heard, Moment now) => heard switch
    {
        FirstFrameWritten e when e.RecordPath == state.Current => [new RecordOpened(e.RecordPath, e.At, now.Node)],
        RecordGrew e when e.RecordPath == state.Current =>
            [new RecordConfirmed(e.RecordPath, e.FramesCaptured, e.FramesDropped, e.At, now.Node)],
        RecordFinished e when IsOpen(state, e.RecordPath) =>
            [new RecordClosed(e.RecordPath, e.Duration, e.Bytes, e.Repaired, now.At, now.Node)],
        RecordUnrecoverable e when IsOpen(state, e.RecordPath) =>
        [
            new FaultMet(FaultCode.PipelineFailed, e.Message, now.At, now.Node),
            new RecordLost(e.RecordPath, e.Message, now.At, now.Node),
        ],
        WorkerLost e when e.RecordPath == state.Current => WorkerGone(state, e.Code, e.Message, now),
        BrowserLost e => [new FaultMet(FaultCode.BrowserFailed, e.Message, e.At, now.Node), new PictureLost(e.At, now.Node)],
        BrowserRestored e => [new PictureRestored(e.At, now.Node)],
        MediaFailed e => MediaGone(state, e.Code, e.Message, now),
        _ => [],
    };

    /// <summary>A new record is tried for after the media set failed.</summary>
    public static ImmutableList<ISessionEvent> Retry(SessionState state, Moment now) =>
        state is { Phase: SessionPhase.Resuming, Current: null, Outcome: null } ? [NameNext(state, now)] : [];

    /// <summary>The node is leaving: the session stands still until another node, or the next life of this one, takes it up.</summary>
    public static ImmutableList<ISessionEvent> LeaveNode(SessionState state, Moment now) => state switch
    {
        { Phase: SessionPhase.Starting } => FailStart(state, FaultCode.NodeLost, NodeLostAtStart(state.Id), now),
        { Phase: SessionPhase.Recording, Outcome: null, Current: null } =>
            [new RecordingInterrupted(state.LastEvidence ?? now.At, FaultCode.NodeLost, now.At, now.Node)],
        _ => [],
    };

    /// <summary>Ends a session whose end is decided and that has nothing open any more.</summary>
    public static ImmutableList<ISessionEvent> EndWhenDone(SessionState state, Moment now) =>
        state is { Outcome: not null, Ended: false, Current: null } && !state.Unrepaired.Any() ? [new SessionEnded(now.At, now.Node)] : [];

    private static ImmutableList<ISessionEvent> WorkerGone(SessionState state, string code, string message, Moment now)
    {
        if (state.Phase == SessionPhase.Starting) return FailStart(state, code, message, now);
        ImmutableList<ISessionEvent> lost =
        [
            new FaultMet(code, message, now.At, now.Node),
            new RecordingInterrupted(state.LastEvidence ?? now.At, code, now.At, now.Node),
        ];
        return state.Outcome is null ? lost.Add(NameNext(state, now)) : lost;
    }

    private static ImmutableList<ISessionEvent> MediaGone(SessionState state, string code, string message, Moment now)
    {
        if (state.Ended) return [];
        if (state is { Phase: SessionPhase.Starting }) return FailStart(state, code, message, now);
        ImmutableList<ISessionEvent> lost =
        [
            new FaultMet(code, message, now.At, now.Node),
            new RecordingInterrupted(state.LastEvidence ?? now.At, code, now.At, now.Node),
        ];

        // Without room there is nothing to try again; the other faults may pass, and a meeting comes only once.
        return state.Outcome is null && code is FaultCode.DiskFull or FaultCode.RecordsFolderUnavailable
            ? lost.Add(new EndDecided(SessionPhase.Failed, code, message, now.At, now.Node))
            : lost;
    }

    private static ImmutableList<ISessionEvent> FailStart(SessionState state, string code, string message, Moment now) =>
    [
        new FaultMet(code, message, now.At, now.Node),
        .. state.Outcome is null ? new ISessionEvent[] { new EndDecided(SessionPhase.Failed, code, message, now.At, now.Node) } : [],
        .. GiveUpCurrent(state, now),
    ];

    private static ImmutableList<ISessionEvent> GiveUpCurrent(SessionState state, Moment now) =>
        state.Current is { } current ? [new RecordLost(current, "It was never begun.", now.At, now.Node)] : [];

    private static RecordNamed NameNext(SessionState state, Moment now) =>
        new(RecordPath.Next(now.RecordsFolder, state, state.Spec!.Container, now.At), state.Attempt, now.At, now.Node);

    private static bool IsOpen(SessionState state, string path) => state.Records.Exists(record => record.Path == path && record.Open);

    private static string NodeLostAtStart(SessionId id) => $"The node of session {id} went away before the first frame was written; start it again.";
}
