using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Events;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Cluster.Tests.Sessions;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>One message of every manifest, with every list filled and every optional value given.</summary>
internal static class WireSamples
{
    private const string Node = Sample.Node;
    private const string Path = Sample.FirstRecord;

    private static readonly SessionMark Marked = new("mark-1", "Questions", DateTimeOffset.UnixEpoch)
    {
        Record = 1,
        At = TimeSpan.FromSeconds(4.04),
    };

    private static readonly SessionId Id = Sample.Id;
    private static readonly DateTimeOffset At = Sample.Time(1.25);
    private static readonly TimeSpan Span = TimeSpan.FromMilliseconds(18_040);

    private static readonly SessionSpec Spec = new PageSessionSpec(
        new Uri("https://example.org/room?name=Žluťoučký&x=1#top")
    )
    {
        Container = RecordContainer.Mkv,
        Mode = RecordingMode.Record,
        Video = new VideoSettings
        {
            Width = 1280,
            Height = 720,
            Framerate = 30,
            Bitrate = 2500,
            Preset = EncoderPreset.Veryfast,
            Profile = EncoderProfile.High,
            KeyframeInterval = 90,
        },
        Audio = new AudioSettings { Bitrate = 128 },
    };

    private static readonly BeginRule Begin = new()
    {
        When = BeginWhen.Selector,
        Selector = ".room > video",
        Script = "() => window.joined",
        LobbySelector = "#lobby",
        LobbyTexts = ["Please wait", "Čekejte"],
        Timeout = TimeSpan.FromSeconds(90),
        LobbyTimeout = TimeSpan.FromMinutes(20),
        Otherwise = BeginOtherwise.Record,
    };

    private static readonly EndRules PageEnding = new()
    {
        Silence = new EndSilence(TimeSpan.FromMinutes(10)) { BelowDb = -45, NotBefore = TimeSpan.FromMinutes(20) },
        Still = TimeSpan.FromMinutes(30),
        Page = [EndPageWord.EndSignal, EndPageWord.SelectorGone],
        Selector = ".call",
        Grace = TimeSpan.FromSeconds(30),
        SenderSilent = TimeSpan.FromMinutes(5),
    };

    private static readonly PageSettings Settings = new()
    {
        Headers = [new PageHeader("X-Key", new PageText { Secret = "room" })],
        Cookies = [new PageCookie("s", PageText.Of("1")) { SameSite = PageSameSite.Lax }],
        LocalStorage = [new PageStorage("https://example.org", "k", PageText.Of("v"))],
        BasicAuth = new PageCredentials(PageText.Of("u"), new PageText { Secret = "room" }),
        UserAgent = "A 1",
        Locale = "de-DE",
        TimeZone = "Europe/Oslo",
        ColorScheme = PageColorScheme.Dark,
        Scale = 1.5,
        Css = "a{}",
        Script = "b()",
        Devices = PageDevices.Fake,
        IgnoreTlsErrorsFor = ["h:443"],
        Steps =
        [
            new PageStep(PageStepKind.Fill, "#b") { Value = PageText.Of("c"), Optional = true },
            new PageStep(PageStepKind.Press, "Enter") { Selector = "#c", Timeout = TimeSpan.FromSeconds(2) },
        ],
    };

    private static readonly EndRules Ending = new() { MaxDuration = TimeSpan.FromHours(1), MaxBytes = 20_000_000_000 };

    private static readonly SessionSummary Summary = new(
        Id,
        SessionPhase.Resuming,
        At,
        Node,
        2,
        Spec,
        [new RecordSummary(Path, 1, true, At, Span, 12_000_000, true, 451, 3)],
        [new SessionFault(At, Node, FaultCode.NodeLost, "The node went away.")],
        [new SessionGap(At, At + Span, FaultCode.NodeLost)]
    )
    {
        EverRecorded = true,
    };

    private static readonly ImmutableList<StreamTarget> Targets =
    [
        new("rtmp://live.example.org:1935/app/key?user=%40&x=1"),
        new("rtmps://[::1]/live/it's-my!key"),
    ];

    private static readonly ImmutableList<OutputSummary> Outputs =
    [
        new(OutputSummary.RecordId, OutputKind.Record, Path, OutputState.Active, At, null, 451, 0, 12_000_000, 0),
        new(OutputSummary.HlsId, OutputKind.Hls, Path + ".hls", OutputState.Active, At, null, 451, 0, 12_100_000, 0),
        new(
            "target-1",
            OutputKind.Rtmp,
            "rtmp://live.example.org:1935/app/…",
            OutputState.Retrying,
            At,
            "connection refused",
            300,
            151,
            8_000_000,
            2
        ),
    ];

    private static readonly CaptureStatistics Capture = new(
        At,
        451,
        440,
        11,
        3,
        12_000_000,
        Span,
        TimeSpan.FromMilliseconds(20)
    );

    private static readonly RtpStatistics Rtp = new(
        At,
        new RtpLegStatistics(4_000_000_000, At, 10_000, 11_000_000, 12, 3, TimeSpan.FromMilliseconds(2.5), 1, 2),
        new RtpLegStatistics(7, At, 900, 90_000, 0, 0, TimeSpan.FromMilliseconds(1), 0, 0)
    );

    private static readonly NodeLoad Load = new(61.5, 5_250, 120_000);

    private static readonly RtpEndpoint Endpoint = new("recorder-1.example.org", 5000, 5001, 5002, 5003);

    private static readonly SessionSpec StreamSpec = new PageSessionSpec(new Uri("https://example.org/room"))
    {
        Mode = RecordingMode.Both,
        StreamTargets = Targets,
        Hls = true,
    };

    private static readonly SessionSpec RtpSpec = new RtpSessionSpec(5000, 5001)
    {
        Container = RecordContainer.Webm,
        Codec = RtpCodec.Vp9,
        PayloadType = 101,
        ClockRate = 90_000,
        Audio = new RtpAudioLeg(5002, 0),
    };

    private static readonly NodeId NodeId = new(Guid.Parse("0b1f5b0e-6f0c-4c43-9d6a-6f5a4c1f0a01"));

    private static readonly FolderId Folder = new(Guid.Parse("0b1f5b0e-6f0c-4c43-9d6a-6f5a4c1f0a02"));

    private const string Hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly ImmutableList<DeliverySummary> Deliveries =
    [
        new("command", DeliveryState.GivenUp, At)
        {
            Attempts = 3,
            ExitCode = 1,
            LastOutput = "refused",
            Error = "The delivery command exited with code 1.",
        },
    ];

    private static RecordManifest ManifestOf(SessionSpec spec, string? audio) =>
        new(
            1,
            Id,
            2,
            Node,
            "2021-09-22_07:56:00__0.mkv",
            RecordContainer.Mkv,
            new ManifestCodecs("h264", audio),
            null,
            null,
            18.04,
            true,
            At,
            At,
            At + Span,
            At + Span,
            451,
            440,
            3,
            SpecAnswer.Of(spec),
            [new SessionGap(At, At + Span, FaultCode.NodeLost)],
            [new SessionPause(At, At + Span)],
            [new SessionFault(At, Node, FaultCode.NodeLost, "The node went away.")],
            Outputs
        );

    /// <summary>Messages with what their manifests got later, and other kinds of what they carry, by the name of their
    /// golden payload.</summary>
    public static readonly IReadOnlyDictionary<string, IWireMessage> Variants = new Dictionary<string, IWireMessage>
    {
        ["session/start:1+streams"] = new StartSession(Id, StreamSpec).To(7),
        ["session/start:1+rtp"] = new StartSession(Id, RtpSpec).To(7),
        ["session/start:1+rtp-silent"] = new StartSession(
            Id,
            new RtpSessionSpec(0, 0) { Container = RecordContainer.Webm }
        ).To(7),
        ["session/start:1+name"] = new StartSession(Id, Spec with { Name = "Výbor, 3. zasedání" }).To(7),
        ["manifest/write:1+name"] = new WriteManifest(Path, ManifestOf(RtpSpec with { Name = "Sbor" }, null)),
        ["session/start:1+labels"] = new StartSession(
            Id,
            Spec with
            {
                Labels = [new SessionLabel("course", "Žák 7"), new SessionLabel("empty", "")],
            }
        ).To(7),
        ["record-file/read:1+growing"] = new ReadRecordFile(
            Id,
            "2021-09-22_07:56:00__0.mp4",
            RecordFileKind.Media,
            262_144,
            4096
        )
        {
            Folder = new FolderId(new Guid("11111111-2222-3333-4444-555555555555")),
            Growing = true,
            Mark = "a-b",
        },
        ["session/records:1+rtp"] = new SessionRecords(Id) { Endpoint = Endpoint },
        ["session-event/accepted:1+streams"] = new SessionAccepted(Id, StreamSpec, At, Node),
        ["session-event/record-confirmed:1+recorded"] = new RecordConfirmed(Path, 451, 3, At, Node)
        {
            FramesRecorded = 350,
        },
        ["session-event/record-closed:1+hls"] = new RecordClosed(Path, Span, 12_000_000, false, At, Node)
        {
            Hls = new HlsLength(15, 1),
        },
        ["repair/done:1+hls"] = new RecordRepaired(Id, Path, Span, 12_000_000) { Hls = new HlsLength(15, 1) },
        ["placement/located:1+hls"] = new SessionLocation(
            Id,
            7,
            Summary with
            {
                Records =
                [
                    .. Summary.Records.Select(record =>
                        record with
                        {
                            Node = Node,
                            Hls = new HlsLength(15, 1),
                            Found = true,
                            Apart = true,
                        }
                    ),
                ],
            }
        ),
        ["placement/located:1+lost"] = new SessionLocation(
            Id,
            7,
            Summary with
            {
                Records = Summary.Records.ConvertAll(record => record with { Apart = true, LostSince = At }),
            }
        ),
        ["session-event/picture-lost:1+sender"] = new PictureLost(At, Node) { Code = FaultCode.SenderSilent },
        ["session-event/ended:1+outputs"] = new SessionEnded(At, Node) { Outputs = Outputs },
        ["placement/located:1+streams"] = new SessionLocation(
            Id,
            7,
            Summary with
            {
                Spec = StreamSpec,
                Outputs = Outputs,
                Endpoint = Endpoint,
                PausedSince = At,
            }
        ),
        ["placement/drain-state:1+moving"] = new DrainState(Node, true, [Id]) { Moving = true },
        ["placement/list:1+after"] = new ListSessions { After = Id },
        ["placement/sessions:1+more"] = new SessionList([Summary]) { More = true },
        ["session/resume:1+waited"] = new ResumeSession(Id, Spec) { WaitedUntil = At }.To(7),
        ["session/resume:1+node"] = new ResumeSession(Id, Spec) { Node = Node }.To(7),
        ["session/start:1+node"] = new StartSession(Id, Spec) { Node = Node }.To(7),
        ["session-event/attempt-started:1+waited"] = new AttemptStarted(2, At, Node) { WaitedUntil = At },
        ["placement/admit:1+within"] = new AdmitSession(Spec, "key-1") { Within = TimeSpan.FromSeconds(5) },
        ["placement-event/placed:1+mark"] = new SessionPlaced(Id, 7, Node, Spec, "key-1", At) { Mark = "0f" },
        ["placement-snapshot:1+waited"] = new PlacementSnapshot(
            1,
            [new PlacedSession(7, 12, "key-1", Summary) { WaitedUntil = At }]
        ),
        ["placement-event/moved:1+handed-over"] = new SessionMoved(Id, 7, Node, At) { HandedOver = true },
        ["placement/capacity:1+load"] = new ReportCapacity(Node, 4, null)
        {
            Found = "configured by Placement:Sessions",
            Load = Load,
        },
        ["placement/capacity:1+load-unknown"] = new ReportCapacity(Node, 4, null)
        {
            Found = "configured by Placement:Sessions",
            Load = new NodeLoad(null, null, null),
        },
        ["placement/capacity:1+no-database"] = new ReportCapacity(Node, 4, "The database does not answer this node.")
        {
            NoDatabase = true,
        },
        ["placement/pressure:1+load"] = new Pressure(
            true,
            [
                new NodePressure(Node, 4, 3, null)
                {
                    Used = 1.54m,
                    Found = "configured by Placement:Sessions",
                    Load = Load,
                },
            ]
        ),
        ["placement/pressure:1+promised"] = new Pressure(true, [])
        {
            Promised = [new PromisedPlace("key-1", "sch_1", At, 0.6m)],
        },
        ["session/start:1+not-before"] = new StartSession(
            Id,
            new PageSessionSpec(new Uri("https://example.org/room")) { Begin = BeginRule.AtOnce with { NotBefore = At } }
        ),
        ["placement/pressure:1+coming"] = new Pressure(
            true,
            [new NodePressure(Node, 4, 1, null) { Used = 2, Coming = 1 }]
        ),
        ["hand-over/prepare:1+prepared"] = new PrepareMedia(Id, 2, Spec, [Path], true) { Prepared = true },
        ["placement/report:1+node"] = new ReportSession(
            Summary with
            {
                Phase = SessionPhase.WaitingForRoom,
                Records = Summary.Records.ConvertAll(record => record with { Node = Node }),
            },
            12
        ),
        ["manifest/write:1+uncounted"] = new WriteManifest(
            Path,
            ManifestOf(Spec, null) with
            {
                FramesCaptured = null,
                FramesRecorded = null,
                FramesDropped = null,
            }
        ),
        ["manifest/write:1+rtp"] = new WriteManifest(Path, ManifestOf(RtpSpec, null)),
        ["placement/report:1+manifest"] = new ReportSession(
            Summary with
            {
                Records = Summary.Records.ConvertAll(record =>
                    record with
                    {
                        Node = Node,
                        Sha256 = Hash,
                        ManifestDue = true,
                    }
                ),
            },
            12
        ),
        ["placement/report:1+deliveries"] = new ReportSession(
            Summary with
            {
                Records = Summary.Records.ConvertAll(record =>
                    record with
                    {
                        Node = Node,
                        Sha256 = Hash,
                        Deliveries = Deliveries,
                    }
                ),
            },
            12
        ),
        ["session-event/record-delivered:1+silent"] = new RecordDelivered(Path, "command", 1, null, null, At, Node),
        ["placement/capacity:1+shards"] = new ReportCapacity(Node, 2, null) { Shards = 1000 },
        ["placement-event/advanced:1+marks"] = new SessionAdvanced(Id, 12, SessionPhase.Recording, At, Node, 2, true)
        {
            Marks = new ListChange<SessionMark>(0, [Marked]),
        },
        ["placement-event/advanced:1+changes"] = new SessionAdvanced(
            Id,
            12,
            SessionPhase.Recording,
            At,
            Node,
            2,
            true
        )
        {
            Spec = Spec,
            Endpoint = Summary.Endpoint,
            PausedSince = At,
            Records = new ListChange<RecordSummary>(1, Summary.Records) { Dropped = 1, Removed = 2 },
            Faults = new ListChange<SessionFault>(0, Summary.Faults),
            Gaps = new ListChange<SessionGap>(0, Summary.Gaps) { Removed = 1 },
            Outputs = new ListChange<OutputSummary>(0, Summary.Outputs),
        },
        ["placement-snapshot:1+keys"] = new PlacementSnapshot(1, [])
        {
            Keys = [new KeptKey("key-1", Id, 7, Node, new string('a', 64), At)],
        },
        ["session-event/attempt-started:1+node-id"] = new AttemptStarted(2, At, Node) { NodeId = NodeId },
        ["session-event/record-named:1+folder"] = new RecordNamed(Path, 2, At, Node) { Folder = Folder },
        ["session-event/record-found:1+folder"] = new RecordFound(Path, 2, At, Span, 12_000_000, At, Node)
        {
            Folder = Folder,
        },
        ["session/records-reachable:1+folders"] = new RecordsReachable(Id, Node) { Folders = [Folder] }.To(7),
        ["repair/request:1+folder"] = new RepairHere(Id, Spec, Path) { Folder = Folder, Opened = true },
        ["manifest/write:1+folder"] = new WriteManifest(Path, ManifestOf(Spec, "aac")) { Folder = Folder },
        ["delivery/deliver:1+folder"] = new DeliverRecord(Id, Path, Path + ".json", "command", 2) { Folder = Folder },
        ["delivery/deliver:1+name"] = new DeliverRecord(Id, Path, Path + ".json", "archive", 2)
        {
            Folder = Folder,
            Name = "2021/09/a.mp4",
            What = [DeliveredFile.Record, DeliveredFile.Manifest],
            Sha256 = Hash,
            Address = new Uri("https://store.example.org/a.mp4?key=1"),
        },
        ["session-event/delivery-planned:1+name"] = new DeliveryPlanned(Path, "archive", At, Node)
        {
            DestinationKind = "folder",
            Name = "2021/09/a.mp4",
            What = [DeliveredFile.Record],
        },
        ["session-event/delivery-planned:1+keep-local"] = new DeliveryPlanned(Path, "archive", At, Node)
        {
            KeepLocal = Span,
        },
        ["session/start:1+retention"] = new StartSession(
            Id,
            Spec with
            {
                Retention = new RetentionSpec(TimeSpan.FromDays(30)),
            }
        ).To(7),
        ["session/start:1+end-page"] = new StartSession(Id, Spec with { End = PageEnding }).To(7),
        ["session/start:1+settings"] = new StartSession(Id, ((PageSessionSpec)Spec) with { Settings = Settings }).To(7),
        ["session/start:1+profile"] = new StartSession(
            Id,
            ((PageSessionSpec)Spec) with
            {
                Settings = Settings with
                {
                    Profile = "edumeet",
                    Layouts = [new PageLayout("speaker") { Css = "b{}", Script = "speak()" }],
                    Layout = "speaker",
                },
            }
        ).To(7),
        ["session/change-targets:1+layout"] = new ChangeTargets(Id, [], [])
        {
            Page = new PageChange { Layout = "speaker" },
        }.To(7),
        ["session/change-targets:1+page"] = new ChangeTargets(Id, [], [])
        {
            Page = new PageChange { Page = new Uri("https://example.org/next"), Css = "a{}" },
        }.To(7),
        ["session-event/end-rules-changed:1+alone"] = new EndRulesChanged(
            new EndRules { Text = ["Over"], Alone = new EndAlone(".person", 1, TimeSpan.FromMinutes(2)) },
            At,
            Node
        ),
        ["session-snapshot:1+marks"] = new SessionSnapshot(
            new SessionState(Id) { Spec = Spec, Marks = [Marked] },
            41
        ),
        ["session/details:1+marks"] = new SessionDetails(
            Summary with
            {
                Marks = [Marked, new SessionMark("mark-2", "Later", At)],
            },
            Outputs,
            Capture,
            Rtp,
            true
        ),
        ["manifest/write:1+marks"] = new WriteManifest(
            Path,
            ManifestOf(Spec, null) with
            {
                Marks = [new ManifestMark("mark-1", "Questions", 4.04, At)],
            }
        ),
        ["repair/request:1+marks"] = new RepairHere(Id, Spec, Path)
        {
            Marks = [new RecordMark("Questions", TimeSpan.FromSeconds(4.04))],
        },
        ["delivery/deliver:1+chapters"] = new DeliverRecord(Id, Path, Path + ".json", "archive", 1)
        {
            Chapters = true,
        },
        ["session-event/end-rules-changed:1+page"] = new EndRulesChanged(PageEnding, At, Node),
        ["session-snapshot:1+holding"] = new SessionSnapshot(
            new SessionState(Id) { Spec = Spec, Holding = [new HeldCondition(EndReason.Silence, At)] },
            41
        ),
        ["session/details:1+levels"] = new SessionDetails(
            Summary,
            Outputs,
            Capture with
            {
                SoundLevel = -42.5,
                StillFor = Span,
            },
            Rtp,
            true
        ),
        ["session/start:1+begin"] = new StartSession(Id, new PageSessionSpec(new Uri("https://example.org/room")) { Begin = Begin })
            .To(7),
        ["session-snapshot:1+waits"] = new SessionSnapshot(
            new SessionState(Id)
            {
                Spec = Spec,
                Wait = new BeginWait(true, At) { Inside = Span, Outside = Span },
                BeginsAnyway = true,
            },
            41
        ),
        ["session/start:1+end"] = new StartSession(Id, Spec with { End = Ending }).To(7),
        ["session/change-targets:1+end"] = new ChangeTargets(Id, [], [])
        {
            End = new EndChange(Ending, [EndField.MaxDuration, EndField.MaxBytes]),
        }.To(7),
        ["session-event/end-decided:1+rule"] = new EndDecided(
            SessionPhase.Stopped,
            null,
            "The session has lasted 1 h.",
            At,
            Node
        )
        {
            Reason = EndReason.MaxDuration,
        },
        ["session-event/end-rules-changed:1+rules"] = new EndRulesChanged(Ending, At, Node),
        ["manifest/write:1+end"] = new WriteManifest(Path, ManifestOf(Spec, null) with { EndReason = "max_bytes" }),
        ["placement/located:1+end"] = new SessionLocation(
            Id,
            7,
            Summary with
            {
                End = Ending,
                EndsAt = At,
                EndReason = EndReason.MaxDuration,
            }
        ),
        ["session-snapshot:1+end"] = new SessionSnapshot(
            new SessionState(Id)
            {
                Spec = Spec,
                StartedAt = At,
                PausedInAll = Span,
                ChangedEndRules = Ending,
                EndsSoon = At,
                Outcome = new SessionOutcome(SessionPhase.Stopped, null, null) { Reason = EndReason.MaxBytes },
            },
            41
        ),
        ["session/hold-record:1+known"] = new HoldRecord(Id, 2, "Case 7") { Known = Summary }.To(7),
        ["erase/files:1+folder"] = new EraseFiles(Id, Path, true) { Folder = Folder },
        ["placement/report:1+keeping"] = new ReportSession(
            Summary with
            {
                Records = Summary.Records.ConvertAll(record =>
                    record with
                    {
                        ClosedAt = At,
                        Hold = new RecordHold(At, "Case 7"),
                        Erasing = new RecordErasing(At, EraseCause.Size, "It was the oldest.")
                        {
                            Obstacle = "The disk refused.",
                        },
                    }
                ),
            },
            12
        ),
        ["session-event/delivery-failed:1+next"] = new DeliveryFailed(
            Path,
            "archive",
            2,
            null,
            null,
            "The folder /mnt/archive is not there.",
            At,
            Node
        )
        {
            NextTry = At,
        },
        ["session/start:1+deliver"] = new StartSession(
            Id,
            Spec with
            {
                Deliver = new DeliverySpec(
                    [
                        new DeliveryOrder(
                            "archive",
                            "{date}/{record}.{ext}",
                            [DeliveredFile.Record],
                            [new Uri("https://store.example.org/a.mp4?key=1")]
                        ),
                    ]
                ),
            }
        ).To(7),
        ["hls/read:1+folder"] = new ReadHlsFile(Id, "2021-09-22_07:56:00__0.mp4", HlsFiles.Playlist, 0, 4096)
        {
            Folder = Folder,
        },
        ["placement/record-left:1+folder"] = new RecordLeft(Id, 2, Path, Node, At, Span, 12_000_000)
        {
            Folder = Folder,
        },
        ["placement/capacity:1+folders"] = new ReportCapacity(Node, 4, null) { Id = NodeId, Folders = [Folder] },
        ["placement/report:1+away"] = new ReportSession(
            Summary with
            {
                Records = Summary.Records.ConvertAll(record =>
                    record with
                    {
                        Node = Node,
                        Folder = Folder,
                        Away = "The records folder is not here.",
                    }
                ),
            },
            12
        ),
        ["placement-snapshot:1+draining"] = new PlacementSnapshot(1, []) { Draining = [Node] },
    };

    public static readonly IReadOnlyList<IWireMessage> All =
    [
        new StartSession(Id, Spec).To(7),
        new StopSession(Id).To(7),
        new ResumeSession(Id, Spec).To(7),
        new RecordsReachable(Id, Node).To(7),
        new RepairHere(Id, Spec, Path),
        new RecordRepaired(Id, Path, Span, 12_000_000),
        new RecordNotLookedFor(Id, Path, "The records folder is not here."),
        new RecordNotRepaired(Id, Path, FaultCode.PipelineFailed, "The file is empty."),
        new WriteManifest(Path, ManifestOf(Spec, "aac")),
        new ManifestDone(Path, Hash),
        new ManifestFailed(Path, "The disk refused.", true),
        new DeliverRecord(Id, Path, Path + ".json", "command", 2),
        new GiveUpDelivery(Id, Path, "archive"),
        new DeliveryQueued(Path, "command", 2),
        new DeliveryRunning(Path, "command", 2),
        new DeliveryDone(Path, "command", 2, 0, "100 %"),
        new DeliveryNotDone(Path, "command", 2, 1, "refused", "The delivery command exited with code 1.", true),
        new DeliveryHeldUp(Path, "command", 2, "The records folder is not here."),
        new PartDelivered(Path, "archive", "2021/a.mp4", "upload-1", 5_242_880, 3, "\"ab12\""),
        new SessionRecords(Id),
        new StartFailed(Id, FaultCode.PageFailed, "net::ERR_NAME_NOT_RESOLVED at https://example.org/"),
        new StopDone(Id),
        new StopFailed(Id, FaultCode.NoSuchSession, "There is no session 1."),
        new GetSession(Id).To(7),
        new RetryDelivery(Id, Path, "archive").To(7),
        new SessionDetails(Summary, Outputs, Capture, Rtp, true),
        new DetailsUnavailable(Id),
        new ChangeTargets(Id, Targets, Targets).To(7),
        new PauseSession(Id).To(7),
        new UnpauseSession(Id).To(7),
        new MarkSession(Id, "Questions").To(7),
        new SessionMarked(Id, Marked),
        new SessionChanged(new SessionDetails(Summary, Outputs, Capture, Rtp, true)),
        new ChangeRefused(Id, FaultCode.NotRunning, "Session 1 does not run any more."),
        new GetThumbnail(Id).To(7),
        new SessionThumbnail(Id, [0xff, 0xd8, 0xff, 0xd9], At),
        new ThumbnailUnavailable(Id, FaultCode.NotSupported, "Session 1 receives RTP."),
        new ReadHlsFile(Id, "2021-09-22_07:56:00__0.mp4", HlsFiles.Segment(12), 262_144, HlsFiles.ChunkBytes),
        new HlsChunk(Id, 3_000_000_000, [0x47, 0x40, 0x11, 0xff]),
        new HlsFileMissing(Id, true),
        new HlsFileUnreadable(Id, "The disk refused."),
        new HandOverSession(Id, Node).To(7),
        new PrepareMedia(Id, 2, Spec, [Path], true),
        new MediaPrepared(Id, Path, At),
        new MediaNotPrepared(Id, "No frame was written within 30 seconds."),
        new DismissMedia(Id),
        new ListRecord(Id, new RecordLeft(Id, 2, Path, Node, At, Span, 12_000_000)).To(7),
        new RecordListed(Id, Path),
        new GetLeaseHeld(),
        new LeaseHeld(true),
        new GetFarmPresence(),
        new GetWitnessWord(Node),
        new WitnessWord(Node, NodeSight.Gone),
        new FarmPresence(true, [Node]),
        new SessionAccepted(Id, Spec, At, Node),
        new AttemptStarted(2, At, Node),
        new RecordNamed(Path, 2, At, Node),
        new RecordOpened(Path, At, Node),
        new RecordConfirmed(Path, 451, 3, At, Node),
        new RecordClosed(Path, Span, 12_000_000, false, At, Node),
        new ManifestWritten(Path, Hash, At, Node),
        new ManifestGivenUp(Path, "The file is gone.", At, Node),
        new DeliveryPlanned(Path, "command", At, Node),
        new DeliveryAskedAgain(Path, "command", At, Node),
        new RecordPartDelivered(Path, "archive", "2021/a.mp4", "upload-1", 5_242_880, 3, "\"ab12\"", At, Node),
        new DeliveryBegun(Path, "command", 2, At, Node),
        new RecordDelivered(Path, "command", 2, 0, "100 %\ndone", At, Node),
        new DeliveryFailed(Path, "command", 2, 1, "refused", "The delivery command exited with code 1.", At, Node),
        new DeliveryGivenUp(Path, "command", "The delivery command exited with code 1.", At, Node),
        new DeliveryDelayed(Path, "command", "The node does not answer.", At, Node),
        new RecordHeld(Path, "Case 7", At, Node),
        new RecordReleased(Path, At, Node),
        new ErasingDecided(Path, EraseCause.Age, "The record was to be kept until then.", At, Node),
        new ErasingDelayed(Path, "The node does not answer.", At, Node),
        new RecordErased(Path, At, Node),
        new SessionRecalled(Summary, At, Node),
        new EraseRecords(Id, [1, 2], EraseCause.Asked, "Somebody asked for it.").To(7),
        new HoldRecord(Id, 2, "Case 7").To(7),
        new ReleaseRecord(Id, 2).To(7),
        new KeepingChanged(Summary),
        new KeepingRefused(Id, FaultCode.OnHold, "Record 1-2 is on hold."),
        new EraseFiles(Id, Path, true),
        new FilesErased(Path),
        new FilesNotErased(Path, "The disk refused."),
        new RecordFound(Path, 2, At, Span, 12_000_000, At, Node),
        new RecordWentAway(Path, "The records folder is not here.", At, Node),
        new RecordLost(Path, "Nothing playable is in it.", At, Node),
        new FaultMet(FaultCode.BrowserFailed, "The browser crashed.", At, Node),
        new OutputStateChanged(
            "target-1",
            OutputKind.Rtmp,
            "rtmp://live.example.org:1935/app/…",
            OutputState.Retrying,
            "connection refused",
            2,
            At,
            Node
        ),
        new SessionHasNews(Id, 12),
        new WatchFeed(),
        new FeedGrew(4_000_000_000),
        new ReportDisk(Node, true),
        new FeedHasNews(),
        new SchedulesChanged(),
        new WebhooksChanged(),
        new TestWebhook("whk_1"),
        new WebhookTested("whk_1", 500, "The receiver answered 500.", Span),
        new RecordingInterrupted(At, FaultCode.PipelineFailed, true, At, Node),
        new StreamingPlanned(2, At, Node),
        new StreamingBegan(At, Node),
        new StreamingConfirmed(451, 3, At, Node),
        new StreamingEnded(At, Node),
        new TargetsChanged(
            [new StreamOutput("target-1", Targets[0]), new StreamOutput("target-3", Targets[1])],
            At,
            Node
        ),
        new SessionPortsBound(Endpoint, At, Node),
        new RecordingPaused(At, Node),
        new RecordingUnpaused(At, Node),
        new PictureLost(At, Node),
        new PictureRestored(At, Node),
        new EndDecided(SessionPhase.Failed, FaultCode.DiskFull, "The disk is full.", At, Node),
        new PageChanged(new PageChange { Page = new Uri("https://example.org/next"), Css = "a{}" }, At, Node),
        new MarkGiven("mark-1", "Questions", At, Node),
        new MarkPlaced("mark-1", Path, TimeSpan.FromSeconds(4.04), At, Node),
        new ConditionBegan(EndReason.Silence, At, At, Node),
        new ConditionEnded(EndReason.Silence, At, Node),
        new SessionWaits(true, At, Node),
        new WaitConfirmed(At, Node),
        new SessionBeginsAnyway(At, Node),
        new EndRulesChanged(EndRules.None, At, Node),
        new SessionEndsSoon(EndReason.MaxDuration, At, At, Node),
        new SessionEnded(At, Node),
        new AdmitSession(Spec, "key-1"),
        new FindByKey(Spec, "key-1"),
        new SessionAdmitted(Id, 7, Node),
        new AdmissionRefused(
            FaultCode.AtCapacity,
            "No node takes one more session.",
            [new NodeRefusal(Node, "It holds 2 of 2 sessions.")],
            TimeSpan.FromSeconds(10)
        ),
        new IdempotencyConflict("This idempotency key started session 1 with another request."),
        new FindSession(Id),
        new SessionLocation(Id, 7, Summary),
        new SessionUnknown(Id),
        new ListSessions(),
        new SessionsProjected([Id]),
        new SessionList([Summary]),
        new FindPressure(),
        new PlacesPromised([new PromisedPlace("key-1", "sch_1", At, 0.6m)]),
        new PlacesAtRisk(["key-1"]),
        new PingPlacement(),
        new PlacementHere(),
        new Pressure(false, [new NodePressure(Node, 2, 2, "It holds 2 of 2 sessions.")]),
        new ReportSession(Summary, 12),
        new ReportAccepted(Id, 12),
        new SessionHandedOver(Summary, 12, Node),
        new HandOverBegun(Id, Node),
        new HandOverRefused(Id, Node, "No frame was written within 30 seconds."),
        new HandOverAccepted(Id, 7),
        new MediaKept(Id, Node),
        new RecordLeft(Id, 2, Path, Node, At, Span, 12_000_000),
        new ReportCapacity(Node, 2, "The disk of the records folder is nearly full."),
        new LeaveFarm(),
        new FarmRefuses("This farm writes protocol 2."),
        new SessionPlaced(Id, 7, Node, Spec, "key-1", At),
        new SessionReported(Summary, 12),
        new SessionMoved(Id, 7, Node, At),
        new SessionWaiting(Id, At),
        new SessionAdvanced(Id, 12, SessionPhase.Recording, At, Node, 2, true),
        new SessionsStillWaiting([Id], At),
        new SessionsForgotten([Id], At),
        new IdSeen(Id, At),
        new SessionListedAgain(Summary, 7, At),
        new RecallSession(Summary),
        new PlacementWithdrawn(Id, At),
        new DrainBegan(Node, At),
        new DrainEnded(Node, At),
        new ReadRecordFile(Id, "2021-09-22_07:56:00__0.mp4", RecordFileKind.Manifest, 262_144, 4096),
        new OpenRecordStream(new ReadRecordFile(Id, "2021-09-22_07:56:00__0.mp4", RecordFileKind.Media, 7, 0), 9_000_000_000),
        new RecordStreamOpened(Id, 40_001, new Guid("11111111-2222-3333-4444-555555555555")),
        new RecordFilePart(Id, 300_000, At, "a-b", [1, 2, 255]),
        new RecordFileMissing(Id),
        new RecordFileElsewhere(Id, "The records folder is not here."),
        new RecordFileChanged(Id),
        new RecordFileUnreadable(Id, "Input/output error."),
        new DrainNode(Node, true),
        new DrainState(Node, true, [Id]),
        new GetAddressUse(Node),
        new AddressUse(Node, true),
        new SessionSnapshot(
            new SessionState(Id)
            {
                Phase = SessionPhase.Resuming,
                PhaseSince = At,
                Spec = Spec,
                AcceptedAt = At,
                Node = Node,
                Attempt = 2,
                Records =
                [
                    new RecordState(Path, 1, At)
                    {
                        Node = Node,
                        Folder = new FolderId(new Guid("11111111-2222-3333-4444-555555555555")),
                        Away = "The folder is not mounted.",
                        OpenedAt = At,
                        Duration = Span,
                        Bytes = 12_000_000,
                        Repaired = true,
                        Lost = true,
                        Hls = new HlsLength(3, 1),
                        Found = true,
                        Apart = true,
                        Counted = true,
                        FramesCaptured = 451,
                        FramesRecorded = 450,
                        FramesDropped = 3,
                        ClosedAt = At,
                        Faults = [new SessionFault(At, Node, FaultCode.NodeLost, "The node went away.")],
                        Sha256 = "ab12",
                        ManifestGivenUp = true,
                        Deliveries = [new DeliverySummary("command", DeliveryState.Waiting, At)],
                    },
                ],
                Faults = [new SessionFault(At, Node, FaultCode.NodeLost, "The node went away.")],
                Gaps = [new SessionGap(At, At + Span, FaultCode.NodeLost)],
                Pauses = [new SessionPause(At, At + Span)],
                FaultsBetween = [new SessionFault(At, Node, FaultCode.NodeLost, "The node went away.")],
                Current = Path,
                StreamingSince = At,
                Endpoint = new RtpEndpoint("10.0.0.1", 5000, 5001, 5002, 5003),
                Targets = [new StreamOutput("target-1", Targets[0])],
                TargetsChangedAt = At,
                TargetsGiven = 2,
                PausedSince = At,
                LastEvidence = At,
                WaitedUntil = At,
                PictureGone = true,
                Started = true,
                Outcome = new SessionOutcome(SessionPhase.Failed, FaultCode.NodeLost, "The node went away."),
            },
            41
        ),
        new PlacementSnapshot(1, [new PlacedSession(7, 12, "key-1", Summary)]),
    ];
}
