using System.Data.Common;
using System.Globalization;
using System.Threading.Channels;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Audit;

namespace Recorder.Http.Audit;

/// <summary>
/// Takes the lines of the audit: logs each at once, and writes them to the database behind the calls, so that no call
/// waits for the database or fails with it. Lines for which there is no room are counted, and a line tells how many
/// they were.
/// </summary>
internal sealed class AuditTrail(IServiceProvider services, TimeProvider clock, ILogger<AuditTrail> log)
    : BackgroundService
{
    /// <summary>How many lines wait for a database that is away.</summary>
    public const int Room = 10_000;

    /// <summary>How often old lines are deleted, and how often a line tells of lines that are missing.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How long a node that stops writes what still waits.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(3);

    private readonly Channel<AuditLine> _waiting = Channel.CreateBounded<AuditLine>(
        new BoundedChannelOptions(Room) { SingleReader = true }
    );
    private readonly RefusalLimit _refusals = new();
    private readonly Lazy<string> _node = new(() =>
        ((ExtendedActorSystem)services.GetRequiredService<ActorSystem>()).Provider.DefaultAddress.ToString()
    );
    private long _withoutRoom;
    private long _refused;

    /// <summary>The cluster address of this node.</summary>
    public string Node => _node.Value;

    /// <summary>Takes the line of a call that a caller with access made.</summary>
    public void Add(AuditLine line)
    {
        log.LogInformation(
            "Audit: {Who} at {Address}: {Action}, {Call}, session {Session}: {Status} {Code} {Detail}",
            line.Who,
            line.Address,
            line.Action,
            line.Call,
            line.Session is { } session ? session.ToString() : "-",
            line.Status,
            line.Code ?? "-",
            line.Detail ?? "-"
        );
        if (!_waiting.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref _withoutRoom);
        }
    }

    /// <summary>Takes the line of a refused call, unless there were many from its address or from all: whoever has no
    /// access must not fill the log or the database.</summary>
    /// <param name="line">The line.</param>
    /// <returns>Whether the line was taken.</returns>
    public bool AddRefused(AuditLine line)
    {
        if (!_refusals.TryTake(line.Address))
        {
            Interlocked.Increment(ref _refused);
            return false;
        }
        Add(line);
        return true;
    }

    public override void Dispose()
    {
        _refusals.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(WriteAsync(stoppingToken), TendAsync(stoppingToken));

    private async Task WriteAsync(CancellationToken stopping)
    {
        var batch = new List<AuditLine>(AuditBook.MostInAStep);
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stopping))
            {
                Fill(batch);
                await WritePatientlyAsync(batch, stopping);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await WriteRestAsync(batch);
        }
    }

    private void Fill(List<AuditLine> batch)
    {
        while (batch.Count < AuditBook.MostInAStep && _waiting.Reader.TryRead(out var line))
        {
            batch.Add(line);
        }
    }

    private async Task WritePatientlyAsync(List<AuditLine> batch, CancellationToken stopping)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await Book.AddAsync(batch, stopping);
                return;
            }
            catch (DbException error)
            {
                log.LogWarning(
                    "The audit cannot be written to the database; the log has its lines, and the node tries again in {Seconds:0} s: {Message}",
                    pause.TotalSeconds,
                    error.Message
                );
            }
            await Task.Delay(pause, clock, stopping);
        }
    }

    /// <summary>Writes what still waits when the node stops. The log has all of it anyhow.</summary>
    private async Task WriteRestAsync(List<AuditLine> batch)
    {
        using var limit = new CancellationTokenSource(StopLimit, clock);
        try
        {
            AddMissing();
            while (true)
            {
                Fill(batch);
                if (batch.Count == 0)
                {
                    return;
                }
                await Book.AddAsync(batch, limit.Token);
                batch.Clear();
            }
        }
        catch (Exception error) when (error is DbException or OperationCanceledException or ObjectDisposedException)
        {
            log.LogWarning(
                "The node stops, and {Count} lines of the audit are in the log only: {Message}",
                batch.Count + _waiting.Reader.Count,
                error.Message
            );
        }
    }

    /// <summary>Deletes old lines, and tells of missing ones.</summary>
    private async Task TendAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                AddMissing();
                await ForgetAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task ForgetAsync(CancellationToken stopping)
    {
        try
        {
            while (await Book.ForgetAsync(clock.GetUtcNow(), stopping))
            {
                // More is left.
            }
        }
        catch (DbException error)
        {
            log.LogWarning("Old lines of the audit could not be deleted; the node tries again: {Message}", error.Message);
        }
    }

    private void AddMissing()
    {
        var (refused, withoutRoom) = (Interlocked.Exchange(ref _refused, 0), Interlocked.Exchange(ref _withoutRoom, 0));
        if (refused + withoutRoom == 0)
        {
            return;
        }
        Add(
            new AuditLine(
                clock.GetUtcNow(),
                Node,
                AuditLine.Recorder,
                "-",
                AuditLine.NotWritten,
                "-",
                null,
                0
            )
            {
                Detail = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{refused} more refused calls have no line, and {withoutRoom} calls are in the log only, since the database was away."
                ),
            }
        );
    }

    private IAuditBook Book => services.GetRequiredService<IAuditBook>();
}
