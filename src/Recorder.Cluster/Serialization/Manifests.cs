using System.Collections.Frozen;

using Recorder.Cluster.Membership;
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
        ["session/records-reachable:1"] = typeof(RecordsReachable),
        ["session/records:1"] = typeof(SessionRecords),
        ["session/start-failed:1"] = typeof(StartFailed),
        ["session/stop-done:1"] = typeof(StopDone),
        ["session/stop-failed:1"] = typeof(StopFailed),
        ["session/get:1"] = typeof(GetSession),
        ["session/details:1"] = typeof(SessionDetails),
        ["session/details-unavailable:1"] = typeof(DetailsUnavailable),
        ["session/change-targets:1"] = typeof(ChangeTargets),
        ["session/pause:1"] = typeof(PauseSession),
        ["session/continue:1"] = typeof(UnpauseSession),
        ["session/changed:1"] = typeof(SessionChanged),
        ["session/change-refused:1"] = typeof(ChangeRefused),
        ["session/get-thumbnail:1"] = typeof(GetThumbnail),
        ["session/thumbnail:1"] = typeof(SessionThumbnail),
        ["session/thumbnail-unavailable:1"] = typeof(ThumbnailUnavailable),

        ["repair/request:1"] = typeof(RepairHere),
        ["repair/done:1"] = typeof(RecordRepaired),
        ["repair/failed:1"] = typeof(RecordNotRepaired),

        ["manifest/write:1"] = typeof(WriteManifest),
        ["manifest/done:1"] = typeof(ManifestDone),
        ["manifest/failed:1"] = typeof(ManifestFailed),

        ["hls/read:1"] = typeof(ReadHlsFile),
        ["hls/chunk:1"] = typeof(HlsChunk),
        ["hls/missing:1"] = typeof(HlsFileMissing),
        ["hls/unreadable:1"] = typeof(HlsFileUnreadable),

        ["farm/get-presence:1"] = typeof(GetFarmPresence),
        ["farm/presence:1"] = typeof(FarmPresence),
        ["farm/get-address-use:1"] = typeof(GetAddressUse),
        ["farm/address-use:1"] = typeof(AddressUse),

        ["session/hand-over:1"] = typeof(HandOver),
        ["hand-over/prepare:1"] = typeof(PrepareMedia),
        ["hand-over/prepared:1"] = typeof(MediaPrepared),
        ["hand-over/not-prepared:1"] = typeof(MediaNotPrepared),
        ["hand-over/dismiss:1"] = typeof(DismissMedia),
        ["session/list-record:1"] = typeof(ListRecord),
        ["hand-over/record-listed:1"] = typeof(RecordListed),

        ["session-event/accepted:1"] = typeof(SessionAccepted),
        ["session-event/attempt-started:1"] = typeof(AttemptStarted),
        ["session-event/record-named:1"] = typeof(RecordNamed),
        ["session-event/record-opened:1"] = typeof(RecordOpened),
        ["session-event/record-confirmed:1"] = typeof(RecordConfirmed),
        ["session-event/record-closed:1"] = typeof(RecordClosed),
        ["session-event/manifest-written:1"] = typeof(ManifestWritten),
        ["session-event/manifest-given-up:1"] = typeof(ManifestGivenUp),
        ["session-event/record-lost:1"] = typeof(RecordLost),
        ["session-event/record-found:1"] = typeof(RecordFound),
        ["session-event/fault-met:1"] = typeof(FaultMet),
        ["session-event/recording-interrupted:1"] = typeof(RecordingInterrupted),
        ["session-event/streaming-planned:1"] = typeof(StreamingPlanned),
        ["session-event/streaming-began:1"] = typeof(StreamingBegan),
        ["session-event/streaming-confirmed:1"] = typeof(StreamingConfirmed),
        ["session-event/streaming-ended:1"] = typeof(StreamingEnded),
        ["session-event/targets-changed:1"] = typeof(TargetsChanged),
        ["session-event/ports-bound:1"] = typeof(SessionPortsBound),
        ["session-event/recording-paused:1"] = typeof(RecordingPaused),
        ["session-event/recording-continued:1"] = typeof(RecordingUnpaused),
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
        ["placement/drain:1"] = typeof(DrainNode),
        ["placement/drain-state:1"] = typeof(DrainState),
        ["placement/handed-over:1"] = typeof(SessionHandedOver),
        ["placement/hand-over-begun:1"] = typeof(HandOverBegun),
        ["placement/hand-over-refused:1"] = typeof(HandOverRefused),
        ["placement/hand-over-accepted:1"] = typeof(HandOverAccepted),
        ["placement/media-kept:1"] = typeof(MediaKept),
        ["placement/record-left:1"] = typeof(RecordLeft),
        ["placement/capacity:1"] = typeof(ReportCapacity),

        ["membership/leave:1"] = typeof(LeaveFarm),

        ["placement-event/placed:1"] = typeof(SessionPlaced),
        ["placement-event/withdrawn:1"] = typeof(PlacementWithdrawn),
        ["placement-event/reported:1"] = typeof(SessionReported),
        ["placement-event/moved:1"] = typeof(SessionMoved),
        ["placement-event/waiting:1"] = typeof(SessionWaiting),
        ["placement-event/drain-began:1"] = typeof(DrainBegan),
        ["placement-event/drain-ended:1"] = typeof(DrainEnded),
        ["placement-snapshot:1"] = typeof(PlacementSnapshot),
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<Type, string> OfType = ToType.ToFrozenDictionary(entry => entry.Value, entry => entry.Key);
}
