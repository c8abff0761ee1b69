using System.Text.Json.Serialization;
using Recorder.Cluster.Placement;

namespace Recorder.Http.Answers;

/// <summary>Whether the farm has room for one more session.</summary>
/// <param name="HasRoom">Whether the farm would take one more session now, a page of 1920x1080 at 25 frames/s.</param>
/// <param name="Nodes">Every recorder node that has reported.</param>
public sealed record PressureAnswer(bool HasRoom, [property: JsonRequired] IReadOnlyList<NodePressureAnswer> Nodes)
{
    /// <summary>What each owner has in the farm, as far as the caller may know; absent where no session has an
    /// owner.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<OwnerPressureAnswer>? Owners { get; init; }

    /// <summary>The places that are reserved for sessions of schedules, the next first; absent where none is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PromisedAnswer>? Promised { get; init; }

    internal static PressureAnswer Of(Pressure pressure) =>
        new(pressure.HasRoom, [.. pressure.Nodes.Select(NodePressureAnswer.Of)])
        {
            Promised = pressure.Promised.IsEmpty
                ? null
                : [.. pressure.Promised.OrderBy(place => place.At).Select(PromisedAnswer.Of)],
        };
}

/// <summary>A place that is reserved for a session of a schedule.</summary>
/// <param name="At">When the recording begins.</param>
/// <param name="Slots">The slots that the session takes.</param>
public sealed record PromisedAnswer(DateTimeOffset At, decimal Slots)
{
    internal static PromisedAnswer Of(PromisedPlace place) => new(place.At.ToUniversalTime(), place.Cost);
}

/// <summary>What one owner has in the farm.</summary>
/// <param name="Owner">The owner, as sessions tell it; null: sessions that nobody owns.</param>
/// <param name="Sessions">How many sessions have not ended.</param>
/// <param name="PixelRate">Width x height x framerate of these sessions together.</param>
/// <param name="MaxSessions">How many sessions the caller's key allows at once; absent without a limit, and for other
/// owners.</param>
/// <param name="MaxPixelRate">The pixel rate that the caller's key allows; absent without a limit, and for other
/// owners.</param>
public sealed record OwnerPressureAnswer(
    string? Owner,
    int Sessions,
    long PixelRate,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? MaxSessions = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? MaxPixelRate = null
);

/// <summary>How full a node is.</summary>
/// <param name="Node">The node's cluster address.</param>
/// <param name="Slots">How many sessions the node can hold, each a page of 1920x1080 at 25 frames/s.</param>
/// <param name="SlotsFound">How the number of slots was found: by configuration, or from which row of the CPU table;
/// null when the node does not tell.</param>
/// <param name="Running">How many sessions the node holds, of any size.</param>
/// <param name="Used">The slots taken by these sessions and by those being handed over to the node. A larger session
/// takes more than 1, a smaller one or an RTP session less.</param>
/// <param name="Free">The slots that are left.</param>
/// <param name="CpuPercent">How busy the processors are, averaged, in percent of what the node may use; null before
/// this is known.</param>
/// <param name="MemoryAvailableMb">Memory that the node could still take, in MB; null before this is known.</param>
/// <param name="DiskFreeMb">Free space on the disk of the node's records folder, in MB; null when the folder does not
/// answer.</param>
/// <param name="Reason">Why the node takes no more sessions; null when the node takes more.</param>
public sealed record NodePressureAnswer(
    string Node,
    int Slots,
    string? SlotsFound,
    int Running,
    decimal Used,
    decimal Free,
    double? CpuPercent,
    long? MemoryAvailableMb,
    long? DiskFreeMb,
    string? Reason
)
{
    internal static NodePressureAnswer Of(NodePressure node)
    {
        var used = node.Used ?? node.Running;
        return new NodePressureAnswer(
            node.Node,
            node.Slots,
            node.Found,
            node.Running,
            used,
            Math.Max(0, node.Slots - used),
            node.Load?.CpuPercent,
            node.Load?.MemoryAvailableMegabytes,
            node.Load?.DiskFreeMegabytes,
            node.Reason
        );
    }
}
