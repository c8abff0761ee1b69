using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Delivery;

/// <summary>
/// What happens after a record is closed: a kind for each kind of destination. The product's is in the node; tests
/// bring a scripted one. A node without deliveries has none.
/// </summary>
public interface IRecordDelivery
{
    /// <summary>The kinds that a record of this node's sessions is delivered by, each a short word that never
    /// changes.</summary>
    ImmutableList<string> Kinds { get; }

    /// <summary>How many attempts a delivery has, at least 1.</summary>
    int Attempts { get; }

    /// <summary>
    /// The props of the actor that makes one attempt as soon as it starts. It tells its parent one
    /// <see cref="DeliveryOutcome"/>, and ends every process it started when it stops.
    /// </summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="record">What is to be delivered.</param>
    Props DeliveryOf(string kind, RecordToDeliver record);
}

/// <summary>A record that is to be delivered. It may have been delivered before: a crash can hide that from the
/// session.</summary>
/// <param name="Session">The session.</param>
/// <param name="Path">The absolute path of the record, on this node.</param>
/// <param name="Manifest">The absolute path of the record's manifest; null where none could be written.</param>
/// <param name="Attempt">Which attempt it is, from 1.</param>
public sealed record RecordToDeliver(SessionId Session, string Path, string? Manifest, int Attempt);

/// <summary>How an attempt ended. Within a node only.</summary>
/// <param name="ExitCode">The exit code of the process that made it, or null.</param>
/// <param name="LastOutput">The last lines that process wrote, or null. Its author keeps it short: it goes into the
/// journal.</param>
public abstract record DeliveryOutcome(int? ExitCode, string? LastOutput)
{
    /// <summary>The destination has the record.</summary>
    public sealed record Delivered(int? ExitCode, string? LastOutput) : DeliveryOutcome(ExitCode, LastOutput);

    /// <summary>The destination does not have the record.</summary>
    /// <param name="ExitCode">The exit code of the process that made the attempt, or null.</param>
    /// <param name="LastOutput">The last lines that process wrote, or null.</param>
    /// <param name="Message">One sentence a person can act on.</param>
    /// <param name="MayPass">Whether a later attempt may succeed.</param>
    public sealed record Failed(int? ExitCode, string? LastOutput, string Message, bool MayPass)
        : DeliveryOutcome(ExitCode, LastOutput);
}
