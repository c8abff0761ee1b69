using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A fact in the life of one delivery of a record.</summary>
public interface IDeliveryEvent : ISessionEvent
{
    /// <summary>The record.</summary>
    string Path { get; }

    /// <summary>The kind of destination.</summary>
    string Kind { get; }
}

/// <summary>A record is closed and is to be delivered. Persisted together with the closing, so that no delivery can
/// be forgotten.</summary>
[Wire("session-event/delivery-planned:1")]
public sealed record DeliveryPlanned(string Path, string Kind, DateTimeOffset At, string Node) : IDeliveryEvent;

/// <summary>An attempt is under way on the node that holds the file.</summary>
/// <param name="Path">The record.</param>
/// <param name="Kind">The kind of destination.</param>
/// <param name="Attempt">The number of the attempt, from 1.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record.</param>
[Wire("session-event/delivery-begun:1")]
public sealed record DeliveryBegun(string Path, string Kind, int Attempt, DateTimeOffset At, string Node)
    : IDeliveryEvent;

/// <summary>The destination has the record.</summary>
/// <param name="Path">The record.</param>
/// <param name="Kind">The kind of destination.</param>
/// <param name="Attempt">The number of the successful attempt, from 1.</param>
/// <param name="ExitCode">The exit code of the delivering process, or null.</param>
/// <param name="LastOutput">The last lines that the process wrote, or null.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record.</param>
[Wire("session-event/record-delivered:1")]
public sealed record RecordDelivered(
    string Path,
    string Kind,
    int Attempt,
    int? ExitCode,
    string? LastOutput,
    DateTimeOffset At,
    string Node
) : IDeliveryEvent;

/// <summary>An attempt failed. Another attempt follows, unless <see cref="DeliveryGivenUp"/> follows.</summary>
/// <param name="Path">The record.</param>
/// <param name="Kind">The kind of destination.</param>
/// <param name="Attempt">The number of the attempt, from 1.</param>
/// <param name="ExitCode">The exit code of the delivering process, or null.</param>
/// <param name="LastOutput">The last lines that the process wrote, or null.</param>
/// <param name="Message">One sentence a person can act on.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record.</param>
[Wire("session-event/delivery-failed:1")]
public sealed record DeliveryFailed(
    string Path,
    string Kind,
    int Attempt,
    int? ExitCode,
    string? LastOutput,
    string Message,
    DateTimeOffset At,
    string Node
) : IDeliveryEvent;

/// <summary>The record is not delivered: its attempts are used up, or no attempt can help.</summary>
[Wire("session-event/delivery-given-up:1")]
public sealed record DeliveryGivenUp(string Path, string Kind, string Message, DateTimeOffset At, string Node)
    : IDeliveryEvent;

/// <summary>The node that holds the record does not answer; the delivery waits for that node.</summary>
[Wire("session-event/delivery-delayed:1")]
public sealed record DeliveryDelayed(string Path, string Kind, string Message, DateTimeOffset At, string Node)
    : IDeliveryEvent;
