using System.Collections.Immutable;
using Recorder.Cluster.Capacity;

namespace Recorder.Node.Capacity;

/// <summary>Measures processors and memory every two seconds and keeps the last result.</summary>
internal sealed class LoadMeter(HostReader host, CapacityOptions options, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private CpuWindow _cpu = CpuWindow.Empty;
    private LoadGate _gate = LoadGate.Open;
    private volatile LoadStanding _standing = new(new NodeLoad(null, null, null), null, []);

    /// <summary>The last result.</summary>
    public LoadStanding Standing => _standing;

    /// <summary>Measures now. The kernel's files answer at once.</summary>
    public void Measure()
    {
        var memory = host.MemoryAvailable();
        _cpu = _cpu.Add(host.Sample(), options.CpuWindow);
        _gate = _gate.Next(_cpu, memory, options);
        var load = new NodeLoad(_cpu.Percent is { } percent ? Math.Round(percent, 1) : null, memory, null);
        _standing = new LoadStanding(load, _gate.WhyClosed(load, options), _gate.ClosedBy);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                Measure();
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }
}

/// <summary>The state of processors and memory.</summary>
/// <param name="Load">The figures, without those of the disk.</param>
/// <param name="WhyClosed">Why no session may start, as one or two sentences; null when sessions may start.</param>
/// <param name="ClosedBy">The reasons that these sentences describe.</param>
internal sealed record LoadStanding(NodeLoad Load, string? WhyClosed, ImmutableHashSet<ClosedReason> ClosedBy);
