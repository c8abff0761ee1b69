using System.Collections.Immutable;
using System.Data.Common;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Membership;

namespace Recorder.Cluster.ReadModel;

/// <summary>
/// Tells of nodes that join and leave and of their disks. Runs beside the projection, on one node of the farm. What was
/// told stands in the feed, so that the next such actor goes on from there.
/// </summary>
internal sealed class FarmEventsActor : ReceiveActor, IWithTimers, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly FarmDatabase _database;
    private readonly TimeProvider _clock;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private ImmutableDictionary<string, bool> _disks = ImmutableDictionary<string, bool>.Empty;

    public FarmEventsActor(FarmDatabase database, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
        Receive<ClusterEvent.IMemberEvent>(_ => Look());
        Receive<ClusterEvent.CurrentClusterState>(_ => Look());
        Receive<ReportDisk>(report =>
        {
            var known = _disks.TryGetValue(report.Node, out var low);
            _disks = _disks.SetItem(report.Node, report.Low);
            if (!known || low != report.Low)
            {
                Look();
            }
        });
        ReceiveAsync<Due>(_ => TellAsync());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot,
            typeof(ClusterEvent.IMemberEvent)
        );

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        _stopping.Cancel();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>Of several changes at once, the last look tells all.</summary>
    private void Look() => Timers.StartSingleTimer(nameof(Due), new Due(), TimeSpan.Zero);

    private async Task TellAsync()
    {
        var parent = Context.Parent;
        try
        {
            await using var connection = await _database.OpenAsync(_stopping.Token);
            await using var transaction = await connection.BeginTransactionAsync(_stopping.Token);
            var written = await EventTables.WriteOfFarmAsync(
                transaction,
                async last =>
                    (await StandingAsync(transaction)).Next(Members(), _disks, _clock.GetUtcNow(), last)
            );
            await transaction.CommitAsync(_stopping.Token);
            if (written > 0)
            {
                parent.Tell(new FeedWritten());
            }
        }
        catch (DbException error)
        {
            _log.Warning("The events of the farm's nodes could not be written; the node tries again: {0}", error.Message);
            Timers.StartSingleTimer(nameof(Due), new Due(), Pause);
        }
    }

    private static async Task<FarmStanding> StandingAsync(DbTransaction within) =>
        (
            await within.Connection!.QueryAsync<(string Type, string Node, string Body)>(
                "SELECT type, node, body FROM events WHERE session_id = 0 ORDER BY seq",
                transaction: within
            )
        ).Aggregate(FarmStanding.Empty, (standing, told) => standing.After(told.Type, told.Node, told.Body));

    private ImmutableList<PresentNode> Members() =>
        [
            .. MembersView
                .Of(_cluster.SelfAddress, _cluster.State)
                .Members.Where(member => member.Status is "Up" or "Leaving" or "Exiting")
                .Select(member => new PresentNode(member.Node, member.Uid, member.Roles, member.Version)),
        ];

    private sealed record Due;
}

/// <summary>Events were written into the feed. Within the read model only.</summary>
internal sealed record FeedWritten;
