using System.Collections.Frozen;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Serialization;

/// <summary>
/// The versioned manifests of every type that leaves a process. A manifest is for ever: a changed shape gets the next
/// version and keeps reading the old one.
/// </summary>
internal static class Manifests
{
    public static readonly FrozenDictionary<string, Type> ToType = new Dictionary<string, Type>
    {
        ["session/start:1"] = typeof(StartSession),
        ["session/stop:1"] = typeof(StopSession),
        ["session/resume:1"] = typeof(ResumeSession),
        ["session/records:1"] = typeof(SessionRecords),
        ["session/start-failed:1"] = typeof(StartFailed),
        ["session/stop-done:1"] = typeof(StopDone),
        ["session/stop-failed:1"] = typeof(StopFailed),

        ["session-event/accepted:1"] = typeof(SessionAccepted),
        ["session-event/attempt-started:1"] = typeof(AttemptStarted),
        ["session-event/record-named:1"] = typeof(RecordNamed),
        ["session-event/record-opened:1"] = typeof(RecordOpened),
        ["session-event/record-confirmed:1"] = typeof(RecordConfirmed),
        ["session-event/record-closed:1"] = typeof(RecordClosed),
        ["session-event/record-lost:1"] = typeof(RecordLost),
        ["session-event/fault-met:1"] = typeof(FaultMet),
        ["session-event/recording-interrupted:1"] = typeof(RecordingInterrupted),
        ["session-event/picture-lost:1"] = typeof(PictureLost),
        ["session-event/picture-restored:1"] = typeof(PictureRestored),
        ["session-event/end-decided:1"] = typeof(EndDecided),
        ["session-event/ended:1"] = typeof(SessionEnded),

        ["placement/admit:1"] = typeof(AdmitSession),
        ["placement/admitted:1"] = typeof(SessionAdmitted),
        ["placement/refused:1"] = typeof(AdmissionRefused),
        ["placement/idempotency-conflict:1"] = typeof(IdempotencyConflict),
        ["placement/locate:1"] = typeof(LocateSession),
        ["placement/located:1"] = typeof(SessionLocation),
        ["placement/unknown:1"] = typeof(SessionUnknown),
        ["placement/list:1"] = typeof(ListSessions),
        ["placement/sessions:1"] = typeof(SessionList),
        ["placement/get-pressure:1"] = typeof(GetPressure),
        ["placement/pressure:1"] = typeof(Pressure),
        ["placement/report:1"] = typeof(ReportSession),
        ["placement/report-accepted:1"] = typeof(ReportAccepted),
        ["placement/capacity:1"] = typeof(ReportCapacity),

        ["placement-event/placed:1"] = typeof(SessionPlaced),
        ["placement-event/reported:1"] = typeof(SessionReported),
        ["placement-snapshot:1"] = typeof(PlacementSnapshot),
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<Type, string> OfType = ToType.ToFrozenDictionary(entry => entry.Value, entry => entry.Key);
}
