using Recorder.Cluster.Capacity;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Capacity;

/// <summary>
/// Closes the node for new sessions while the records folder is gone or its disk is short of space. Asking a disk can
/// take long (a network share), so it is asked from a loop of its own and the answer kept.
/// </summary>
internal sealed class DiskMeter(string folder, ByteSize lowWater, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private volatile DiskStanding _standing = new(null, null);

    /// <summary>How the disk was when it was last looked at.</summary>
    public DiskStanding Standing => _standing;

    /// <summary>Looks at the disk now.</summary>
    public void Measure()
    {
        var free = FreeBytes(folder);
        _standing = new DiskStanding(free, WhyClosed(folder, free, lowWater));
    }

    /// <summary>The sentence about a folder, or null when there is room.</summary>
    /// <param name="folder">The records folder.</param>
    /// <param name="freeBytes">The free bytes of its disk, or null when the folder cannot be looked at.</param>
    /// <param name="lowWater">The low-water mark.</param>
    public static string? WhyClosed(string folder, long? freeBytes, ByteSize lowWater) =>
        freeBytes switch
        {
            null => $"The records folder {folder} is missing or cannot be read.",
            { } free when free < lowWater.Bytes =>
                $"The disk of the records folder {folder} has {free / 1_000_000} MB free and the low-water mark is {lowWater.Megabytes} MB.",
            _ => null,
        };

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                // A thread of its own: a share that hangs must not hold a pool thread.
                var measuring = Task.Factory.StartNew(
                    Measure,
                    stoppingToken,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                );
                if (await Task.WhenAny(measuring, Task.Delay(Patience, clock, stoppingToken)) != measuring)
                {
                    _standing = new DiskStanding(null, $"The disk of the records folder {folder} does not answer.");
                }
                await measuring.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private static long? FreeBytes(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? new DriveInfo(folder).AvailableFreeSpace : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>How the disk of the records folder is.</summary>
/// <param name="FreeBytes">Its free bytes, or null where they are not known.</param>
/// <param name="WhyClosed">Why no session may start, as one sentence, or null.</param>
internal sealed record DiskStanding(long? FreeBytes, string? WhyClosed)
{
    /// <summary>What <see cref="WhyClosed"/> speaks of, or null.</summary>
    public ClosedReason? ClosedBy =>
        WhyClosed is null ? null
        : FreeBytes is null ? ClosedReason.RecordsFolder
        : ClosedReason.Disk;
}
