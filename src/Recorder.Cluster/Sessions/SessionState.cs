using System.Collections.Immutable;

namespace Recorder.Cluster.Sessions;

/// <summary>A record as its session knows it.</summary>
internal sealed record RecordState(string Path, int Attempt, DateTimeOffset NamedAt)
{
    public DateTimeOffset? OpenedAt { get; init; }

    public TimeSpan? Duration { get; init; }

    public long? Bytes { get; init; }

    public bool Repaired { get; init; }

    public bool Lost { get; init; }

    public long FramesCaptured { get; init; }

    public long FramesDropped { get; init; }

    public bool Closed => Duration is not null;

    /// <summary>Neither finalised nor given up.</summary>
    public bool Open => !Closed && !Lost;
}

/// <summary>How a session is to end.</summary>
internal sealed record SessionOutcome(SessionPhase Phase, string? Code, string? Message);

/// <summary>The state of a session: a pure fold of its events.</summary>
internal sealed record SessionState(SessionId Id)
{
    /// <summary>A session on a bad host must not grow its state for ever; the newest faults and gaps tell most.</summary>
    public const int FaultsKept = 100;

    public SessionPhase Phase { get; init; }

    public DateTimeOffset PhaseSince { get; init; }

    public SessionSpec? Spec { get; init; }

    public string Node { get; init; } = "";

    public int Attempt { get; init; }

    public ImmutableList<RecordState> Records { get; init; } = [];

    public ImmutableList<SessionFault> Faults { get; init; } = [];

    public ImmutableList<SessionGap> Gaps { get; init; } = [];

    /// <summary>The record that is to be written now, or null.</summary>
    public string? Current { get; init; }

    /// <summary>The last moment at which a record was known to grow.</summary>
    public DateTimeOffset? LastEvidence { get; init; }

    /// <summary>Whether the browser is gone while the record goes on.</summary>
    public bool PictureGone { get; init; }

    /// <summary>Whether a first frame was ever told of, which is what <c>started</c> means.</summary>
    public bool Started { get; init; }

    /// <summary>Set once it is decided that, and how, the session ends.</summary>
    public SessionOutcome? Outcome { get; init; }

    /// <summary>Whether the session has ended.</summary>
    public bool Ended => Phase is SessionPhase.Stopped or SessionPhase.Failed or SessionPhase.Interrupted;

    /// <summary>Whether anything was recorded: more than <see cref="Started"/>, since a repair may find frames nobody was told of.</summary>
    public bool EverRecorded => Records.Exists(record => record.OpenedAt is not null);

    /// <summary>Records that nobody writes any more and that are not yet playable.</summary>
    public IEnumerable<RecordState> Unrepaired => Records.Where(record => record.Open && record.Path != Current);

    public SessionState Apply(ISessionEvent happened) => happened switch
    {
        SessionAccepted e => this with { Spec = e.Spec, Node = e.Node, Phase = SessionPhase.Starting, PhaseSince = e.At },
        AttemptStarted e => this with { Attempt = e.Attempt, Node = e.Node },
        RecordNamed e => this with { Current = e.Path, Records = Records.Add(new RecordState(e.Path, e.Attempt, e.At)) },

        // A record that opens while the session is ending does not make it recording again.
        RecordOpened e => (Outcome is null ? Enter(SessionPhase.Recording, e.At) : this) with
        {
            Started = true,
            Records = Change(e.Path, record => record with { OpenedAt = e.At }),
            LastEvidence = Later(e.At),
            Gaps = PictureGone ? Gaps : CloseGap(e.At),
        },
        RecordConfirmed e => this with
        {
            LastEvidence = Later(e.At),
            Records = Change(e.Path, record => record with { FramesCaptured = e.FramesCaptured, FramesDropped = e.FramesDropped }),
        },
        RecordClosed e => this with
        {
            Current = Current == e.Path ? null : Current,
            LastEvidence = e.Repaired ? LastEvidence : Later(e.At),
            Records = Change(e.Path, record => record with
            {
                // A repaired file may hold frames although its worker died before it could say so; its name has the nearest time.
                OpenedAt = record.OpenedAt ?? record.NamedAt,
                Duration = e.Duration,
                Bytes = e.Bytes,
                Repaired = e.Repaired,
            }),
            Gaps = e.Repaired ? BeginGapAtTheEndOf(e) : Gaps,
        },
        RecordLost e => this with
        {
            Current = Current == e.Path ? null : Current,
            Records = Change(e.Path, record => record with { Lost = true }),
        },
        FaultMet e => this with { Faults = Newest(Faults.Add(new SessionFault(e.At, e.Node, e.Code, e.Message))) },
        RecordingInterrupted e => Enter(Outcome is null ? SessionPhase.Resuming : SessionPhase.Stopping, e.At) with
        {
            Current = null,
            PictureGone = PictureGone && !e.MediaEnded,

            // Once the end is decided, nothing should have been recorded any more.
            Gaps = Outcome is null ? OpenGap(e.From, e.Code) : Gaps,
        },
        PictureLost e => this with { PictureGone = true, Gaps = OpenGap(e.At, FaultCode.BrowserFailed) },

        // Without a record the picture alone ends no gap.
        PictureRestored e => this with { PictureGone = false, Gaps = Phase == SessionPhase.Recording ? CloseGap(e.At) : Gaps },
        EndDecided e => Enter(SessionPhase.Stopping, e.At) with
        {
            Outcome = new SessionOutcome(e.Outcome, e.Code, e.Message),
            Gaps = CloseGap(e.At),
        },
        SessionEnded e => Enter(Outcome?.Phase ?? SessionPhase.Stopped, e.At) with { Current = null },
        _ => throw new ArgumentOutOfRangeException(nameof(happened), happened.GetType(), "A session does not know this event."),
    };

    public SessionSummary Summarise() => new(
        Id,
        Phase,
        PhaseSince,
        Node,
        Attempt,
        Spec ?? throw new InvalidOperationException($"Session {Id} has no spec yet."),
        [.. Records.Where(record => !record.Lost).Select(record => new RecordSummary(
            record.Path,
            record.Attempt,
            record.Closed,
            record.OpenedAt,
            record.Duration,
            record.Bytes,
            record.Repaired,
            record.FramesCaptured,
            record.FramesDropped))],
        Faults,
        Gaps)
    {
        EverRecorded = EverRecorded,
    };

    private static ImmutableList<T> Newest<T>(ImmutableList<T> list) => list.Count > FaultsKept ? list.RemoveAt(0) : list;

    private SessionState Enter(SessionPhase phase, DateTimeOffset at) => phase == Phase ? this : this with { Phase = phase, PhaseSince = at };

    private ImmutableList<RecordState> Change(string path, Func<RecordState, RecordState> change)
    {
        var index = Records.FindIndex(record => record.Path == path);
        return index < 0 ? Records : Records.SetItem(index, change(Records[index]));
    }

    private DateTimeOffset Later(DateTimeOffset at) => LastEvidence is { } last && last > at ? last : at;

    // The clocks of two nodes differ, and evidence is seconds old: a gap neither reaches into the one before nor ends before it begins.
    private ImmutableList<SessionGap> OpenGap(DateTimeOffset from, string code) => Gaps switch
    {
        [.., { To: null }] => Gaps,
        [.., { To: { } end }] when end > from => Newest(Gaps.Add(new SessionGap(end, null, code))),
        _ => Newest(Gaps.Add(new SessionGap(from, null, code))),
    };

    private ImmutableList<SessionGap> CloseGap(DateTimeOffset at) =>
        Gaps is [.., { To: null } open] ? Gaps.SetItem(Gaps.Count - 1, open with { To = at < open.From ? open.From : at }) : Gaps;

    // Evidence is kept every few seconds only; the repaired file itself tells where its recording ended. A gap that began with the
    // picture is not shortened by frames that show none.
    private ImmutableList<SessionGap> BeginGapAtTheEndOf(RecordClosed closed)
    {
        if (Records.Find(record => record.Path == closed.Path) is not { } record) return Gaps;
        var end = (record.OpenedAt ?? record.NamedAt) + closed.Duration;
        var index = Gaps.FindLastIndex(gap => gap.From < end && (gap.To is null || end < gap.To) && gap.Code != FaultCode.BrowserFailed);
        return index < 0 ? Gaps : Gaps.SetItem(index, Gaps[index] with { From = end });
    }
}
