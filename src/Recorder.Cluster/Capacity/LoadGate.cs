using System.Collections.Immutable;
using System.Globalization;

namespace Recorder.Cluster.Capacity;

/// <summary>
/// Decides whether the load of a node lets the node take new sessions. The gate closes at one mark and opens at
/// another, so that a node with a load between the marks does not flap. Pure.
/// </summary>
/// <param name="Cpu">Whether the processors close the gate.</param>
/// <param name="Memory">Whether the memory closes the gate.</param>
public sealed record LoadGate(bool Cpu, bool Memory)
{
    /// <summary>An open gate.</summary>
    public static LoadGate Open { get; } = new(false, false);

    /// <summary>The reasons that close the gate; empty when the gate is open.</summary>
    public ImmutableHashSet<ClosedReason> ClosedBy =>
        new[] { Cpu ? ClosedReason.Cpu : default(ClosedReason?), Memory ? ClosedReason.Memory : null }
            .OfType<ClosedReason>()
            .ToImmutableHashSet();

    /// <summary>The gate after one more look at the load.</summary>
    /// <param name="cpu">The samples of the processors.</param>
    /// <param name="memoryAvailable">Available memory in MB, or null when not known; then memory does not close the
    /// gate.</param>
    /// <param name="options">The marks.</param>
    public LoadGate Next(CpuWindow cpu, long? memoryAvailable, CapacityOptions options)
    {
        ArgumentNullException.ThrowIfNull(cpu);
        ArgumentNullException.ThrowIfNull(options);
        // A window that is not full would mistake the start of the node, or of a session, for the node's load.
        var busy = cpu.IsFull(options.CpuWindow) ? cpu.Percent : null;
        return new LoadGate(
            busy is { } percent && (Cpu ? percent >= options.CpuOpenBelow : percent > options.CpuClosedAbove),
            memoryAvailable is { } megabytes
                && megabytes < (Memory ? MemoryOpen(options) : options.MemoryLowWater.Megabytes)
        );
    }

    /// <summary>Why the node takes no session, as one or two sentences, or null when the gate is open.</summary>
    /// <param name="load">The load that the gate was last given.</param>
    /// <param name="options">The marks.</param>
    public string? WhyClosed(NodeLoad load, CapacityOptions options)
    {
        ArgumentNullException.ThrowIfNull(load);
        ArgumentNullException.ThrowIfNull(options);
        var cpu = Cpu
            ? Text(
                $"Its processors were {load.CpuPercent:0} % busy over the last {options.CpuWindow.TotalSeconds:0.#} s; it takes sessions again below {options.CpuOpenBelow:0.#} %."
            )
            : null;
        var memory = Memory
            ? Text(
                $"It has {load.MemoryAvailableMegabytes} MB of memory available; it takes sessions again from {MemoryOpen(options)} MB."
            )
            : null;
        return cpu is null ? memory
            : memory is null ? cpu
            : $"{cpu} {memory}";
    }

    private static long MemoryOpen(CapacityOptions options) => options.MemoryLowWater.Megabytes * 5 / 4;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
