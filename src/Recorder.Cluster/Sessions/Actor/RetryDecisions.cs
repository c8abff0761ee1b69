using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>The decisions of a session about a delivery that somebody asks for again. Pure.</summary>
internal static class RetryDecisions
{
    /// <summary>Decides what follows when somebody asks for another attempt of a delivery.</summary>
    /// <param name="state">The session.</param>
    /// <param name="path">The record.</param>
    /// <param name="to">The destination.</param>
    /// <param name="now">Where and when.</param>
    /// <returns>One event for a delivery that has failed or waits for its next attempt. No event for a delivery that is
    /// queued, since its attempt comes anyway.</returns>
    public static ChangeDecision Retry(SessionState state, string path, string to, Moment now)
    {
        if (state.Records.Find(record => record.Path == path) is not { } record)
        {
            return ChangeDecision.Refused(
                FaultCode.NoSuchDelivery,
                $"Session {state.Id} has no record {System.IO.Path.GetFileName(path)}."
            );
        }
        if (record.Deliveries.Find(delivery => delivery.To == to) is not { } delivery)
        {
            return ChangeDecision.Refused(
                FaultCode.NoSuchDelivery,
                $"The record {System.IO.Path.GetFileName(path)} is not delivered to {to}; "
                    + (
                        record.Deliveries.IsEmpty
                            ? "it is delivered nowhere."
                            : $"its destinations are {string.Join(", ", record.Deliveries.Select(known => known.To))}."
                    )
            );
        }
        if (record.Erasing is not null)
        {
            return ChangeDecision.Refused(
                FaultCode.RecordErased,
                $"The record {System.IO.Path.GetFileName(path)} is erased, or is being erased; nothing is left to send."
            );
        }
        return delivery.State switch
        {
            DeliveryState.Delivered when !delivery.Partial => ChangeDecision.Refused(
                FaultCode.NotRetriable,
                $"{to} has had the record since {delivery.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z; nothing is left to send."
            ),
            DeliveryState.Running => ChangeDecision.Refused(
                FaultCode.NotRetriable,
                $"The record is being sent to {to} (attempt {delivery.Attempts}); wait for the end of this attempt."
            ),
            DeliveryState.Waiting => new ChangeDecision([], null),
            _ => new ChangeDecision([new DeliveryAskedAgain(path, to, now.At, now.Node)], null),
        };
    }
}
