using Recorder.Cluster.Sessions;

namespace Recorder.Http.Answers;

/// <summary>How a session is told to the outside. Pure.</summary>
internal static class SessionViews
{
    /// <summary>
    /// Whether the session has ended. One that was admitted but has not reported yet is <see cref="SessionPhase.New"/>:
    /// it holds a slot and can be stopped, so it has not.
    /// </summary>
    public static bool IsOver(this SessionSummary session) =>
        session.Phase is SessionPhase.Stopped or SessionPhase.Failed or SessionPhase.Interrupted;

    /// <summary>The paths of the finished records, oldest first.</summary>
    public static IReadOnlyList<string> FinishedRecords(this SessionSummary session) =>
        [.. session.Records.Where(record => record.Finished).Select(record => record.Path)];

    /// <summary>
    /// The original's status list, by id. A start that failed is an error to its caller and not a session of the list;
    /// <c>/api/sessions</c> has it.
    /// </summary>
    public static IReadOnlyList<StatusEntry> StatusOf(IEnumerable<SessionSummary> sessions) =>
    [
        .. from session in sessions
           where session.EverRecorded || !session.IsOver()
           orderby session.Id.Value
           select new StatusEntry(session.Id.Value, session.FinishedRecords(), !session.IsOver(), !session.IsOver()),
    ];

    /// <summary>All that is known about the session.</summary>
    public static SessionAnswer Detailed(this SessionSummary session) => new(
        session.Id.Value,
        session.Phase,
        session.PhaseSince,
        !session.IsOver(),
        session.EverRecorded,
        session.Node,
        session.Attempt,
        SpecOf(session.Spec),
        [.. session.Records.Select(RecordOf)],
        [.. session.Gaps.Select(gap => new GapAnswer(gap.From, gap.To, gap.Code))],
        [.. session.Faults.Select(fault => new FaultAnswer(fault.At, fault.Node, fault.Code, Redaction.Of(fault.Message)))]);

    private static RecordAnswer RecordOf(RecordSummary record) => new(
        record.Path,
        record.Attempt,
        record.Finished,
        record.OpenedAt,
        record.Duration?.TotalSeconds,
        record.Bytes,
        record.Repaired,
        record.FramesCaptured,
        record.FramesDropped);

    private static SpecAnswer? SpecOf(SessionSpec spec) => spec switch
    {
        PageSessionSpec page => new SpecAnswer(
            "uri",
            Redaction.Of(page.Page),
            page.Mode,
            page.Video.Width,
            page.Video.Height,
            page.Video.Framerate,
            page.Video.Bitrate,
            page.Video.Preset,
            page.Video.Profile,
            page.Video.KeyframeInterval,
            page.Audio.Bitrate,
            page.Container),
        _ => null,
    };
}
