using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Identity;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sweeping;

/// <summary>What the sweeper of a node goes by.</summary>
/// <param name="Policy">How long records are kept.</param>
/// <param name="Options">How often to look, and how much room the records may take.</param>
/// <param name="Node">The node's cluster address.</param>
/// <param name="Clock">The node's clock.</param>
internal sealed record SweepSettings(RetentionPolicy Policy, RetentionOptions Options, string Node, TimeProvider Clock);

/// <summary>
/// Erases the records of this node that are past their retention, and those whose erasing waits for this node. The
/// sweeper finds the records in the lists, and asks their sessions to erase them. A disk below its low mark makes the
/// sweeper look at once.
/// </summary>
internal sealed class SweeperActor : ReceiveActor, IWithTimers, IDisposable
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "sweeper";

    /// <summary>How many records are read at a time.</summary>
    public const int RecordsInAPart = 200;

    private static readonly TimeSpan DiskInterval = TimeSpan.FromSeconds(5);

    /// <summary>The shortest pause between two sweeps for a disk that stays full.</summary>
    private static readonly TimeSpan DiskPause = TimeSpan.FromSeconds(30);

    private readonly SweepSettings _settings;
    private readonly IRecordsFolder _folder;
    private readonly ISweptRecords _records;
    private readonly ISweptSessions _sessions;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly long _began;
    private SweepClock? _before;

    /// <param name="settings">What the sweeper goes by.</param>
    /// <param name="folder">The node's records folder.</param>
    /// <param name="limits">Tells whether the disk is below its low mark.</param>
    /// <param name="records">The records of the node.</param>
    /// <param name="sessions">The sessions of the farm.</param>
    public SweeperActor(
        SweepSettings settings,
        IRecordsFolder folder,
        INodeLimits limits,
        ISweptRecords records,
        ISweptSessions sessions
    )
    {
        (_settings, _folder, _records, _sessions) = (settings, folder, records, sessions);
        _began = settings.Clock.GetTimestamp();
        ReceiveAsync<SweepNow>(async _ =>
        {
            Timers.StartSingleTimer(nameof(SweepNow), SweepNow.Instance, _settings.Options.SweepInterval);
            Sender.Tell(new Swept(await SweepAsync()));
        });
        ReceiveAsync<LookAtDisk>(async _ =>
        {
            if (
                limits.ClosedBy().Contains(ClosedReason.Disk)
                && !(_before is { } before && Elapsed - before.Elapsed < DiskPause)
            )
            {
                await SweepAsync();
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Elapsed => _settings.Clock.GetElapsedTime(_began);

    protected override void PreStart()
    {
        Timers.StartSingleTimer(nameof(SweepNow), SweepNow.Instance, _settings.Options.SweepInterval);
        Timers.StartPeriodicTimer(nameof(LookAtDisk), new LookAtDisk(), DiskInterval, DiskInterval);
    }

    protected override void PostStop()
    {
        _stopping.Cancel();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task<int> SweepAsync()
    {
        var (wall, elapsed) = (_settings.Clock.GetUtcNow(), Elapsed);
        var trusted = SweepClock.Trusted(_before, wall, elapsed);
        _before = new SweepClock(wall, elapsed);
        if (trusted < wall)
        {
            _log.Warning(
                "The clock of this node ran {0:0} s ahead since the last look for old records. The records that expired by that are erased at the next look, unless the clock is set back.",
                (wall - trusted.Value).TotalSeconds
            );
        }

        // Nothing can be erased in a folder that is away.
        var standing = _folder.Standing;
        if (standing.WhyAway is not null)
        {
            return 0;
        }
        var erased = 0;
        try
        {
            var holders = standing.Ids.Select(id => id.ToString()).Append(_settings.Node).ToImmutableList();
            var most = _settings.Options.MaximumSize;
            var bytes = most.Bytes == 0 ? 0 : await _records.BytesAsync(holders, _stopping.Token);
            var look = new SweepLook(
                holders,
                trusted ?? DateTimeOffset.MinValue,
                trusted is { } now && _settings.Policy.Shortest is { } shortest ? now - shortest : null
            );
            await foreach (var part in PartsAsync(look))
            {
                var due = SweepDecisions.Due(part, _settings.Policy, trusted);
                bytes -= part.Where(swept =>
                        swept.Record.Erasing is null
                        && due.Exists(one => one.Session == swept.Id.Session && one.Numbers.Contains(swept.Id.Number))
                    )
                    .Sum(swept => swept.Record.Bytes ?? 0);
                erased += await EraseAsync(due);
            }
            if (trusted is not null && most.Bytes > 0)
            {
                erased += await MakeRoomAsync(look with { EndedBefore = trusted }, bytes);
            }
        }
        catch (DbException error)
        {
            _log.Warning("Old records could not be looked for, which is tried again: {0}", error.Message);
        }
        catch (JsonException error)
        {
            _log.Error(
                "A row of the lists cannot be read, and later records are not looked at: {0} Take the newest version of the recorder, or have the lists made anew.",
                error.Message
            );
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        if (erased > 0)
        {
            _log.Info("{0} records were erased", erased);
        }
        return erased;
    }

    /// <summary>Erases the oldest records above the size that the node's records may have.</summary>
    private async Task<int> MakeRoomAsync(SweepLook look, long bytes)
    {
        var tooMuch = bytes - _settings.Options.MaximumSize.Bytes;
        var erased = 0;
        await foreach (var part in PartsAsync(look))
        {
            var gone = SweepDecisions.MakeRoom(part, _settings.Policy, tooMuch);
            if (tooMuch <= 0)
            {
                break;
            }
            tooMuch -= gone.Sum(swept => swept.Record.Bytes ?? 0);
            erased += await EraseAsync(SweepDecisions.ForRoom(gone, _settings.Options.MaximumSize));
        }
        return erased;
    }

    private async IAsyncEnumerable<ImmutableList<SweptRecord>> PartsAsync(SweepLook look)
    {
        SweptRecord? after = null;
        while (true)
        {
            var part = await _records.PartAsync(look, after, RecordsInAPart, _stopping.Token);
            if (!part.IsEmpty)
            {
                yield return part;
            }
            if (part.Count < RecordsInAPart)
            {
                yield break;
            }
            after = part[^1];
        }
    }

    private async Task<int> EraseAsync(ImmutableList<SweptSession> due)
    {
        var erased = 0;
        foreach (var wanted in due)
        {
            switch (await _sessions.EraseAsync(wanted, _stopping.Token))
            {
                case KeepingChanged changed:
                    erased += RecordId
                        .Of(changed.Summary)
                        .Count(item =>
                            wanted.Numbers.Contains(item.Id.Number) && item.Record.Erasing is { Done: not null }
                        );
                    break;
                case KeepingRefused refused:
                    _log.Warning("Session {0}: its records could not be erased: {1}", refused.Id, refused.Message);
                    break;
                default:
                    _log.Warning("Session {0} did not say whether its records may be erased", wanted.Session);
                    break;
            }
        }
        return erased;
    }

    /// <summary>Look for records to erase. Answered by <see cref="Swept"/>.</summary>
    public sealed record SweepNow
    {
        /// <summary>The message.</summary>
        public static SweepNow Instance { get; } = new();
    }

    /// <summary>The sweep is over.</summary>
    /// <param name="Erased">How many records were erased.</param>
    public sealed record Swept(int Erased);

    private sealed record LookAtDisk;
}
