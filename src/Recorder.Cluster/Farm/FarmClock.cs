using System.Globalization;

namespace Recorder.Cluster.Farm;

/// <summary>
/// The clock of the farm: the time of the farm's database, counted on by this node's monotonic clock between two
/// measurements. All nodes of a farm thus agree on the time, whatever their own clocks say. Before the first
/// measurement, and on a farm without a database server, the time is that of the node's own clock.
/// </summary>
/// <param name="node">The node's own clock.</param>
public sealed class FarmClock(TimeProvider node) : TimeProvider
{
    /// <summary>How far the clocks of node and database may differ before this is told.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <summary>A slower answer tells the time too roughly.</summary>
    private static readonly TimeSpan SlowestAnswer = TimeSpan.FromSeconds(2);

    private volatile Measurement? _last;

    /// <summary>By how much the node's own clock is ahead of the database's, negative when it is behind; null before
    /// the first measurement.</summary>
    public TimeSpan? Skew => _last?.Skew;

    /// <summary>What is to be added to a time of the node's own clock.</summary>
    public TimeSpan Offset => _last is null ? TimeSpan.Zero : GetUtcNow() - node.GetUtcNow();

    /// <summary>A sentence about a skew beyond <see cref="Tolerance"/>; null when there is none.</summary>
    public string? Warning =>
        Skew is { } skew && skew.Duration() > Tolerance
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The clock of this node is {skew.Duration().TotalSeconds:0.0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} the clock of the farm's database. Sessions go by the database's clock; set the node's clock right by NTP, so that logs and files agree."
            )
            : null;

    /// <inheritdoc/>
    public override long TimestampFrequency => node.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => node.LocalTimeZone;

    /// <summary>How much is to be added to the times that this host's processes tell.</summary>
    /// <param name="clock">A clock of the node.</param>
    public static TimeSpan OffsetOf(TimeProvider clock) => clock is FarmClock farm ? farm.Offset : TimeSpan.Zero;

    /// <summary>Takes in a measurement. An answer that took too long, and one that only confirms the time, change
    /// nothing.</summary>
    /// <param name="database">The database's time in its answer.</param>
    /// <param name="asked">The <see cref="TimeProvider.GetTimestamp"/> when the question was sent.</param>
    /// <param name="answered">The <see cref="TimeProvider.GetTimestamp"/> when the answer arrived.</param>
    public void Hear(DateTimeOffset database, long asked, long answered)
    {
        var took = node.GetElapsedTime(asked, answered);
        if (took > SlowestAnswer && _last is not null)
        {
            return;
        }

        // Half of the way there and back has passed since the database told its time.
        var told = database + took / 2;
        var skew = node.GetUtcNow() - node.GetElapsedTime(answered) - told;
        _last =
            _last is { } last && (last.Now(node, answered) - told).Duration() <= took
                ? last with { Skew = skew }
                : new Measurement(told, answered, skew);
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _last?.Now(node, node.GetTimestamp()) ?? node.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => node.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        node.CreateTimer(callback, state, dueTime, period);

    private sealed record Measurement(DateTimeOffset Told, long At, TimeSpan Skew)
    {
        public DateTimeOffset Now(TimeProvider node, long timestamp) => Told + node.GetElapsedTime(At, timestamp);
    }
}

/// <summary>The node's clock was compared with the database's.</summary>
/// <param name="Skew">By how much the node's clock is ahead; negative when it is behind.</param>
internal sealed record ClockNews(TimeSpan Skew) : INodeNews;
