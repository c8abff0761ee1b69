using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>How a session is to end.</summary>
internal sealed record SessionOutcome(SessionPhase Phase, string? Code, string? Message)
{
    /// <summary>Which rule ended the session; null when no rule did.</summary>
    [AddedLater]
    public string? Reason { get; init; }
}

/// <summary>The state of a session, from which a recovery goes on in place of all earlier events.</summary>
/// <param name="State">The state. A property that comes later is marked by <see cref="AddedLaterAttribute"/>.</param>
/// <param name="NewsVersion">The number of the newest event that is news to the farm's list.</param>
[Wire("session-snapshot:1")]
internal sealed record SessionSnapshot(SessionState State, long NewsVersion) : IWireMessage;

/// <summary>The state of a session: a pure fold of its events.</summary>
internal sealed record SessionState(SessionId Id)
{
    /// <summary>How many faults, gaps and pauses are kept. A session on a bad host must not grow its state for ever,
    /// and the newest tell most.</summary>
    public const int FaultsKept = 100;

    /// <summary>The value of <see cref="Current"/> while a session without a record is to stream. There is no path,
    /// because there is no file.</summary>
    public const string StreamOnly = "";

    /// <summary>The node of this incarnation, which can repair only the records of its own node. Null on a farm of
    /// one, whose node has all records.</summary>
    [JsonIgnore]
    public string? Here { get; init; }

    public SessionPhase Phase { get; init; }

    public DateTimeOffset PhaseSince { get; init; }

    public SessionSpec? Spec { get; init; }

    /// <summary>When the session was accepted, or null before.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    public string Node { get; init; } = "";

    public int Attempt { get; init; }

    public ImmutableList<RecordState> Records { get; init; } = [];

    public ImmutableList<SessionFault> Faults { get; init; } = [];

    public ImmutableList<SessionGap> Gaps { get; init; } = [];

    /// <summary>The newest times in which the caller wanted the record's timeline to stand still.</summary>
    public ImmutableList<SessionPause> Pauses { get; init; } = [];

    /// <summary>The newest faults met since the last record ended. They belong to the next record, or to the last
    /// record if no other follows.</summary>
    public ImmutableList<SessionFault> FaultsBetween { get; init; } = [];

    /// <summary>The path of the record that is to be written now; <see cref="StreamOnly"/> when the session only
    /// streams; null when nothing is to be written.</summary>
    public string? Current { get; init; }

    /// <summary>Since when a session without a record streams, or null while it does not.</summary>
    public DateTimeOffset? StreamingSince { get; init; }

    /// <summary>The stream targets, each with the id of its output.</summary>
    public ImmutableList<StreamOutput> Targets { get; init; } = [];

    /// <summary>When the caller last changed the stream targets, or null.</summary>
    public DateTimeOffset? TargetsChangedAt { get; init; }

    /// <summary>How many stream targets the session has ever had. The newest target id has this number.</summary>
    public int TargetsGiven { get; init; }

    /// <summary>Where an RTP session receives, once its ports are bound.</summary>
    public RtpEndpoint? Endpoint { get; init; }

    /// <summary>Since when the caller wants the record's timeline to stand still, or null.</summary>
    public DateTimeOffset? PausedSince { get; init; }

    /// <summary>The outputs as they were at the end.</summary>
    public ImmutableList<OutputSummary> FinalOutputs { get; init; } = [];

    /// <summary>The last moment at which a record was known to grow.</summary>
    public DateTimeOffset? LastEvidence { get; init; }

    /// <summary>Until when the session has waited for room on another node, or null.</summary>
    public DateTimeOffset? WaitedUntil { get; init; }

    /// <summary>Whether the browser is gone while the record continues.</summary>
    public bool PictureGone { get; init; }

    /// <summary>Since when the sender is silent; null while something comes, and for a page.</summary>
    [AddedLater]
    public DateTimeOffset? SilentSenderSince { get; init; }

    /// <summary>
    /// Whether the session counts as <c>started</c>: a first frame was reported, or an RTP session's ports were
    /// bound. A first frame that crosses the decision to give the start up does not count.
    /// </summary>
    public bool Started { get; init; }

    /// <summary>How the session ends, once that is decided; else null.</summary>
    public SessionOutcome? Outcome { get; init; }

    /// <summary>When the session counted as started; null before, and in a snapshot of an earlier version.</summary>
    [AddedLater]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How long the record's timeline stood still at the caller's wish, in all pauses that are over; null:
    /// never.</summary>
    [AddedLater]
    public TimeSpan? PausedInAll { get; init; }

    /// <summary>The rules by which the session ends, once they were changed; null: those of the spec.</summary>
    [AddedLater]
    public EndRules? ChangedEndRules { get; init; }

    /// <summary>The conditions that end the session if they go on.</summary>
    [AddedLater]
    public ImmutableList<HeldCondition> Holding { get; init; } = [];

    /// <summary>The end that the session has announced; null when none is announced, and after a change that may move
    /// the end.</summary>
    [AddedLater]
    public DateTimeOffset? EndsSoon { get; init; }

    /// <summary>How the session waits for the beginning of its record; null when the page is not shown yet, and once
    /// the record has begun.</summary>
    [AddedLater]
    public BeginWait? Wait { get; init; }

    /// <summary>Whether the record is to begin although nothing has begun the record in time.</summary>
    [AddedLater]
    public bool BeginsAnyway { get; init; }

    /// <summary>The marked moments, in the order in which they were given.</summary>
    [AddedLater]
    public ImmutableList<SessionMark> Marks { get; init; } = [];

    /// <summary>When the record of the page is to begin; null: as soon as the page is shown.</summary>
    [JsonIgnore]
    public BeginRule? Begin => (Spec as PageSessionSpec)?.Begin;

    /// <summary>Whether the page is shown and the record waits for its beginning. Such a session goes on waiting
    /// whatever is lost.</summary>
    [JsonIgnore]
    public bool Waits => this is { Phase: SessionPhase.Starting, Wait: not null, Started: false, Outcome: null };

    /// <summary>Since when the sender is silent. A snapshot of an earlier version has that time in the open gap
    /// alone.</summary>
    [JsonIgnore]
    public DateTimeOffset? SenderSilentFrom =>
        SilentSenderSince
        ?? (
            this is { PictureGone: true, Gaps: [.., { To: null, Code: FaultCode.SenderSilent } gap] } ? gap.From : null
        );

    /// <summary>The rules by which the session ends by itself.</summary>
    [JsonIgnore]
    public EndRules EndRules => ChangedEndRules ?? Spec?.End ?? EndRules.None;

    /// <summary>When the session began to record or to receive. For a snapshot of an earlier version, which lacks that
    /// time: the nearest known time.</summary>
    [JsonIgnore]
    public DateTimeOffset? BeganAt =>
        StartedAt ?? (Started ? Records.Min(record => record.OpenedAt) ?? AcceptedAt : null);

    /// <summary>How long the record's timeline stood still in all pauses that are over.</summary>
    [JsonIgnore]
    public TimeSpan PausedFor => PausedInAll ?? TimeSpan.Zero;

    /// <summary>Why the session ends or has ended, once that is decided: one of <see cref="EndReason"/> or
    /// <see cref="FaultCode"/>.</summary>
    [JsonIgnore]
    public string? EndReason =>
        Outcome is null ? null
        : Outcome.Reason
            ?? Outcome.Code
            ?? (Outcome.Phase == SessionPhase.Stopped ? Model.EndReason.Requested : null);

    /// <summary>Whether the session has ended.</summary>
    [JsonIgnore]
    public bool Ended => Phase is SessionPhase.Stopped or SessionPhase.Failed or SessionPhase.Interrupted;

    /// <summary>Whether the session has ended, and nothing is left to do for its records: no repair, no manifest, no
    /// delivery, no erasing.</summary>
    [JsonIgnore]
    public bool Settled =>
        Ended
        && !Records.Exists(record =>
            record.Open
            || record.ManifestDue
            || record.ErasingDue
            || record.Deliveries.Exists(delivery => delivery.Open)
        );

    /// <summary>Whether anything was recorded. Wider than <see cref="Started"/>, because a repair may find frames
    /// that were never reported.</summary>
    [JsonIgnore]
    public bool EverRecorded => Started || Records.Exists(record => record.OpenedAt is not null);

    /// <summary>Whether the current record or stream has its first frame, so that the media side can be asked to
    /// change it.</summary>
    [JsonIgnore]
    public bool CurrentOpened =>
        Current switch
        {
            null => false,
            StreamOnly => StreamingSince is not null,
            _ => Records.Exists(record => record.Path == Current && record.OpenedAt is not null),
        };

    /// <summary>Whether the session is to run on: it has started and its end is not decided.</summary>
    [JsonIgnore]
    public bool Lasting => Started && Outcome is null && !Ended;

    /// <summary>The records, each with its number. A snapshot of an earlier version has no numbers; its records are
    /// numbered by their place.</summary>
    [JsonIgnore]
    public ImmutableList<RecordState> Numbered =>
        Records.Exists(record => record.Number == 0)
            ? [.. Records.Select((record, index) => record.Number > 0 ? record : record with { Number = index + 1 })]
            : Records;

    private int NextNumber => Records.IsEmpty ? 1 : Math.Max(Records.Count, Records.Max(record => record.Number)) + 1;

    /// <summary>Records of this node that are no longer being written and not yet playable.</summary>
    [JsonIgnore]
    public IEnumerable<RecordState> Unrepaired =>
        Records.Where(record =>
            record is { Open: true, Away: null } && record.Path != Current && (Here is null || record.Node == Here)
        );

    /// <summary>Unrepaired records that a node should hold, this node or another.</summary>
    /// <param name="node">The node's address.</param>
    /// <param name="folders">The ids of the node's records folder; none when they are not known.</param>
    public IEnumerable<RecordState> UnrepairedOn(string node, ImmutableList<FolderId> folders) =>
        Records.Where(record => record.Open && record.Path != Current && record.IsHeldBy(node, folders));

    public SessionState Apply(ISessionEvent happened) =>
        happened switch
        {
            SessionAccepted e => (
                this with
                {
                    Spec = e.Spec,
                    AcceptedAt = e.At,
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
                Records = Numbered.Add(
                    new RecordState(e.Path, e.Attempt, e.At)
                    {
                        Number = NextNumber,
                        Node = e.Node,
                        Folder = e.Folder,
                        Faults = FaultsBetween,
                    }
                ),
                FaultsBetween = [],
            },

            // A record that opens while the session is ending does not bring the session back to recording.
            RecordOpened e => (Outcome is null ? Enter(SessionPhase.Recording, e.At) : this) with
            {
                Started = Started || Outcome is null,
                StartedAt = BeganAt ?? e.At,
                Wait = null,
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
                            BytesSeen = e.Bytes ?? record.BytesSeen,
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
                            // A repaired file may hold frames although its worker died before reporting any. The time
                            // in the file's name is the nearest known time.
                            OpenedAt = record.OpenedAt ?? record.NamedAt,
                            Duration = e.Duration,
                            Bytes = e.Bytes,
                            Repaired = e.Repaired,
                            Hls = e.Hls ?? record.Hls,
                            ClosedAt = e.At,
                            Away = null,
                        }
                ),
                Gaps = e.Repaired ? BeginGapAtTheEndOf(e) : Gaps,
            },
            RecordFound e => this with
            {
                Records = Numbered.Insert(
                    Records.FindLastIndex(record => (record.OpenedAt ?? record.NamedAt) <= e.OpenedAt) + 1,
                    new RecordState(e.Path, e.Attempt, e.OpenedAt)
                    {
                        Number = NextNumber,
                        Node = e.Node,
                        Folder = e.Folder,
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
            IKeepingEvent e => this with { Records = RecordKeeping.Apply(Records, e) },
            SessionRecalled e => RecalledSession.Of(this, e.Summary),
            StreamingPlanned => this with { Current = StreamOnly, StreamingSince = null },
            StreamingBegan e => (Outcome is null ? Enter(SessionPhase.Recording, e.At) : this) with
            {
                Started = Started || Outcome is null,
                StartedAt = BeganAt ?? e.At,
                Wait = null,
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
            // People hear of the change; the figures of the outputs are live and not in the journal.
            OutputStateChanged => this,
            SessionPortsBound e => (Outcome is null ? Enter(SessionPhase.Recording, e.At) : this) with
            {
                Started = Started || Outcome is null,
                StartedAt = BeganAt ?? e.At,
                Endpoint = e.Endpoint,
                LastEvidence = Later(e.At),
            },
            RecordingPaused e => this with
            {
                PausedSince = PausedSince ?? e.At,
                EndsSoon = null,
                Pauses = PausedSince is null ? Newest(Pauses.Add(new SessionPause(e.At, null))) : Pauses,
            },
            RecordingUnpaused e => this with
            {
                PausedSince = null,
                Holding = Holding.ConvertAll(held =>
                    PausedSince is { } from && e.At > from
                        ? held with
                        {
                            Since = held.Since + (e.At - (held.Since > from ? held.Since : from)),
                        }
                        : held
                ),
                PausedInAll = PausedSince is { } since && e.At > since ? PausedFor + (e.At - since) : PausedInAll,
                Pauses = EndPause(e.At),
            },
            PageChanged e when Spec is PageSessionSpec page => this with { Spec = page.With(e.Change) },
            EndRulesChanged e => this with
            {
                // A condition of a rule that is gone or another now holds no more.
                Holding = Holding.RemoveAll(held => !e.Rules.HasSame(held.Reason, EndRules)),
                ChangedEndRules = e.Rules,
                EndsSoon = null,
            },
            ConditionBegan e => this with
            {
                Holding = [.. Holding.Where(held => held.Reason != e.Reason), new HeldCondition(e.Reason, e.Since)],
            },
            ConditionEnded e => this with
            {
                Holding = Holding.RemoveAll(held => held.Reason == e.Reason),
                EndsSoon = null,
            },
            SessionEndsSoon e => this with { EndsSoon = e.EndsAt },
            MarkGiven e => this with { Marks = Marks.Add(new SessionMark(e.Mark, e.Title, e.At)) },
            MarkPlaced e => this with
            {
                Marks = Marks.ConvertAll(mark =>
                    mark.Id == e.Mark ? mark with { Record = NumberOf(e.Path), At = e.Position } : mark
                ),
            },
            SessionWaits e => this with
            {
                Wait = Wait?.Turn(e.InLobby, e.At, Begin?.NotBefore) ?? new BeginWait(e.InLobby, e.At),
                LastEvidence = Later(e.At),
            },
            WaitConfirmed e => this with { LastEvidence = Later(e.At) },
            SessionBeginsAnyway => this with { BeginsAnyway = true },
            RecordLost e => this with
            {
                Current = Current == e.Path ? null : Current,

                // What was marked in a record without any content belongs to the next record.
                Marks = NumberOf(e.Path) is { } lost
                    ? Marks.ConvertAll(mark => mark.Record == lost ? mark with { Record = null, At = null } : mark)
                    : Marks,
                Records = Change(e.Path, record => record with { Lost = true, Away = null }),
            },
            RecordWentAway e => this with { Records = Change(e.Path, record => record with { Away = e.Message }) },
            FaultMet e => Meet(new SessionFault(e.At, e.Node, e.Code, e.Message)),
            RecordingInterrupted e => Enter(Outcome is null ? SessionPhase.Resuming : SessionPhase.Stopping, e.At) with
            {
                Current = null,
                StreamingSince = null,

                // A browser outlives its worker. The next RTP worker watches its sender from the start.
                PictureGone = PictureGone && !e.MediaEnded && Spec is not RtpSessionSpec,

                // Once the end is decided, nothing more was to be recorded.
                Gaps = Outcome is null ? OpenGap(e.From, e.Code) : Gaps,
            },
            PictureLost e => this with
            {
                PictureGone = true,
                SilentSenderSince = e.Code == FaultCode.SenderSilent ? SilentSenderSince ?? e.At : null,
                Gaps = OpenGap(e.At, e.Code ?? FaultCode.BrowserFailed),
            },

            // Without a record, the picture alone ends no gap.
            PictureRestored e => this with
            {
                PictureGone = false,
                SilentSenderSince = null,
                Gaps = Phase == SessionPhase.Recording ? CloseGap(e.At) : Gaps,
            },
            EndDecided e => Enter(SessionPhase.Stopping, e.At) with
            {
                Outcome = new SessionOutcome(e.Outcome, e.Code, e.Message) { Reason = e.Reason },
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
            Waits ? Wait!.InLobby ? SessionPhase.WaitingToEnter : SessionPhase.WaitingToBegin : Phase,
            Waits ? Wait!.Since : PhaseSince,
            Node,
            Attempt,
            Spec ?? throw new InvalidOperationException($"Session {Id} has no spec yet."),
            [
                .. from step in WithRecordsBefore()
                let record = step.Record
                where !record.Lost
                select new RecordSummary(
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
                    Number = record.Number,
                    Node = record.Node,
                    Folder = record.Folder,
                    Away = record.Away,
                    Hls = record.Hls,
                    Found = record.Found,
                    Apart = record.Apart || step.Before is { Lost: true },
                    LostSince = step.LostSince,
                    Sha256 = record.Sha256,
                    ManifestDue = record.ManifestDue,
                    Deliveries = record.Deliveries,
                    ClosedAt = record.ClosedAt,
                    Hold = record.Hold,
                    Erasing = record.Erasing,
                },
            ],
            Faults,
            Gaps
        )
        {
            EverRecorded = EverRecorded,
            Outputs = FinalOutputs,
            Endpoint = Endpoint,
            PausedSince = PausedSince,
            End = Ended ? null : ChangedEndRules ?? Spec.End,
            EndReason = EndReason,
            Marks = Marks,
        };

    /// <summary>What is marked in a record.</summary>
    /// <param name="record">The record.</param>
    public ImmutableList<SessionMark> MarksIn(RecordState record) =>
        Marks.IsEmpty ? [] : Marks.FindAll(mark => mark.At is not null && mark.Record == NumberOf(record.Path));

    /// <summary>The chapters of a record.</summary>
    /// <param name="record">The record.</param>
    public ImmutableList<RecordMark> ChaptersOf(RecordState record) =>
        MarksIn(record).ConvertAll(mark => new RecordMark(mark.Title, mark.At ?? TimeSpan.Zero));

    private int? NumberOf(string path) => Numbered.Find(record => record.Path == path)?.Number;

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

    /// <summary>Each record with the last watched record before it, or null, and with the time when the earliest of
    /// the watched and lost records directly before it was opened, or null.</summary>
    private IEnumerable<(RecordState Record, RecordState? Before, DateTimeOffset? LostSince)> WithRecordsBefore()
    {
        RecordState? before = null;
        DateTimeOffset? lostSince = null;
        foreach (var record in Numbered)
        {
            yield return (record, before, lostSince);
            if (record is { OpenedAt: { } opened, Found: false })
            {
                before = record;
                lostSince = record.Lost ? lostSince ?? opened : null;
            }
        }
    }

    /// <summary>Whether a record that opens now does so before the end of the previous record, on another node, is
    /// known. A previous record on this node has lost its worker and grows no more.</summary>
    private bool Apart(RecordState record) =>
        WithRecordsBefore().First(step => step.Record.Path == record.Path).Before is { Closed: false } before
        && before.Node != record.Node;

    private DateTimeOffset Later(DateTimeOffset at) => LastEvidence is { } last && last > at ? last : at;

    // The clocks of two nodes differ, and evidence is seconds old. A gap therefore never reaches into the previous
    // gap, nor ends before its own beginning.
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

    // Evidence is written only every few seconds, but the repaired file shows where its recording ended. A gap that
    // began with the picture is not shortened by frames without a picture.
    private ImmutableList<SessionGap> BeginGapAtTheEndOf(RecordClosed closed)
    {
        if (Records.Find(record => record.Path == closed.Path) is not { } record)
        {
            return Gaps;
        }
        var begin = record.OpenedAt ?? record.NamedAt;
        var end = begin + closed.Duration;

        // Only a record that was begun in a hand-over, before its adoption, was written beside the previous record.
        if (Records.Exists(other => other.OpenedAt < other.NamedAt && other.OpenedAt > begin && other.OpenedAt < end))
        {
            return GapsOutside(begin, end);
        }
        var index = Gaps.FindLastIndex(gap =>
            gap.From < end && (gap.To is null || end < gap.To) && gap.Code != FaultCode.BrowserFailed
        );
        return index < 0 ? Gaps : Gaps.SetItem(index, Gaps[index] with { From = end });
    }

    // Evidence of a dead node is seconds old. Time after that evidence is no gap where another record covers it.
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
