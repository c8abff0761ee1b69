using System.Text.Json;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>Turns sessions into the form of the API's answers. Pure.</summary>
internal static class SessionViews
{
    /// <summary>
    /// Whether the session has ended. An admitted session that has not reported yet is <see cref="SessionPhase.New"/>.
    /// Such a session has not ended, because it holds room and can be stopped.
    /// </summary>
    public static bool IsOver(this SessionSummary session) =>
        session.Phase is SessionPhase.Stopped or SessionPhase.Failed or SessionPhase.Interrupted;

    /// <summary>The paths of the finished records, oldest first.</summary>
    public static IReadOnlyList<string> FinishedRecords(this SessionSummary session) =>
        [.. session.Records.Where(record => record.Kept).Select(record => record.Path)];

    /// <summary>
    /// The original's status list, by id. A start that failed is an error for its caller, and is no session of this
    /// list; <c>/api/sessions</c> lists such starts.
    /// </summary>
    public static IEnumerable<StatusEntry> StatusOf(IEnumerable<SessionSummary> sessions) =>
        from session in sessions
        where session.EverRecorded || !session.IsOver()
        orderby session.Id.Value
        select new StatusEntry(session.Id.Value, session.FinishedRecords(), !session.IsOver(), !session.IsOver());

    /// <summary>The answer that a session has started.</summary>
    /// <param name="id">The session.</param>
    /// <param name="endpoint">The endpoint on which a session of type rtp receives; null otherwise.</param>
    public static StartAnswer StartedOf(SessionId id, RtpEndpoint? endpoint) =>
        new(
            id.Value,
            "started",
            endpoint?.Host,
            endpoint?.RtpPort,
            endpoint?.RtcpPort,
            endpoint?.AudioRtpPort,
            endpoint?.AudioRtcpPort
        );

    /// <summary>The answer that a session has its place and is starting.</summary>
    /// <param name="id">The session.</param>
    /// <param name="phase">How far the session is.</param>
    public static StartAnswer StartingOf(SessionId id, SessionPhase phase = SessionPhase.Starting) =>
        new(id.Value, JsonNamingPolicy.SnakeCaseLower.ConvertName(phase.ToString()));

    /// <summary>Everything that the list knows about the session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="whole">Whether the answer contains the page's address with its query and fragment.</param>
    public static SessionAnswer Detailed(this SessionSummary session, bool whole) =>
        new SessionDetails(session, session.Outputs, null, null, session.PausedSince is not null).Detailed(whole);

    /// <summary>Everything that is known about the session.</summary>
    /// <param name="details">The session.</param>
    /// <param name="whole">Whether the answer contains the page's address with its query and fragment.</param>
    public static SessionAnswer Detailed(this SessionDetails details, bool whole)
    {
        var session = details.Summary;
        return new SessionAnswer(
            session.Id.Value,
            session.Phase,
            session.PhaseSince,
            !session.IsOver(),
            session.EverRecorded,
            session.Node,
            session.Attempt,
            SpecAnswer.Of(session.Spec, whole ? AddressRedaction.WithQuery : AddressRedaction.Of),
            session.Endpoint is { } endpoint
                ? new EndpointAnswer(
                    endpoint.Host,
                    endpoint.RtpPort,
                    endpoint.RtcpPort,
                    endpoint.AudioRtpPort,
                    endpoint.AudioRtcpPort
                )
                : null,
            session.PausedSince,
            [.. details.Outputs.Select(OutputOf)],
            details.Capture is { } capture ? CaptureOf(capture) : null,
            details.Rtp is { } rtp
                ? new ReceptionAnswer(rtp.At, LegOf(rtp.Video), rtp.Audio is { } audio ? LegOf(audio) : null)
                : null,
            [.. RecordId.Of(session).Select(item => RecordOf(item.Id, item.Record))],
            [.. session.Gaps.Select(gap => new GapAnswer(gap.From, gap.To, gap.Code))],
            [
                .. session.Faults.Select(fault => new FaultAnswer(
                    fault.At,
                    fault.Node,
                    fault.Code,
                    AddressRedaction.Of(fault.Message)
                )),
            ]
        )
        {
            Owner = session.Spec.Owner,
            End = EndRulesAnswer.Of(session.End),
            EndsAt = session.EndsAt,
            EndReason = session.EndReason,
            Marks = session.Marks.IsEmpty ? null : MarkAnswer.ListOf(session),
        };
    }

    private static OutputAnswer OutputOf(OutputSummary output) =>
        new(
            output.Id,
            output.Kind,
            AddressRedaction.Of(output.Target),
            output.State,
            output.Since,
            output.Reason is { } reason ? AddressRedaction.Of(reason) : null,
            output.FramesSent,
            output.FramesDropped,
            output.BytesSent,
            output.Retries
        );

    private static CaptureAnswer CaptureOf(CaptureStatistics capture) =>
        new(
            capture.At,
            capture.FramesCaptured,
            capture.FramesPainted,
            capture.FramesRepeated,
            capture.FramesDropped,
            capture.EncodedBytes,
            capture.Duration.TotalSeconds,
            capture.SilenceInserted.TotalSeconds
        );

    private static LegAnswer LegOf(RtpLegStatistics leg) =>
        new(
            leg.Ssrc,
            leg.LastPacketAt,
            leg.Packets,
            leg.Bytes,
            leg.Lost,
            leg.Rejected,
            leg.Jitter.TotalMilliseconds,
            leg.SourceChanges,
            leg.KeyFrameRequests
        );

    private static RecordAnswer RecordOf(RecordId id, RecordSummary record) =>
        new(
            id.ToString(),
            record.Path,
            record.Attempt,
            record.Finished,
            record.OpenedAt,
            record.Duration?.TotalSeconds,
            record.Bytes,
            record.Repaired,
            record.FramesCaptured,
            record.FramesDropped,
            record.Sha256,
            [.. record.Deliveries.Select(DeliveryOf)],
            record.Node,
            record.Folder?.ToString(),
            record.Away
        );

    internal static DeliveryProgress ProgressOf(DeliveryState state) =>
        state switch
        {
            DeliveryState.Waiting => DeliveryProgress.Queued,
            DeliveryState.Running => DeliveryProgress.Sending,
            DeliveryState.Delivered => DeliveryProgress.Delivered,
            DeliveryState.Failed => DeliveryProgress.Retrying,
            DeliveryState.GivenUp => DeliveryProgress.Failed,
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No such state."),
        };

    internal static DeliveryAnswer DeliveryOf(DeliverySummary delivery) =>
        new(
            delivery.To,
            delivery.DestinationKind ?? "command",
            delivery.Name,
            ProgressOf(delivery.State),
            delivery.Since,
            delivery.NextTry,
            delivery.Attempts,
            delivery.ExitCode,
            delivery.LastOutput is { } output ? AddressRedaction.Of(output) : null,
            delivery.Error is { } error ? AddressRedaction.Of(error) : null,
            delivery.SentBytes,
            delivery.Partial
        );
}
