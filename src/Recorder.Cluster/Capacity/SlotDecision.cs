using System.Collections.Immutable;
using System.Globalization;

namespace Recorder.Cluster.Capacity;

/// <summary>The parts of a host that a node may use.</summary>
/// <param name="Cpu">The processor's name, as in /proc/cpuinfo.</param>
/// <param name="HostThreads">Hardware threads of the host.</param>
/// <param name="Threads">The threads that affinity, cpusets and quotas of control groups leave to the node, greater
/// than 0.</param>
/// <param name="MemoryMegabytes">Memory that the node may use, in MB (10^6 bytes).</param>
public sealed record HostFacts(string Cpu, int HostThreads, double Threads, long MemoryMegabytes);

/// <summary>Decides how many slots a node has: by configuration, by the row of its processor, or by the most careful
/// row. Pure.</summary>
public static class SlotDecision
{
    /// <summary>The share of a node's memory that sessions may take.</summary>
    private const double MemoryShare = 0.9;

    /// <summary>Decides the node's slots.</summary>
    /// <param name="configured">The configured number, or 0 for none.</param>
    /// <param name="measured">The rows measured by <c>recorder calibrate</c> with this data folder.</param>
    /// <param name="table">The CPU table.</param>
    /// <param name="host">The host.</param>
    /// <param name="options">What counts as held.</param>
    public static NodeSlots Decide(
        int configured,
        CpuTable measured,
        CpuTable table,
        HostFacts host,
        CapacityOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(measured);
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        if (configured > 0)
        {
            return new NodeSlots(configured, "Configured by Placement:Sessions.");
        }

        if (OfThisHost(measured, host) is { } own)
        {
            return Scale(own, $"Measured on this host by recorder calibrate: {Told(own, options)}.", host, options);
        }
        if (Named(table, host) is { } named)
        {
            return Scale(named, $"The CPU table has this processor: {Told(named, options)}.", host, options);
        }

        var careful = table.Rows.MinBy(row => row.HeldPerThread(options));
        return careful is null
            ? new NodeSlots(1, $"One, since the CPU table is empty; recorder calibrate measures this host.")
            : Scale(
                careful,
                $"The CPU table does not have this processor ({host.Cpu}), so its most careful row counts, scaled by threads: {Told(careful, options)}. "
                    + "recorder calibrate measures this host.",
                host,
                options
            );
    }

    /// <summary>The greatest measured number of recordings that a host held, if all smaller numbers held too; 0 when
    /// even one recording was too much.</summary>
    /// <param name="row">The host's measurements.</param>
    /// <param name="options">What counts as held.</param>
    public static decimal Held(this CpuRow row, CapacityOptions options)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Measurements.TakeWhile(one => one.IsHeld(row.Threads, options)).LastOrDefault()?.Recordings ?? 0;
    }

    /// <summary>Whether a host held these recordings: neither its processors nor its memory were full, and enough
    /// pictures were distinct.</summary>
    /// <param name="measured">The measurement.</param>
    /// <param name="threads">The host's threads.</param>
    /// <param name="options">What counts as held.</param>
    public static bool IsHeld(this CpuMeasurement measured, double threads, CapacityOptions options)
    {
        ArgumentNullException.ThrowIfNull(measured);
        ArgumentNullException.ThrowIfNull(options);
        return measured.CpuPercent <= options.CpuLimit * threads
            && measured.MemoryPercent <= MemoryShare * 100
            && (measured.DistinctFrames ?? 1) >= options.LeastDistinctFrames;
    }

    private static double HeldPerThread(this CpuRow row, CapacityOptions options) =>
        (double)row.Held(options) / row.Threads;

    private static CpuRow? OfThisHost(CpuTable measured, HostFacts host) =>
        measured.Rows.Where(row => row.Cpu == host.Cpu).MinBy(row => Math.Abs(row.Threads - host.Threads));

    /// <summary>The row whose name is part of this processor's name. The table has short names, such as i7-4790K CPU
    /// @ 4.00GHz; of several, the longest says most.</summary>
    private static CpuRow? Named(CpuTable table, HostFacts host) =>
        table
            .Rows.Where(row => host.Cpu.Contains(row.Cpu, StringComparison.OrdinalIgnoreCase))
            .MaxBy(row => row.Cpu.Length);

    private static NodeSlots Scale(CpuRow row, string road, HostFacts host, CapacityOptions options)
    {
        // For a processor of this name, threads beyond the measured number are not counted, because the figures do
        // not grow evenly.
        var matched = host.Cpu.Contains(row.Cpu, StringComparison.OrdinalIgnoreCase);
        var share = host.Threads / row.Threads;
        var byThreads = (int)Math.Floor(((double)row.Held(options) * (matched ? Math.Min(1, share) : share)) + 1e-9);
        var byMemory = MegabytesEach(row) is { } each ? (int)(host.MemoryMegabytes * MemoryShare / each) : int.MaxValue;
        var slots = Math.Max(1, Math.Min(byThreads, byMemory));

        ImmutableList<string> words = [road];
        if (!matched || share < 1 - 1e-9)
        {
            words = words.Add(Text($"This node may use {host.Threads:0.##} of {host.HostThreads} threads."));
        }
        if (byMemory < byThreads)
        {
            words = words.Add(
                Text(
                    $"Its memory of {host.MemoryMegabytes} MB holds no more than {byMemory}, at {MegabytesEach(row):0} MB each."
                )
            );
        }
        if (Math.Min(byThreads, byMemory) < 1)
        {
            words = words.Add("That is less than one whole session, and it takes one.");
        }
        return new NodeSlots(slots, string.Join(' ', words));
    }

    private static string Told(CpuRow row, CapacityOptions options)
    {
        var held = row.Measurements.LastOrDefault(one => one.Recordings == row.Held(options));
        return held is null or { Recordings: 0 }
            ? Text($"{row.Cpu} with {row.Threads:0.##} threads did not hold one recording")
            : Text(
                $"{row.Cpu} held {held.Recordings:0.##} with {held.CpuPercent / row.Threads:0} % of its {row.Threads:0.##} threads and {held.MemoryPercent:0} % of its memory"
            );
    }

    /// <summary>How much memory a recording takes beyond the idle host, in MB; null when not measured.</summary>
    private static double? MegabytesEach(CpuRow row)
    {
        var idle = row.Measurements.Find(one => one.Recordings == 0)?.MemoryPercent ?? 0;
        var most = row
            .Measurements.Where(one => one.Recordings > 0 && one.MemoryPercent > idle)
            .Select(one => (one.MemoryPercent - idle) / (double)one.Recordings)
            .DefaultIfEmpty()
            .Max();
        return most > 0 ? most / 100 * row.MemoryGigabytes * 1000 : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
