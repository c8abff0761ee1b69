using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Delivery;

/// <summary>
/// The deliveries of closed records to destinations. The product's implementation is in
/// the node; tests bring a scripted one. A node without deliveries has no implementation.
/// </summary>
public interface IRecordDelivery
{
    /// <summary>The destinations in the options of this node.</summary>
    DestinationList Destinations { get; }

    /// <summary>How long a delivery is tried.</summary>
    DeliveryPatience Patience { get; }

    /// <summary>How many attempts are under way at once on this node, at least 1.</summary>
    int AtOnce { get; }

    /// <summary>How many growing records are sent at once on this node, at least 1.</summary>
    int GrowingAtOnce => int.MaxValue;

    /// <summary>Whether all deliveries of this node share a limit of bytes a second.</summary>
    bool SharesLimit => false;

    /// <summary>
    /// The props of the actor that makes one attempt as soon as it starts. The actor tells its parent one
    /// <see cref="DeliveryOutcome"/>. When it stops, it ends every process that it started.
    /// </summary>
    /// <param name="to">The name of one of the <see cref="Destinations"/>.</param>
    /// <param name="record">The record to deliver.</param>
    Props DeliveryOf(string to, RecordToDeliver record);

    /// <summary>Nobody goes on with what the attempts to deliver a record have left at a destination, unless somebody
    /// asks for the delivery again.</summary>
    /// <param name="to">The name of one of the <see cref="Destinations"/>.</param>
    /// <param name="path">The path of the record.</param>
    void GiveUp(string to, string path) { }
}

/// <summary>A record to deliver. The destination may already have the record, because a crash can hide an earlier
/// delivery from the session.</summary>
/// <param name="Session">The session.</param>
/// <param name="Path">The absolute path of the record, on this node.</param>
/// <param name="Manifest">The absolute path of the record's manifest; null where none could be written.</param>
/// <param name="Attempt">The number of the attempt, from 1.</param>
public sealed record RecordToDeliver(SessionId Session, string Path, string? Manifest, int Attempt)
{
    /// <summary>The name of the record at the destination; null where the destination chooses the name.</summary>
    public string? Name { get; init; }

    /// <summary>The files that go to the destination; empty: record and manifest.</summary>
    public ImmutableList<DeliveredFile> What { get; init; } = [];

    /// <summary>The SHA-256 of the record by its manifest, in lower-case hexadecimal digits; null without a
    /// manifest.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The caller's own address for the record, or null. The address is a secret.</summary>
    public Uri? Address { get; init; }

    /// <summary>Whether the record grows, and its parts are to be sent until <see cref="StopSending"/> comes.</summary>
    public bool Growing { get; init; }

    /// <summary>With how many growing records this delivery shares the node's limit of bytes a second, itself
    /// included when its record grows.</summary>
    public int GrowingSharers { get; init; }

    /// <summary>The parts of which an object is to be made without the file; else null.</summary>
    public GrownParts? Complete { get; init; }

    /// <summary>The absolute path of the record's file with chapters; null without chapters.</summary>
    public string? Chapters { get; init; }

    /// <inheritdoc/>
    public bool Equals(RecordToDeliver? other) =>
        other is not null
        && (Session, Path, Manifest, Attempt, Name, Sha256, Address)
            == (other.Session, other.Path, other.Manifest, other.Attempt, other.Name, other.Sha256, other.Address)
        && (Growing, Complete, Chapters) == (other.Growing, other.Complete, other.Chapters)
        && What.SequenceEqual(other.What);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Session, Path, Manifest, Attempt, Name);
}

/// <summary>How an attempt ended. Within a node only.</summary>
/// <param name="ExitCode">The exit code of the process that made the attempt, or null.</param>
/// <param name="LastOutput">The last lines that the process wrote, or null. The implementation keeps the text short,
/// because the text goes into the journal.</param>
public abstract record DeliveryOutcome(int? ExitCode, string? LastOutput)
{
    /// <summary>The destination has the record.</summary>
    public sealed record Delivered(int? ExitCode, string? LastOutput) : DeliveryOutcome(ExitCode, LastOutput);

    /// <summary>The destination does not have the record.</summary>
    /// <param name="ExitCode">The exit code of the process that made the attempt, or null.</param>
    /// <param name="LastOutput">The last lines that the process wrote, or null.</param>
    /// <param name="Message">One sentence a person can act on.</param>
    /// <param name="MayPass">Whether a later attempt may succeed.</param>
    public sealed record Failed(int? ExitCode, string? LastOutput, string Message, bool MayPass)
        : DeliveryOutcome(ExitCode, LastOutput);
}

/// <summary>A part of a growing record that the destination has confirmed, told to the parent. Within a node
/// only.</summary>
/// <param name="Key">The object's key.</param>
/// <param name="UploadId">The destination's id of the upload.</param>
/// <param name="PartSize">The length of a part, in bytes.</param>
/// <param name="Number">The number of the part, from 1.</param>
/// <param name="Tag">The name that the destination gave the part.</param>
public sealed record GrownPartSent(string Key, string UploadId, int PartSize, int Number, string Tag);

/// <summary>Told to the actor that sends a growing record: end the sending, and tell the outcome when nothing of it is
/// left.</summary>
public sealed record StopSending
{
    /// <summary>The only one.</summary>
    public static StopSending Instance { get; } = new();
}
