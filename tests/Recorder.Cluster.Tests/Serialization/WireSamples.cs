using Recorder.Cluster.Placement;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>One message of every manifest, with every list filled and every optional value given.</summary>
internal static class WireSamples
{
    private const string Node = Sample.Node;
    private const string Path = Sample.FirstRecord;

    private static readonly SessionId Id = Sample.Id;
    private static readonly DateTimeOffset At = Sample.Time(1.25);
    private static readonly TimeSpan Span = TimeSpan.FromMilliseconds(18_040);

    private static readonly SessionSpec Spec = new PageSessionSpec(new Uri("https://example.org/room?name=Žluťoučký&x=1#top"))
    {
        Container = RecordContainer.Mkv,
        Mode = RecordingMode.Record,
        Video = new VideoSettings
        {
            Width = 1280, Height = 720, Framerate = 30, Bitrate = 2500, Preset = EncoderPreset.Veryfast, Profile = EncoderProfile.High, KeyframeInterval = 90,
        },
        Audio = new AudioSettings { Bitrate = 128 },
    };

    private static readonly SessionSummary Summary = new(
        Id,
        SessionPhase.Resuming,
        At,
        Node,
        2,
        Spec,
        [new RecordSummary(Path, 1, true, At, Span, 12_000_000, true, 451, 3)],
        [new SessionFault(At, Node, FaultCode.NodeLost, "The node went away.")],
        [new SessionGap(At, At + Span, FaultCode.NodeLost)])
    {
        EverRecorded = true,
    };

    public static readonly IReadOnlyList<IWireMessage> All =
    [
        new StartSession(Id, 7, Spec),
        new StopSession(Id, 7),
        new ResumeSession(Id, 7, Spec),
        new SessionRecords(Id),
        new StartFailed(Id, FaultCode.PageFailed, "net::ERR_NAME_NOT_RESOLVED at https://example.org/"),
        new StopDone(Id),
        new StopFailed(Id, FaultCode.NoSuchSession, "There is no session 1."),

        new SessionAccepted(Id, Spec, At, Node),
        new AttemptStarted(2, At, Node),
        new RecordNamed(Path, 2, At, Node),
        new RecordOpened(Path, At, Node),
        new RecordConfirmed(Path, 451, 3, At, Node),
        new RecordClosed(Path, Span, 12_000_000, false, At, Node),
        new RecordLost(Path, "Nothing playable is in it.", At, Node),
        new FaultMet(FaultCode.BrowserFailed, "The browser crashed.", At, Node),
        new RecordingInterrupted(At, FaultCode.PipelineFailed, true, At, Node),
        new PictureLost(At, Node),
        new PictureRestored(At, Node),
        new EndDecided(SessionPhase.Failed, FaultCode.DiskFull, "The disk is full.", At, Node),
        new SessionEnded(At, Node),

        new AdmitSession(Spec, "key-1"),
        new SessionAdmitted(Id, 7, Node),
        new AdmissionRefused(FaultCode.AtCapacity, "No node takes one more session.", [new NodeRefusal(Node, "It holds 2 of 2 sessions.")], TimeSpan.FromSeconds(10)),
        new IdempotencyConflict("This idempotency key started session 1 with another request."),
        new LocateSession(Id),
        new SessionLocation(Id, 7, Summary),
        new SessionUnknown(Id),
        new ListSessions(),
        new SessionList([Summary]),
        new GetPressure(),
        new Pressure(false, [new NodePressure(Node, 2, 2, "It holds 2 of 2 sessions.")]),
        new ReportSession(Summary, 12),
        new ReportAccepted(Id, 12),
        new ReportCapacity(Node, 2, "The disk of the records folder is nearly full."),

        new SessionPlaced(Id, 7, Node, Spec, "key-1", At),
        new SessionReported(Summary, 12),
        new PlacementSnapshot(1, [new PlacedSession(7, 12, "key-1", Summary)]),
    ];
}
