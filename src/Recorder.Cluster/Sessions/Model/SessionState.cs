using System.Collections.Immutable;
using System.Globalization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A record as its session knows it.</summary>
internal sealed record RecordState(string Path, int Attempt, DateTimeOffset NamedAt)
{
    /// <summary>The node that wrote it, and holds the file.</summary>
    public string Node { get; init; } = "";

    public DateTimeOffset? OpenedAt { get; init; }

    public TimeSpan? Duration { get; init; }

    public long? Bytes { get; init; }

    public bool Repaired { get; init; }

    public bool Lost { get; init; }

    /// <summary>What its playlist holds, once it is closed and that is known.</summary>
    public HlsLength? Hls { get; init; }

    /// <summary>Whether it was begun for the session and taken into its list later: nobody has watched it.</summary>
    public bool Found { get; init; }

    /// <summary>Whether it opened before it was known how the record before it on another node ended.</summary>
    public bool Apart { get; init; }

    /// <summary>Whether its frames were ever counted: of one that was found later, or whose worker died at once, nobody
    /// knows them.</summary>
    public bool Counted { get; init; }

    public long FramesCaptured { get; init; }

    public long FramesRecorded { get; init; }

    public long FramesDropped { get; init; }

    /// <summary>When the file was final; null before, and of one that was closed before this was noted.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The newest faults that were met while this was the record that was written, or on the way to it;
    /// forgotten once the manifest is written.</summary>
    public ImmutableList<SessionFault> Faults { get; init; } = [];

    /// <summary>The SHA-256 that its manifest tells, or null.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Whether it gets no manifest.</summary>
    public bool ManifestGivenUp { get; init; }

    /// <summary>Whether it is finalised and its manifest is still to be written.</summary>
    public bool ManifestDue => Closed && !Lost && Sha256 is null && !ManifestGivenUp;

    /// <summary>Where else the record goes, once it is closed.</summary>
    public ImmutableList<DeliverySummary> Deliveries { get; init; } = [];

    public bool Closed => Duration is not null;

    /// <summary>Neither finalised nor given up.</summary>
    public bool Open => !Closed && !Lost;
}

/// <summary>How a session is to end.</summary>
internal sealed record SessionOutcome(SessionPhase Phase, string? Code, string? Message);

/// <summary>The state of a session: a pure fold of its events.</summary>
internal sealed record SessionState(SessionId Id)
{
    /// <summary>A session on a bad host must not grow its state for ever; the newest faults and gaps tell
    /// most.</summary>
    public const int FaultsKept = 100;

    /// <summary>What <see cref="Current"/> is while a session without a record is to stream: no path, since there is no
    /// file.</summary>
    public const string StreamOnly = "";

    /// <summary>The node this incarnation runs on, where only the records of this node can be repaired; null on a farm
    /// of one, which has them all.</summary>
    public string? Here { get; init; }

    public SessionPhase Phase { get; init; }

    public DateTimeOffset PhaseSince { get; init; }

    public SessionSpec? Spec { get; init; }

    public string Node { get; init; } = "";

    public int Attempt { get; init; }

    public ImmutableList<RecordState> Records { get; init; } = [];

    public ImmutableList<SessionFault> Faults { get; init; } = [];

    public ImmutableList<SessionGap> Gaps { get; init; } = [];

    /// <summary>The newest times in which the caller wanted the record's timeline to stand still.</summary>
    public ImmutableList<SessionPause> Pauses { get; init; } = [];

    /// <summary>The newest faults that were met since the last record ended: they belong to the next one, or to the
    /// last if there is none.</summary>
    public ImmutableList<SessionFault> FaultsBetween { get; init; } = [];

    /// <summary>The path of the record that is to be written now, <see cref="StreamOnly"/> without a record, or null
    /// for nothing.</summary>
    public string? Current { get; init; }

    /// <summary>Since when a session without a record streams, or null while it does not.</summary>
    public DateTimeOffset? StreamingSince { get; init; }

    /// <summary>The stream targets, each with the id of its output.</summary>
    public ImmutableList<StreamOutput> Targets { get; init; } = [];

    /// <summary>When the caller changed the stream targets last, or null.</summary>
    public DateTimeOffset? TargetsChangedAt { get; init; }

    /// <summary>How many stream targets the session has ever had: the number in the id that was given last.</summary>
    public int TargetsGiven { get; init; }

    /// <summary>Where an RTP session receives, once its ports were bound.</summary>
    public RtpEndpoint? Endpoint { get; init; }

    /// <summary>Since when the caller wants the record's timeline to stand still, or null.</summary>
    public DateTimeOffset? PausedSince { get; init; }

    /// <summary>The outputs as they were at the end.</summary>
    public ImmutableList<OutputSummary> FinalOutputs { get; init; } = [];

    /// <summary>The last moment at which a record was known to grow.</summary>
    public DateTimeOffset? LastEvidence { get; init; }

    /// <summary>Until when the session has waited for room on another node, or null.</summary>
    public DateTimeOffset? WaitedUntil { get; init; }

    /// <summary>Whether the browser is gone while the record goes on.</summary>
    public bool PictureGone { get; init; }

    /// <summary>
    /// Whether a first frame was ever told of, or an RTP session's ports were bound, which is what <c>started</c>
    /// means. One that crosses the decision to give the start up makes it no started session.
    /// </summary>
    public bool Started { get; init; }

    /// <summary>Set once it is decided that, and how, the session ends.</summary>
    public SessionOutcome? Outcome { get; init; }

    /// <summary>Whether the session has ended.</summary>
    public bool Ended => Phase is SessionPhase.Stopped or SessionPhase.Failed or SessionPhase.Interrupted;

    /// <summary>Whether anything was recorded: more than <see cref="Started"/>, since a repair may find frames nobody
    /// was told of.</summary>
    public bool EverRecorded => Started || Records.Exists(record => record.OpenedAt is not null);

    /// <summary>Whether the first frame of what is current was told of, so that the media side can be asked to change
    /// it.</summary>
    public bool CurrentOpened =>
        Current switch
        {
            null => false,
            StreamOnly => StreamingSince is not null,
            _ => Records.Exists(record => record.Path == Current && record.OpenedAt is not null),
        };

    /// <summary>Whether the session is to go on: it has started and its end is not decided.</summary>
    public bool Lasting => Started && Outcome is null && !Ended;

    /// <summary>Records of this node that nobody writes any more and that are not yet playable.</summary>
    public IEnumerable<RecordState> Unrepaired =>
        Records.Where(record => record.Open && record.Path != Current && (Here is null || record.Node == Here));

    /// <summary>Such records of a node, this or another.</summary>
    public IEnumerable<RecordState> UnrepairedOn(string node) =>
        Records.Where(record => record.Open && record.Path != Current && record.Node == node);

    public SessionState Apply(ISessionEvent happened) =>
        happened switch
        {
            SessionAccepted e => (
                this with
                {
                    Spec = e.Spec,
                    Node = e.Node,
                    Phase = SessionPhase.Starting,
                    PhaseSince = e.At,
                }
            ).GiveTargets(e.Spec),
            AttemptStarted e => this with
            {
                Attempt = e.Attempt,
                Node = e.Node,
                WaitedUntil = e.WaitedUntil ?? WaitedUntil,
            },
            RecordNamed e => this with
            {
                Current = e.Path,
                Records = Records.Add(
                    new RecordState(e.Path, e.Attempt, e.At) { Node = e.Node, Faults = FaultsBetween }
                ),
                FaultsBetween = [],
            },

            // A record that opens while the session is ending does not make it recording again.
            RecordOpened e => (Outcome is null ? Enter(SessionPhase.Recording, e.At) : this) with
            {
                Started = Started || Outcome is null,
                Records = Change(e.Path, record => record with { OpenedAt = e.At, Apart = Apart(record) }),
                LastEvidence = Later(e.At),
                Gaps = PictureGone ? Gaps : CloseGap(e.At),
            },
            RecordConfirmed e => this with
            {
                LastEvidence = Later(e.At),
                Records = Change(
                    e.Path,
                    record =>
                        record with
                        {
                            Counted = true,
                            FramesCaptured = e.FramesCaptured,
                            FramesRecorded = e.FramesRecorded ?? e.FramesCaptured,
                            FramesDropped = e.FramesDropped,
                        }
                ),
            },
            RecordClosed e => this with
            {
                Current = Current == e.Path ? null : Current,
                LastEvidence = e.Repaired ? LastEvidence : Later(e.At),
                Records = Change(
                    e.Path,
                    record =>
                        record with
                        {
                            // A repaired file may hold frames although its worker died before it could say so; its name
                            // has the nearest time.
                            OpenedAt = record.OpenedAt ?? record.NamedAt,
                            Duration = e.Duration,
                            Bytes = e.Bytes,
                            Repaired = e.Repaired,
                            Hls = e.Hls ?? record.Hls,
                            ClosedAt = e.At,
                        }
                ),
                Gaps = e.Repaired ? BeginGapAtTheEndOf(e) : Gaps,
            },
            RecordFound e => this with
            {
                Records = Records.Insert(
                    Records.FindLastIndex(record => (record.OpenedAt ?? record.NamedAt) <= e.OpenedAt) + 1,
                    new RecordState(e.Path, e.Attempt, e.OpenedAt)
                    {
                        Node = e.Node,
                        OpenedAt = e.OpenedAt,
                        Duration = e.Duration,
                        Bytes = e.Bytes,
                        Found = true,
                    }
                ),
                Gaps = e.Duration is { } duration ? GapsOutside(e.OpenedAt, e.OpenedAt + duration) : Gaps,
            },
            ManifestWritten e => this with
            {
                Records = Change(e.Path, record => record with { Sha256 = e.Sha256, Faults = [] }),
            },
            ManifestGivenUp e => this with
            {
                Records = Change(e.Path, record => record with { ManifestGivenUp = true, Faults = [] }),
            },
            IDeliveryEvent e => this with { Records = RecordDeliveries.Apply(Records, e) },
            StreamingPlanned => this with { Current = StreamOnly, StreamingSince = null },
            StreamingBegan e => (Outcome is null ? Enter(SessionPhase.Recording, e.At) : this) with
            {
                Started = Started || Outcome is null,
                StreamingSince = e.At,
                LastEvidence = Later(e.At),
                Gaps = PictureGone ? Gaps : CloseGap(e.At),
            },
            StreamingConfirmed e => this with { LastEvidence = Later(e.At) },
            StreamingEnded e => this with
            {
                Current = Current == StreamOnly ? null : Current,
                LastEvidence = StreamingSince is null ? LastEvidence : Later(e.At),
                StreamingSince = null,
            },
            TargetsChanged e => this with
            {
                Targets = e.Targets,
                TargetsChangedAt = e.At,
                TargetsGiven = Math.Max(TargetsGiven, e.Targets.Select(NumberOf).DefaultIfEmpty().Max()),
            },
            SessionPortsBound e => (Outcome is null ? Enter(SessionPhase.Recording, e.At) : this) with
            {
                Started = Started || Outcome is null,
                Endpoint = e.Endpoint,
                LastEvidence = Later(e.At),
            },
            RecordingPaused e => this with
            {
                PausedSince = PausedSince ?? e.At,
                Pauses = PausedSince is null ? Newest(Pauses.Add(new SessionPause(e.At, null))) : Pauses,
            },
            RecordingUnpaused e => this with { PausedSince = null, Pauses = EndPause(e.At) },
            RecordLost e => this with
            {
                Current = Current == e.Path ? null : Current,
                Records = Change(e.Path, record => record with { Lost = true }),
            },
            FaultMet e => Meet(new SessionFault(e.At, e.Node, e.Code, e.Message)),
            RecordingInterrupted e => Enter(Outcome is null ? SessionPhase.Resuming : SessionPhase.Stopping, e.At) with
            {
                Current = null,
                StreamingSince = null,

                // A browser outlives its worker; the next worker that receives RTP looks after its sender anew.
                PictureGone = PictureGone && !e.MediaEnded && Spec is not RtpSessionSpec,

                // Once the end is decided, nothing should have been recorded any more.
                Gaps = Outcome is null ? OpenGap(e.From, e.Code) : Gaps,
            },
            PictureLost e => this with { PictureGone = true, Gaps = OpenGap(e.At, e.Code ?? FaultCode.BrowserFailed) },

            // Without a record the picture alone ends no gap.
            PictureRestored e => this with
            {
                PictureGone = false,
                Gaps = Phase == SessionPhase.Recording ? CloseGap(e.At) : Gaps,
            },
            EndDecided e => Enter(SessionPhase.Stopping, e.At) with
            {
                Outcome = new SessionOutcome(e.Outcome, e.Code, e.Message),
                Gaps = CloseGap(e.At),
            },
            SessionEnded e => Enter(Outcome?.Phase ?? SessionPhase.Stopped, e.At) with
            {
                Current = null,
                StreamingSince = null,
                PausedSince = null,
                Pauses = EndPause(e.At),
                Records = GiveFaultsToTheLastRecord(),
                FaultsBetween = [],
                FinalOutputs = e.Outputs,
            },
            _ => throw new ArgumentOutOfRangeException(
                nameof(happened),
                happened.GetType(),
                "A session does not know this event."
            ),
        };

    public SessionSummary Summarise() =>
        new(
            Id,
            Phase,
            PhaseSince,
            Node,
            Attempt,
            Spec ?? throw new InvalidOperationException($"Session {Id} has no spec yet."),
            [
                .. Records
                    .Where(record => !record.Lost)
                    .Select(record => new RecordSummary(
                        record.Path,
                        record.Attempt,
                        record.Closed,
                        record.OpenedAt,
                        record.Duration,
                        record.Bytes,
                        record.Repaired,
                        record.FramesCaptured,
                        record.FramesDropped
                    )
                    {
                        Node = record.Node,
                        Hls = record.Hls,
                        Found = record.Found,
                        Apart = record.Apart || Before(record) is { Lost: true },
                        LostSince = LostSince(record),
                        Sha256 = record.Sha256,
                        ManifestDue = record.ManifestDue,
                        Deliveries = record.Deliveries,
                    }),
            ],
            Faults,
            Gaps
        )
        {
            EverRecorded = EverRecorded,
            Outputs = FinalOutputs,
            Endpoint = Endpoint,
            PausedSince = PausedSince,
        };

    /// <summary>The id of the output of a session's nth target.</summary>
    /// <param name="number">From 1.</param>
    public static string TargetId(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{TargetIdPrefix}{number}");

    private const string TargetIdPrefix = "target-";

    private static int NumberOf(StreamOutput output) =>
        int.Parse(output.Id.AsSpan(TargetIdPrefix.Length), CultureInfo.InvariantCulture);

    private SessionState GiveTargets(SessionSpec spec)
    {
        var targets = spec is PageSessionSpec page ? page.StreamTargets : [];
        return this with
        {
            Targets = [.. targets.Select((target, index) => new StreamOutput(TargetId(index + 1), target))],
            TargetsGiven = targets.Count,
        };
    }

    private SessionState Meet(SessionFault fault)
    {
        var met = this with { Faults = Newest(Faults.Add(fault)) };
        return Current is null or StreamOnly
            ? met with
            {
                FaultsBetween = Newest(FaultsBetween.Add(fault)),
            }
            : met with
            {
                Records = Change(Current, record => record with { Faults = Newest(record.Faults.Add(fault)) }),
            };
    }

    private ImmutableList<RecordState> GiveFaultsToTheLastRecord() =>
        Records.FindLast(record => !record.Lost) is { } last && !FaultsBetween.IsEmpty
            ? Change(
                last.Path,
                record => record with { Faults = [.. record.Faults.Concat(FaultsBetween).TakeLast(FaultsKept)] }
            )
            : Records;

    private ImmutableList<SessionPause> EndPause(DateTimeOffset at) =>
        Pauses is [.., { To: null } open]
            ? Pauses.SetItem(Pauses.Count - 1, open with { To = at < open.From ? open.From : at })
            : Pauses;

    private static ImmutableList<T> Newest<T>(ImmutableList<T> list) =>
        list.Count > FaultsKept ? list.RemoveAt(0) : list;

    private SessionState Enter(SessionPhase phase, DateTimeOffset at) =>
        phase == Phase ? this : this with { Phase = phase, PhaseSince = at };

    private ImmutableList<RecordState> Change(string path, Func<RecordState, RecordState> change)
    {
        var index = Records.FindIndex(record => record.Path == path);
        return index < 0 ? Records : Records.SetItem(index, change(Records[index]));
    }

    /// <summary>The record that was watched before this one, or null.</summary>
    private RecordState? Before(RecordState record) => WatchedBefore(record).FirstOrDefault();

    /// <summary>When the first of the records was opened that were watched and lost just before this one, or
    /// null.</summary>
    private DateTimeOffset? LostSince(RecordState record) =>
        WatchedBefore(record).TakeWhile(other => other.Lost).LastOrDefault()?.OpenedAt;

    /// <summary>The records that were watched before this one, the latest first.</summary>
    private IEnumerable<RecordState> WatchedBefore(RecordState record) =>
        Records.Take(Records.IndexOf(record)).Reverse().Where(other => other is { OpenedAt: not null, Found: false });

    /// <summary>Whether a record that opens now does so before it is known how one of another node ended. One of this
    /// node has been left by its worker, and grows no more.</summary>
    private bool Apart(RecordState record) => Before(record) is { Closed: false } before && before.Node != record.Node;

    private DateTimeOffset Later(DateTimeOffset at) => LastEvidence is { } last && last > at ? last : at;

    // The clocks of two nodes differ, and evidence is seconds old: a gap neither reaches into the one before nor ends
    // before it begins.
    private ImmutableList<SessionGap> OpenGap(DateTimeOffset from, string code) =>
        Gaps switch
        {
            [.., { To: null }] => Gaps,
            [.., { To: { } end }] when end > from => Newest(Gaps.Add(new SessionGap(end, null, code))),
            _ => Newest(Gaps.Add(new SessionGap(from, null, code))),
        };

    private ImmutableList<SessionGap> CloseGap(DateTimeOffset at) =>
        Gaps is [.., { To: null } open]
            ? Gaps.SetItem(Gaps.Count - 1, open with { To = at < open.From ? open.From : at })
            : Gaps;

    // Evidence is kept every few seconds only; the repaired file itself tells where its recording ended. A gap that
    // began with the picture is not shortened by frames that show none.
    private ImmutableList<SessionGap> BeginGapAtTheEndOf(RecordClosed closed)
    {
        if (Records.Find(record => record.Path == closed.Path) is not { } record)
        {
            return Gaps;
        }
        var begin = record.OpenedAt ?? record.NamedAt;
        var end = begin + closed.Duration;

        // Only a record that was begun before it was taken up, in a hand-over, was written beside the one before.
        if (Records.Exists(other => other.OpenedAt < other.NamedAt && other.OpenedAt > begin && other.OpenedAt < end))
        {
            return GapsOutside(begin, end);
        }
        var index = Gaps.FindLastIndex(gap =>
            gap.From < end && (gap.To is null || end < gap.To) && gap.Code != FaultCode.BrowserFailed
        );
        return index < 0 ? Gaps : Gaps.SetItem(index, Gaps[index] with { From = end });
    }

    // Evidence of a node that died is seconds old: what another record shows of the time after it is no gap.
    private ImmutableList<SessionGap> GapsOutside(DateTimeOffset begin, DateTimeOffset end) =>
        [
            .. Gaps.SelectMany(gap =>
                gap.Code != FaultCode.NodeLost || gap.From >= end || gap.To <= begin
                    ? [gap]
                    : new[] { gap with { To = begin }, gap with { From = end } }.Where(part =>
                        part.To is null || part.To > part.From
                    )
            ),
        ];
}
