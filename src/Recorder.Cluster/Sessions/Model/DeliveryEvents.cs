using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A fact in the life of one delivery of a record.</summary>
public interface IDeliveryEvent : ISessionEvent
{
    /// <summary>The record.</summary>
    string Path { get; }

    /// <summary>The name of the destination. In journals the name is called a kind: an earlier version knew one
    /// destination of each kind.</summary>
    string To { get; }
}

/// <summary>A record is closed and is to be delivered. Persisted together with the closing, so that no delivery can
/// be forgotten.</summary>
[Wire("session-event/delivery-planned:1")]
public sealed record DeliveryPlanned(
    string Path,
    [property: JsonPropertyName("kind")] string To,
    DateTimeOffset At,
    string Node
) : IDeliveryEvent
{
    /// <summary>The kind of the destination, such as <c>s3</c>; null: <c>command</c>, the only kind of earlier
    /// versions.</summary>
    [AddedLater]
    public string? DestinationKind { get; init; }

    /// <summary>The name of the record at the destination; null where the destination chooses the name.</summary>
    [AddedLater]
    public string? Name { get; init; }

    /// <summary>The files that go to the destination; empty: record and manifest.</summary>
    [AddedLater]
    public ImmutableList<DeliveredFile> What { get; init; } = [];

    /// <summary>Whether the record is sent while it grows. Such a delivery is planned when the record opens.</summary>
    [AddedLater]
    public bool WhileRecording { get; init; }

    /// <summary>How long the record stays on its node after this delivery; null: this delivery erases
    /// nothing.</summary>
    [AddedLater]
    public TimeSpan? KeepLocal { get; init; }
}

/// <summary>A destination has confirmed a part of a growing record.</summary>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
/// <param name="Key">The object's key.</param>
/// <param name="UploadId">The destination's id of the upload.</param>
/// <param name="PartSize">The length of a part, in bytes.</param>
/// <param name="Number">The number of the part, from 1. A number comes again when the bytes of the part have
/// changed.</param>
/// <param name="Tag">The name that the destination gave the part.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record.</param>
[Wire("session-event/record-part-delivered:1")]
public sealed record RecordPartDelivered(
    string Path,
    [property: JsonPropertyName("kind")] string To,
    string Key,
    string UploadId,
    int PartSize,
    int Number,
    string Tag,
    DateTimeOffset At,
    string Node
) : IDeliveryEvent;

/// <summary>Somebody asked for another attempt of a delivery that had failed for good.</summary>
[Wire("session-event/delivery-asked-again:1")]
public sealed record DeliveryAskedAgain(
    string Path,
    [property: JsonPropertyName("kind")] string To,
    DateTimeOffset At,
    string Node
) : IDeliveryEvent;

/// <summary>An attempt is under way on the node that holds the file.</summary>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
/// <param name="Attempt">The number of the attempt, from 1.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record.</param>
[Wire("session-event/delivery-begun:1")]
public sealed record DeliveryBegun(
    string Path,
    [property: JsonPropertyName("kind")] string To,
    int Attempt,
    DateTimeOffset At,
    string Node
) : IDeliveryEvent;

/// <summary>The destination has the record.</summary>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
/// <param name="Attempt">The number of the successful attempt, from 1.</param>
/// <param name="ExitCode">The exit code of the delivering process, or null.</param>
/// <param name="LastOutput">The last lines that the process wrote, or null.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record.</param>
[Wire("session-event/record-delivered:1")]
public sealed record RecordDelivered(
    string Path,
    [property: JsonPropertyName("kind")] string To,
    int Attempt,
    int? ExitCode,
    string? LastOutput,
    DateTimeOffset At,
    string Node
) : IDeliveryEvent
{
    /// <summary>Whether the destination has only what was sent while the record grew, since the record's node is
    /// away.</summary>
    [AddedLater]
    public bool Partial { get; init; }
}

/// <summary>An attempt failed. Another attempt follows, unless <see cref="DeliveryGivenUp"/> follows.</summary>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
/// <param name="Attempt">The number of the attempt, from 1.</param>
/// <param name="ExitCode">The exit code of the delivering process, or null.</param>
/// <param name="LastOutput">The last lines that the process wrote, or null.</param>
/// <param name="Message">One sentence a person can act on.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record.</param>
[Wire("session-event/delivery-failed:1")]
public sealed record DeliveryFailed(
    string Path,
    [property: JsonPropertyName("kind")] string To,
    int Attempt,
    int? ExitCode,
    string? LastOutput,
    string Message,
    DateTimeOffset At,
    string Node
) : IDeliveryEvent
{
    /// <summary>When the next attempt begins; null when none follows, and in events of an earlier version.</summary>
    [AddedLater]
    public DateTimeOffset? NextTry { get; init; }
}

/// <summary>The record is not delivered: its attempts are used up, or no attempt can help.</summary>
[Wire("session-event/delivery-given-up:1")]
public sealed record DeliveryGivenUp(
    string Path,
    [property: JsonPropertyName("kind")] string To,
    string Message,
    DateTimeOffset At,
    string Node
) : IDeliveryEvent;

/// <summary>The node that holds the record does not answer; the delivery waits for that node.</summary>
[Wire("session-event/delivery-delayed:1")]
public sealed record DeliveryDelayed(
    string Path,
    [property: JsonPropertyName("kind")] string To,
    string Message,
    DateTimeOffset At,
    string Node
) : IDeliveryEvent;
