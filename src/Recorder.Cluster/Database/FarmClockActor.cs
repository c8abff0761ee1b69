using System.Data.Common;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Database;

/// <summary>Compares the node's clock with the database's every few seconds, and tells of a skew.</summary>
internal sealed class FarmClockActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _told;

    /// <param name="clock">The farm's clock on this node.</param>
    /// <param name="ask">Asks the database for its time.</param>
    public FarmClockActor(FarmClock clock, Func<CancellationToken, Task<DateTimeOffset>> ask)
    {
        ReceiveAsync<MeasureDue>(async _ =>
        {
            await MeasureAsync(clock, ask, Limit);
            if (clock.Skew is { } skew)
            {
                Context.System.EventStream.Publish(new ClockNews(skew));
            }
            if (clock.Warning is { } warning && !_told)
            {
                _log.Warning(warning);
            }
            else if (_told && clock.Warning is null)
            {
                _log.Info("The clock of this node agrees with the database's again.");
            }
            _told = clock.Warning is not null;
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Asks the database for its time once. A database that does not answer changes nothing.</summary>
    /// <param name="clock">The farm's clock on this node.</param>
    /// <param name="ask">Asks the database for its time.</param>
    /// <param name="limit">How long to wait.</param>
    public static async Task MeasureAsync(
        FarmClock clock,
        Func<CancellationToken, Task<DateTimeOffset>> ask,
        TimeSpan limit
    )
    {
        using var patience = new CancellationTokenSource(limit);
        try
        {
            var asked = clock.GetTimestamp();
            var told = await ask(patience.Token).WaitAsync(patience.Token);
            clock.Hear(told, asked, clock.GetTimestamp());
        }
        catch (Exception error)
            when (error is DbException or OperationCanceledException or TimeoutException or InvalidOperationException)
        {
            // The journal tells of a database that is away.
        }
    }

    /// <summary>The database's time; measured only where the database is a server with a clock of its own.</summary>
    public static async Task<DateTimeOffset> TimeOfAsync(FarmDatabase database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT clock_timestamp()";
        return await command.ExecuteScalarAsync(cancellation) switch
        {
            DateTimeOffset time => time,
            DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
            var other => throw new InvalidOperationException($"{database.Place} told {other} for its time."),
        };
    }

    /// <inheritdoc/>
    protected override void PreStart() =>
        Timers.StartPeriodicTimer(nameof(MeasureDue), MeasureDue.Instance, TimeSpan.Zero, Interval);

    private sealed record MeasureDue
    {
        public static readonly MeasureDue Instance = new();
    }
}
