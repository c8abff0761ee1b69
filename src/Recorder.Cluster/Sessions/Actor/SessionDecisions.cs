using System.Collections.Immutable;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>Where and when a decision is made.</summary>
/// <param name="At">The time.</param>
/// <param name="Node">The cluster address of this node.</param>
/// <param name="RecordsFolder">The folder for the records of this node.</param>
internal sealed record Moment(DateTimeOffset At, string Node, string RecordsFolder)
{
    /// <summary>The id of this node; null when it is not known.</summary>
    public NodeId? NodeId { get; init; }

    /// <summary>The id of the records folder; null while the folder is away.</summary>
    public FolderId? Folder { get; init; }

    /// <summary>How long any session of the farm may last.</summary>
    public TimeSpan LongestSession { get; init; } = TimeSpan.MaxValue;
}

/// <summary>
/// The decisions of a session: from its state and a message to the events that follow. Pure. The actor persists the
/// events, and <see cref="ProceedDecisions"/> tells what to do then.
/// </summary>
internal static class SessionDecisions
{
    /// <summary>A new session begins its first attempt, or fails on a node without room for it. An existing session is
    /// left as it is.</summary>
    /// <param name="state">The session.</param>
    /// <param name="spec">What is to be recorded.</param>
    /// <param name="now">Where and when.</param>
    /// <param name="node">The node that has room for the session, or null for any node.</param>
    public static ImmutableList<ISessionEvent> Start(
        SessionState state,
        SessionSpec spec,
        Moment now,
        string? node = null
    ) =>
        state.Phase != SessionPhase.New ? []
        : node is not null && node != now.Node ? NeverStarted(state, spec, now)
        :
        [
            new SessionAccepted(state.Id, spec, now.At, now.Node),
            new AttemptStarted(1, now.At, now.Node) { NodeId = now.NodeId },
            Plan(state, spec, 1, now),
        ];

    /// <summary>
    /// A session is found after its earlier incarnation went away. The session is resumed if it was recording within
    /// the resume window. The window counts from the last evidence of a growing record, or of a wait for room. A
    /// longer absence ends the session as interrupted.
    /// </summary>
    /// <param name="state">The session.</param>
    /// <param name="spec">What is to be recorded.</param>
    /// <param name="resumeWindow">How long the session may have been away.</param>
    /// <param name="now">Where and when.</param>
    /// <param name="waitedUntil">Until when the session is known to have waited for room, or null.</param>
    public static ImmutableList<ISessionEvent> Resume(
        SessionState state,
        SessionSpec spec,
        TimeSpan resumeWindow,
        Moment now,
        DateTimeOffset? waitedUntil = null
    )
    {
        waitedUntil ??= state.WaitedUntil;
        switch (state.Phase)
        {
            case SessionPhase.New:
                return NeverStarted(state, spec, now);
            case SessionPhase.Starting when state.Waits:
                return Absence(state with { WaitedUntil = waitedUntil }, now) > resumeWindow
                    ? [EndAsInterrupted(state, FaultCode.NodeLost, resumeWindow, now)]
                    : BeginDecisions.Resume(
                        state,
                        Plan(state, state.Spec!, state.Attempt + 1, now),
                        now,
                        waitedUntil
                    );
            case SessionPhase.Starting or SessionPhase.Stopping:
                return Settle(state, now);
            case SessionPhase.Recording
            or SessionPhase.Resuming when Absence(state with { WaitedUntil = waitedUntil }, now) > resumeWindow:
                return [.. NodeLost(state, now), EndAsInterrupted(state, FaultCode.NodeLost, resumeWindow, now)];
            case SessionPhase.Recording
            or SessionPhase.Resuming when EndingDecisions.Overdue(state, now) is { } end:
                return [.. NodeLost(state, now), end];
            case SessionPhase.Recording or SessionPhase.Resuming:
                var attempt = state.Attempt + 1;
                return
                [
                    .. NodeLost(state, now),
                    new AttemptStarted(attempt, now.At, now.Node) { WaitedUntil = waitedUntil, NodeId = now.NodeId },
                    Plan(state, state.Spec!, attempt, now),
                ];
            default:
                return [];
        }
    }

    /// <summary>
    /// A session that is not to record again is found after its earlier incarnation went away. A start is given up,
    /// since its asker can no longer be told. A record that was being finalised is left to be repaired.
    /// </summary>
    public static ImmutableList<ISessionEvent> Settle(SessionState state, Moment now) =>
        state switch
        {
            // The session goes on waiting once the placement has resumed the session.
            { Waits: true } => [],
            { Phase: SessionPhase.Starting } =>
            [
                new FaultMet(FaultCode.NodeLost, NodeLostAtStart(state.Id), now.At, now.Node),
                new EndDecided(SessionPhase.Failed, FaultCode.NodeLost, NodeLostAtStart(state.Id), now.At, now.Node),
                new RecordingInterrupted(now.At, FaultCode.NodeLost, MediaEnded: true, now.At, now.Node),
            ],
            { Phase: SessionPhase.Stopping, Current: not null } =>
            [
                Interrupted(state, FaultCode.NodeLost, mediaEnded: true, now),
            ],
            _ => [],
        };

    /// <summary>The caller wants the session to end.</summary>
    /// <param name="state">The session.</param>
    /// <param name="alive">Whether this incarnation has been acting for the session; if not, the session's node went
    /// away before the stop.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Stop(SessionState state, bool alive, Moment now) =>
        state switch
        {
            { Phase: SessionPhase.New } or { Ended: true } => [],
            _ when !alive && state.Phase is SessionPhase.Starting or SessionPhase.Stopping && !state.Waits => Settle(
                state,
                now
            ),
            { Outcome: not null } => [],
            { Waits: true } when !alive => FailStart(
                state,
                FaultCode.StoppedAtStart,
                StoppedWhileWaiting(state.Id),
                now
            ),
            { Started: false } =>
            [
                new EndDecided(
                    SessionPhase.Failed,
                    FaultCode.StoppedAtStart,
                    $"Session {state.Id} was stopped before its first frame was written.",
                    now.At,
                    now.Node
                ),
            ],
            _ =>
            [
                .. alive ? [] : NodeLost(state, now),
                new EndDecided(SessionPhase.Stopped, null, null, now.At, now.Node),
            ],
        };

    /// <summary>The first frame was not written within the limit.</summary>
    public static ImmutableList<ISessionEvent> StartLimitPassed(SessionState state, TimeSpan limit, Moment now) =>
        state is { Phase: SessionPhase.Starting, Outcome: null }
        && (!state.Waits || state.BeginsAnyway)
            ? UndoStart(
                state,
                FaultCode.StartTimeout,
                $"Session {state.Id} wrote no frame within {limit.TotalSeconds:0.#} seconds and was undone.",
                now
            )
            : [];

    /// <summary>The media side was asked to undo the start and has not confirmed in time that nothing is left. The
    /// session ends without this confirmation.</summary>
    public static ImmutableList<ISessionEvent> UndoLimitPassed(SessionState state, Moment now) =>
        IsUndone(state) ? GiveUpCurrent(state, now) : [];

    /// <summary>The media child has reported something.</summary>
    public static ImmutableList<ISessionEvent> Hear(SessionState state, IMediaEvent heard, Moment now) =>
        heard switch
        {
            FirstFrameWritten e => FirstFrame(state, e, now),
            PortsBound e
                when e.RecordPath == state.Current
                    && state.Spec is RtpSessionSpec
                    && (state.Endpoint != e.Endpoint || state.Phase != SessionPhase.Recording) =>
            [
                new SessionPortsBound(e.Endpoint, e.At, now.Node),
            ],
            RecordGrew e => Grew(state, e, now),
            RecordFinished { RecordPath: null }
            or RecordUnrecoverable { RecordPath: null } when state.Current == SessionState.StreamOnly =>
            [
                new StreamingEnded(now.At, now.Node),
            ],
            RecordFinished { RecordPath: { } path } e when IsOpen(state, path) =>
            [
                new RecordClosed(path, e.Duration, e.Bytes, e.Repaired, now.At, now.Node) { Hls = e.Hls },
            ],

            // The session leaves this node and goes on waiting elsewhere.
            RecordUnrecoverable { RecordPath: var path } when state.Waits && KeyOf(path) == state.Current =>
                BeginDecisions.Drop(state, now),

            // Recording nothing is the purpose of an undone start, so this is no fault.
            RecordUnrecoverable { RecordPath: { } path } when IsUndone(state) && path == state.Current => GiveUpCurrent(
                state,
                now
            ),
            RecordUnrecoverable { RecordPath: { } path } e when IsOpen(state, path) =>
            [
                new FaultMet(e.Code, e.Message, now.At, now.Node),
                new RecordLost(path, e.Message, now.At, now.Node),
            ],

            RecordNotHere e
                when state.Records.Find(record => record.Path == e.RecordPath) is { Open: true } record
                    && record.Path != state.Current
                    && record.Away != e.Message => [new RecordWentAway(record.Path, e.Message, now.At, now.Node)],

            // A worker may have finalised its record before the worker was lost.
            WorkerLost e
                when KeyOf(e.RecordPath) == state.Current
                    || state is { Phase: SessionPhase.Recording, Current: null } => WritingLost(
                state,
                e.Code,
                e.Message,
                mediaEnded: false,
                now
            ),
            MediaFailed e when !state.Ended => WritingLost(state, e.Code, e.Message, mediaEnded: true, now),
            PageSays e => EndingDecisions.Hear(state, e, now),
            PageWaits e => BeginDecisions.Hear(state, e, now),
            PageMarks e => MarkDecisions.Hear(state, e, now),
            MarkFound e => MarkDecisions.Hear(state, e, now),
            BrowserLost e when state.Outcome is null => BrowserGone(state, e, now),
            PageTroubled e when state.Outcome is null => [new FaultMet(e.Code, e.Message, e.At, now.Node)],
            SoundMissed e when state.Outcome is null =>
            [
                new FaultMet(FaultCode.SoundFailed, e.Message, e.At, now.Node),
            ],
            BrowserRestored e when state.PictureGone => [new PictureRestored(e.At, now.Node)],
            SenderSilent e when state is { Outcome: null, Started: true, PictureGone: false } =>
            [
                new FaultMet(FaultCode.SenderSilent, e.Message, now.At, now.Node),
                new PictureLost(e.At, now.Node) { Code = FaultCode.SenderSilent },
            ],
            SenderIgnored e when state.Outcome is null =>
            [
                new FaultMet(FaultCode.SenderIgnored, e.Message, e.At, now.Node),
            ],
            ReceptionFailed e when state.Outcome is null =>
            [
                new FaultMet(FaultCode.PipelineFailed, e.Message, e.At, now.Node),
            ],
            SenderHeard e when state.PictureGone => [new PictureRestored(e.At, now.Node)],
            _ => [],
        };

    /// <summary>The next record after a worker or a media set was lost, if the session is still to record.</summary>
    public static ImmutableList<ISessionEvent> ResumeMedia(SessionState state, Moment now) =>
        state is { Phase: SessionPhase.Resuming, Current: null, Outcome: null } or { Waits: true, Current: null }
            ? [Plan(state, state.Spec!, state.Attempt, now)]
            : [];

    /// <summary>
    /// The next try after some wait. A session that has been trying for longer than the resume window ends as
    /// interrupted, like a session that was away for so long. A page that is gone for good must not hold its room for
    /// ever.
    /// </summary>
    public static ImmutableList<ISessionEvent> Retry(SessionState state, TimeSpan resumeWindow, Moment now)
    {
        var next = ResumeMedia(state, now);
        return !next.IsEmpty && Absence(state, now) > resumeWindow
            ? [EndAsInterrupted(state, state.Gaps.LastOrDefault()?.Code ?? FaultCode.PipelineFailed, resumeWindow, now)]
            : next;
    }

    /// <summary>The media side has died repeatedly while repairing these records. They are given up, so that the
    /// session can end.</summary>
    public static ImmutableList<ISessionEvent> GiveUpRepairs(
        SessionState state,
        IEnumerable<string> paths,
        Moment now
    ) =>
        [
            .. paths
                .Where(path => IsOpen(state, path) && path != state.Current)
                .Select(path => new RecordLost(
                    path,
                    "The media side ended unexpectedly each time it repaired this record.",
                    now.At,
                    now.Node
                )),
        ];

    /// <summary>The node is leaving: the session stands still until another node, or the next life of this node,
    /// resumes the session.</summary>
    /// <param name="state">The session.</param>
    /// <param name="alive">Whether this incarnation has been acting for the session, so that there is something to
    /// undo.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> LeaveNode(SessionState state, bool alive, Moment now) =>
        state switch
        {
            { Waits: true } => [],
            { Phase: SessionPhase.Starting } when alive => UndoStart(
                state,
                FaultCode.NodeLost,
                NodeLostAtStart(state.Id),
                now
            ),
            { Phase: SessionPhase.Starting } => FailStart(state, FaultCode.NodeLost, NodeLostAtStart(state.Id), now),
            { Phase: SessionPhase.Recording, Current: null } =>
            [
                Interrupted(state, FaultCode.NodeLost, mediaEnded: true, now),
            ],
            _ => [],
        };

    /// <summary>
    /// Whether the session can be handed over to another node: it records or streams a page, or waits for the
    /// beginning, and is not ending. An RTP session cannot move, because its ports belong to its host. </summary>
    public static bool MayHandOver(SessionState state) =>
        state is { Phase: SessionPhase.Recording, Lasting: true, CurrentOpened: true, Spec: PageSessionSpec }
        || state is { Waits: true, Current: not null };

    /// <summary>Whether the session can resume with a record that was begun for it.</summary>
    public static bool MayAdopt(SessionState state) =>
        state
            is { Phase: SessionPhase.Recording or SessionPhase.Resuming, Lasting: true, Spec: { WritesRecord: true } };

    /// <summary>
    /// The session resumes with a record that was begun on this node while the earlier record still grew. There is a
    /// gap only if the earlier node went away before the new record began.
    /// </summary>
    /// <param name="state">The session.</param>
    /// <param name="path">The record, which has its first frame.</param>
    /// <param name="openedAt">When the record got its first frame.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Adopt(
        SessionState state,
        string path,
        DateTimeOffset openedAt,
        Moment now
    ) =>
        [
            .. state.Current is null ? []
            : openedAt > state.LastEvidence ? NodeLost(state, now)
            : NodeLost(state, now).Take(1),
            new AttemptStarted(state.Attempt + 1, now.At, now.Node) { NodeId = now.NodeId },
            new RecordNamed(path, state.Attempt + 1, now.At, now.Node) { Folder = now.Folder },
            new RecordOpened(path, openedAt, now.Node),
        ];

    /// <summary>A record that was begun for the session but not adopted is added to the session's list,
    /// once.</summary>
    public static ImmutableList<ISessionEvent> List(SessionState state, RecordLeft left, Moment now) =>
        state.Phase == SessionPhase.New
        || state.Records.Exists(record => record.Path == left.Path && record.Node == left.Node)
            ? []
            :
            [
                new RecordFound(left.Path, left.Attempt, left.OpenedAt, left.Duration, left.Bytes, now.At, left.Node)
                {
                    Folder = left.Folder,
                },
            ];

    /// <summary>The farm's list does not know the session: the session ends, since no caller finds it any
    /// more.</summary>
    public static ImmutableList<ISessionEvent> Unlisted(SessionState state, Moment now) =>
        state is not { Phase: not SessionPhase.New, Outcome: null }
            ? []
            : UndoStart(
                state,
                FaultCode.NoSuchSession,
                $"The farm's database does not know session {state.Id}: it is another database, or an older copy. The session ends; its records stay on their nodes.",
                now
            );

    /// <summary>Ends a session whose end is decided and that has no open record any more.</summary>
    public static ImmutableList<ISessionEvent> EndWhenDone(SessionState state, Moment now) =>
        state is { Outcome: not null, Ended: false, Current: null } && !state.Unrepaired.Any()
            ? [new SessionEnded(now.At, now.Node)]
            : [];

    /// <summary>The form in which <see cref="SessionState.Current"/> names the record of a media event.</summary>
    public static string KeyOf(string? recordPath) => recordPath ?? SessionState.StreamOnly;

    /// <summary>What is to be produced next: the next record, or the streams alone in a session without
    /// records.</summary>
    private static ISessionEvent Plan(SessionState state, SessionSpec spec, int attempt, Moment now) =>
        spec.WritesRecord
            ? new RecordNamed(
                RecordPath.Next(now.RecordsFolder, state, spec.Container, now.At),
                attempt,
                now.At,
                now.Node
            )
            {
                Folder = now.Folder,
            }
            : new StreamingPlanned(attempt, now.At, now.Node);

    private static ImmutableList<ISessionEvent> FirstFrame(SessionState state, FirstFrameWritten first, Moment now)
    {
        if (KeyOf(first.RecordPath) != state.Current || state.CurrentOpened)
        {
            return [];
        }
        return
        [
            first.RecordPath is { } path
                ? new RecordOpened(path, first.At, now.Node)
                : new StreamingBegan(first.At, now.Node),
        ];
    }

    private static ImmutableList<ISessionEvent> Grew(SessionState state, RecordGrew grew, Moment now)
    {
        // An RTP session that awaits its sender has no frame yet, but is receiving all the same.
        var receiving = state is { Spec: RtpSessionSpec, Phase: SessionPhase.Recording };
        if (KeyOf(grew.RecordPath) != state.Current || !(state.CurrentOpened || receiving))
        {
            return [];
        }
        return
        [
            grew.RecordPath is { } path
                ? new RecordConfirmed(path, grew.FramesCaptured, grew.FramesDropped, grew.At, now.Node)
                {
                    FramesRecorded = grew.FramesRecorded,
                    Bytes = grew.Bytes > 0 ? grew.Bytes : null,
                }
                : new StreamingConfirmed(grew.FramesCaptured, grew.FramesDropped, grew.At, now.Node),
        ];
    }

    private static ImmutableList<ISessionEvent> WritingLost(
        SessionState state,
        string code,
        string message,
        bool mediaEnded,
        Moment now
    )
    {
        if (
            state.Waits
            && code is not (FaultCode.DiskFull or FaultCode.RecordsFolderUnavailable or FaultCode.PageTooLarge)
        )
        {
            return BeginDecisions.LoseMedia(state, code, message, now);
        }
        if (state.Phase == SessionPhase.Starting || (mediaEnded && IsUndone(state)))
        {
            return FailStart(state, code, message, now);
        }
        ImmutableList<ISessionEvent> lost = [new FaultMet(code, message, now.At, now.Node)];

        // Between two tries or during a repair nothing is being written, so there is nothing more to interrupt.
        if (state.Current is not null || state.Phase == SessionPhase.Recording)
        {
            lost = lost.Add(Interrupted(state, code, mediaEnded, now));
        }

        // Without disk space a new try is useless, and a page that takes too much would take as much again. The other
        // faults may pass, and a meeting comes only once.
        return
            state.Outcome is null
            && code is FaultCode.DiskFull or FaultCode.RecordsFolderUnavailable or FaultCode.PageTooLarge
            ? lost.Add(new EndDecided(SessionPhase.Failed, code, message, now.At, now.Node))
            : lost;
    }

    private static ImmutableList<ISessionEvent> BrowserGone(SessionState state, BrowserLost lost, Moment now)
    {
        var fault = new FaultMet(FaultCode.BrowserFailed, lost.Message, lost.At, now.Node);
        return state.Phase == SessionPhase.Starting || state.PictureGone
            ? [fault]
            : [fault, new PictureLost(lost.At, now.Node)];
    }

    private static ImmutableList<ISessionEvent> NodeLost(SessionState state, Moment now) =>
        [
            new FaultMet(
                FaultCode.NodeLost,
                state switch
                {
                    { Phase: SessionPhase.Recording, Current: null, Spec.WritesRecord: false } =>
                        $"Session {state.Id} was handed over by {state.Node}; what only streams is ended there before it begins elsewhere.",
                    { Phase: SessionPhase.Recording, Current: null } =>
                        $"Session {state.Id} was handed over by {state.Node}, and what was begun for it on its next node is not there.",
                    _ => $"The node {state.Node} went away while session {state.Id} was recording.",
                },
                now.At,
                now.Node
            ),
            Interrupted(state, FaultCode.NodeLost, mediaEnded: true, now),
        ];

    private static RecordingInterrupted Interrupted(SessionState state, string code, bool mediaEnded, Moment now) =>
        new(NothingKeptSince(state) ?? state.LastEvidence ?? now.At, code, mediaEnded, now.At, now.Node);

    /// <summary>A lost record keeps nothing of the recording, so the gap begins where that record began.</summary>
    private static DateTimeOffset? NothingKeptSince(SessionState state) =>
        state is { Current: null, Records: [.., { Lost: true, OpenedAt: { } opened }] } ? opened : null;

    private static TimeSpan Absence(SessionState state, Moment now)
    {
        var evidence = state.LastEvidence ?? state.PhaseSince;
        return now.At - (state.WaitedUntil > evidence ? state.WaitedUntil.Value : evidence);
    }

    private static EndDecided EndAsInterrupted(SessionState state, string code, TimeSpan resumeWindow, Moment now) =>
        new(
            SessionPhase.Interrupted,
            code,
            $"Session {state.Id} did not record for longer than the resume window of {resumeWindow.TotalMinutes:0.#} minutes.",
            now.At,
            now.Node
        );

    /// <summary>The session was admitted, and its start never arrived at the node that has room for it. No asker was
    /// told that the session records.</summary>
    private static ImmutableList<ISessionEvent> NeverStarted(SessionState state, SessionSpec spec, Moment now) =>
        [
            new SessionAccepted(state.Id, spec, now.At, now.Node),
            new EndDecided(SessionPhase.Failed, FaultCode.NodeLost, NodeLostAtStart(state.Id), now.At, now.Node),
        ];

    /// <summary>Gives up the start. Its record stays current until the media side has reported that nothing of the
    /// record is left.</summary>
    private static ImmutableList<ISessionEvent> UndoStart(
        SessionState state,
        string code,
        string message,
        Moment now
    ) =>
        [
            new FaultMet(code, message, now.At, now.Node),
            new EndDecided(SessionPhase.Failed, code, message, now.At, now.Node),
        ];

    /// <summary>Whether a start was given up, and no first frame crossed the decision.</summary>
    private static bool IsUndone(SessionState state) =>
        state is { Started: false, Ended: false, Outcome: not null, Current: not null, CurrentOpened: false };

    /// <summary>The media side of a start has failed and is gone.</summary>
    private static ImmutableList<ISessionEvent> FailStart(
        SessionState state,
        string code,
        string message,
        Moment now
    ) =>
        [
            new FaultMet(code, message, now.At, now.Node),
            .. state.Outcome is null
                ? new ISessionEvent[] { new EndDecided(SessionPhase.Failed, code, message, now.At, now.Node) }
                : [],
            .. GiveUpCurrent(state, now),
        ];

    private static ImmutableList<ISessionEvent> GiveUpCurrent(SessionState state, Moment now) =>
        state.Current switch
        {
            null => [],
            SessionState.StreamOnly => [new StreamingEnded(now.At, now.Node)],
            var current =>
            [
                new RecordLost(current, "The start was given up before its first frame.", now.At, now.Node),
            ],
        };

    private static bool IsOpen(SessionState state, string path) =>
        state.Records.Exists(record => record.Path == path && record.Open);

    private static string StoppedWhileWaiting(SessionId id) =>
        $"Session {id} was stopped before its first frame was written.";

    private static string NodeLostAtStart(SessionId id) =>
        $"The node of session {id} went away before the first frame was written; start it again.";
}
