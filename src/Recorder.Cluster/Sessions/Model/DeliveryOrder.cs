using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A file that goes to a destination.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<DeliveredFile>))]
public enum DeliveredFile
{
    /// <summary>The record itself.</summary>
    Record,

    /// <summary>The record's manifest. It goes last, so that a manifest at the destination stands beside a whole
    /// record.</summary>
    Manifest,
}

/// <summary>One destination of a session's records.</summary>
/// <param name="To">The name of the destination in the options of the nodes.</param>
/// <param name="Name">The template of the records' names at the destination; null: the destination's own.</param>
/// <param name="What">The files that go there; empty: the destination's own choice.</param>
/// <param name="Addresses">The caller's own addresses, one for each record of the session by its number. Empty
/// where the destination has an address of its own. Whoever knows such an address
/// may write there, so the addresses stand in no answer and no log.</param>
public sealed record DeliveryOrder(
    string To,
    string? Name,
    ImmutableList<DeliveredFile> What,
    ImmutableList<Uri> Addresses
)
{
    /// <summary>What becomes of the file on the node after the delivery; null: the destination's own choice.</summary>
    [AddedLater]
    public LocalKeeping? KeepLocal { get; init; }

    /// <summary>Whether the record is sent while it grows; null: the destination's own choice.</summary>
    [AddedLater]
    public bool? WhileRecording { get; init; }
}

/// <summary>What becomes of a record on its node after a delivery.</summary>
/// <param name="After">How long the record stays; null: the delivery erases nothing.</param>
public sealed record LocalKeeping(TimeSpan? After);

/// <summary>Where the records of a session go.</summary>
/// <param name="Orders">The destinations, each name once; empty: the records stay where they are.</param>
public sealed record DeliverySpec(ImmutableList<DeliveryOrder> Orders);

/// <summary>A destination that a start may name.</summary>
/// <param name="To">The name in the options.</param>
/// <param name="Kind">The kind, such as <c>s3</c>, in lower case.</param>
/// <param name="TakesName">Whether the records' names there can be chosen.</param>
/// <param name="Name">The template of the records' names; null where the names cannot be chosen.</param>
/// <param name="What">The files that go there when a start does not say.</param>
/// <param name="KeepsColons">Whether names there may hold colons.</param>
public sealed record Destination(
    string To,
    string Kind,
    bool TakesName,
    string? Name,
    ImmutableList<DeliveredFile> What,
    bool KeepsColons
)
{
    /// <summary>Whether a destination of this kind can take a record while it grows.</summary>
    public bool TakesGrowing { get; init; }

    /// <summary>Whether records are sent while they grow when a start does not say.</summary>
    public bool WhileRecording { get; init; }

    /// <summary>How long a record stays on its node after the delivery when a start does not say; null: the delivery
    /// erases nothing.</summary>
    public TimeSpan? KeepLocal { get; init; }

    /// <summary>Why the node may not send to an address that a caller gives, as a sentence, or null where the node
    /// may. Null itself where the destination takes no addresses of callers.</summary>
    public Func<Uri, string?>? WhyRefused { get; init; }

    /// <summary>Whether every start must give addresses, since the destination has none of its own.</summary>
    public bool NeedsAddresses { get; init; }
}

/// <summary>The destinations of a node's options, and which of them every record goes to.</summary>
/// <param name="All">All destinations.</param>
/// <param name="Default">The names of the destinations for starts that name none.</param>
public sealed record DestinationList(ImmutableList<Destination> All, ImmutableList<string> Default)
{
    /// <summary>No destination.</summary>
    public static DestinationList None { get; } = new([], []);

    /// <summary>The destination of a name; null when there is none.</summary>
    /// <param name="to">The name.</param>
    public Destination? Find(string to) => All.Find(known => known.To == to);
}

/// <summary>How long a delivery is tried before it counts as failed.</summary>
/// <param name="Limit">The time from the first attempt to the last one.</param>
/// <param name="Attempts">The most attempts; 0: as many as fit into the limit.</param>
public sealed record DeliveryPatience(TimeSpan Limit, int Attempts = 0)
{
    /// <summary>How long the holder of a growing record may be away before another node completes the object of the
    /// parts that were sent.</summary>
    public TimeSpan CompleteAfter { get; init; } = TimeSpan.FromMinutes(5);
}
