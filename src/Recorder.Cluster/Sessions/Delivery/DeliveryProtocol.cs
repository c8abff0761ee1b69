using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Delivery;

/// <summary>
/// Deliver a closed record. Told by a session to the node that holds the file, repeatedly until the delivery has
/// ended. Each message is answered by a <see cref="DeliveryReply"/>. A repeated message with the same number starts
/// no second attempt while the attempt is under way, or after it has ended.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Path">The absolute path of the record on the node.</param>
/// <param name="Manifest">The absolute path of the record's manifest; null when none could be written.</param>
/// <param name="To">The name of the destination.</param>
/// <param name="Attempt">The number of the attempt, from 1.</param>
[Wire("delivery/deliver:1")]
internal sealed record DeliverRecord(
    SessionId Id,
    string Path,
    string? Manifest,
    [property: JsonPropertyName("kind")] string To,
    int Attempt
) : IWireMessage
{
    /// <summary>The folder that holds the record; null when it is not known.</summary>
    [AddedLater]
    public FolderId? Folder { get; init; }

    /// <summary>The name of the record at the destination; null where the destination chooses the name.</summary>
    [AddedLater]
    public string? Name { get; init; }

    /// <summary>The files that go to the destination; empty: record and manifest.</summary>
    [AddedLater]
    public ImmutableList<DeliveredFile> What { get; init; } = [];

    /// <summary>The SHA-256 of the record by its manifest; null without a manifest.</summary>
    [AddedLater]
    public string? Sha256 { get; init; }

    /// <summary>The caller's own address for the record, or null. The address is a secret.</summary>
    [AddedLater]
    public Uri? Address { get; init; }

    /// <summary>Whether the record grows. Its parts are sent until the closed record is to be delivered. Such an ask is
    /// no attempt.</summary>
    [AddedLater]
    public bool Growing { get; init; }

    /// <summary>The parts of which an object is to be made, since the record's node is away; else null. Any node can do
    /// that.</summary>
    [AddedLater]
    public GrownParts? Complete { get; init; }

    /// <summary>Whether the record has a file with chapters, which goes along with the manifest.</summary>
    [AddedLater]
    public bool Chapters { get; init; }
}

/// <summary>A session has given a delivery up. Told once to the node that holds the file, which then knows that nobody
/// goes on with what the attempts have left at the destination.</summary>
/// <param name="Id">The session.</param>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
[Wire("delivery/give-up:1")]
internal sealed record GiveUpDelivery(SessionId Id, string Path, string To) : IWireMessage;

/// <summary>The answer to <see cref="DeliverRecord"/>.</summary>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
/// <param name="Attempt">The attempt.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(DeliveryQueued), "queued")]
[JsonDerivedType(typeof(DeliveryRunning), "running")]
[JsonDerivedType(typeof(DeliveryDone), "done")]
[JsonDerivedType(typeof(DeliveryNotDone), "not-done")]
[JsonDerivedType(typeof(DeliveryHeldUp), "held-up")]
[JsonDerivedType(typeof(PartDelivered), "part")]
internal abstract record DeliveryReply(string Path, [property: JsonPropertyName("kind")] string To, int Attempt)
    : IWireMessage;

/// <summary>Other deliveries of the node come first.</summary>
[Wire("delivery/queued:1")]
internal sealed record DeliveryQueued(string Path, string To, int Attempt) : DeliveryReply(Path, To, Attempt);

/// <summary>The attempt is under way.</summary>
[Wire("delivery/running:1")]
internal sealed record DeliveryRunning(string Path, string To, int Attempt) : DeliveryReply(Path, To, Attempt);

/// <summary>The destination has the record.</summary>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="ExitCode">The exit code of the delivering process, or null.</param>
/// <param name="LastOutput">The last lines that the process wrote, or null.</param>
[Wire("delivery/done:1")]
internal sealed record DeliveryDone(string Path, string To, int Attempt, int? ExitCode, string? LastOutput)
    : DeliveryReply(Path, To, Attempt)
{
    /// <summary>Whether the destination has only what was sent while the record grew.</summary>
    [AddedLater]
    public bool Partial { get; init; }
}

/// <summary>The destination has confirmed a part of a growing record.</summary>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
/// <param name="Key">The object's key.</param>
/// <param name="UploadId">The destination's id of the upload.</param>
/// <param name="PartSize">The length of a part, in bytes.</param>
/// <param name="Number">The number of the part, from 1.</param>
/// <param name="Tag">The name that the destination gave the part.</param>
[Wire("delivery/part:1")]
internal sealed record PartDelivered(
    string Path,
    string To,
    string Key,
    string UploadId,
    int PartSize,
    int Number,
    string Tag
) : DeliveryReply(Path, To, 0);

/// <summary>The attempt cannot begin yet: the record's folder is not here. The attempt does not count.</summary>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Message">The reason, as one or more sentences that a person can act on.</param>
[Wire("delivery/held-up:1")]
internal sealed record DeliveryHeldUp(string Path, string To, int Attempt, string Message)
    : DeliveryReply(Path, To, Attempt);

/// <summary>The attempt failed.</summary>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="ExitCode">The exit code of the delivering process, or null.</param>
/// <param name="LastOutput">The last lines that the process wrote, or null.</param>
/// <param name="Message">One sentence a person can act on.</param>
/// <param name="MayPass">Whether a later attempt may succeed.</param>
[Wire("delivery/not-done:1")]
internal sealed record DeliveryNotDone(
    string Path,
    string To,
    int Attempt,
    int? ExitCode,
    string? LastOutput,
    string Message,
    bool MayPass
) : DeliveryReply(Path, To, Attempt);
