using System.Text.Json.Serialization;
using Recorder.Cluster.Placement;

namespace Recorder.Http.Answers;

/// <summary>May the farm take one more session?</summary>
/// <param name="HasRoom">Whether it would take one now, a page of 1920x1080 at 25 frames/s.</param>
/// <param name="Nodes">Every recorder node that has reported.</param>
public sealed record PressureAnswer(bool HasRoom, [property: JsonRequired] IReadOnlyList<NodePressureAnswer> Nodes)
{
    internal static PressureAnswer Of(Pressure pressure) =>
        new(pressure.HasRoom, [.. pressure.Nodes.Select(NodePressureAnswer.Of)]);
}

/// <summary>How full a node is.</summary>
/// <param name="Node">The node's cluster address.</param>
/// <param name="Slots">How many sessions it can hold, each a page of 1920x1080 at 25 frames/s.</param>
/// <param name="SlotsFound">How that number was found: by configuration, or from which row of the CPU table; null where
/// the node does not tell.</param>
/// <param name="Running">How many sessions it holds, of any size.</param>
/// <param name="Used">What they, and those that are being handed over to it, take of its slots: larger ones more than 1
/// each, smaller ones and RTP less.</param>
/// <param name="Free">What is left of its slots.</param>
/// <param name="CpuPercent">How busy its processors are, in percent of what it may use, averaged; null before it is
/// known.</param>
/// <param name="MemoryAvailableMb">Memory it could still take, in MB; null before it is known.</param>
/// <param name="DiskFreeMb">Free space on the disk of its records folder, in MB; null where the folder does not
/// answer.</param>
/// <param name="Reason">Why it takes no more; null where it does.</param>
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
