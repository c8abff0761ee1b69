using Recorder.Cluster.Capacity;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Capacity;

/// <summary>
/// Closes the node for new sessions while the records folder is missing or its disk is short of space. A question to a
/// disk can take long (a network share). A separate loop therefore asks the disk, and the last answer is kept.
/// </summary>
/// <param name="folder">The folder's path.</param>
/// <param name="records">The records folder, which is looked at each time; null on a node that records nothing.</param>
/// <param name="lowWater">The low-water mark.</param>
/// <param name="clock">The node's clock.</param>
internal sealed class DiskMeter(string folder, IRecordsFolder? records, ByteSize lowWater, TimeProvider clock)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private volatile DiskStanding _standing = new(null, null);

    /// <summary>The state of the disk when it was last checked.</summary>
    public DiskStanding Standing => _standing;

    /// <summary>Checks the disk now.</summary>
    public void Measure()
    {
        // What is free on another disk at the folder's path says nothing about the folder.
        var away = records?.Look().WhyAway;
        var free = away is null ? FreeBytes(folder) : null;
        _standing = new DiskStanding(free, away ?? WhyClosed(folder, free, lowWater));
    }

    /// <summary>Why the node takes no new session, as a sentence; null when the disk has room.</summary>
    /// <param name="folder">The records folder.</param>
    /// <param name="freeBytes">The free bytes of the folder's disk; null when the folder cannot be read.</param>
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
                // The check has a thread of its own: a share that hangs must not block a pool thread.
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

/// <summary>The state of the records folder's disk.</summary>
/// <param name="FreeBytes">The free bytes of the disk; null when they are not known.</param>
/// <param name="WhyClosed">Why no session may start, as one sentence; null when sessions may start.</param>
internal sealed record DiskStanding(long? FreeBytes, string? WhyClosed)
{
    /// <summary>The reason that <see cref="WhyClosed"/> describes; null when sessions may start.</summary>
    public ClosedReason? ClosedBy =>
        WhyClosed is null ? null
        : FreeBytes is null ? ClosedReason.RecordsFolder
        : ClosedReason.Disk;
}
