using System.Collections.Immutable;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>How large a farm is.</summary>
/// <param name="Nodes">The nodes, each with 20 slots.</param>
/// <param name="Running">The running sessions, spread evenly.</param>
/// <param name="Past">The sessions that have ended.</param>
internal sealed record FarmSize(int Nodes, int Running, int Past)
{
    public override string ToString() => $"{Nodes} nodes, {Running} running, {Past} past";
}

/// <summary>The parts of a farm that is only played.</summary>
internal static class FarmOfSize
{
    public const int Slots = 20;

    private static readonly DateTimeOffset At = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    /// <summary>What is recorded.</summary>
    public static readonly SessionSpec Spec = new PageSessionSpec(new Uri("https://meet.example.org/room-of-a-farm"));

    public static string AddressOf(int node) =>
        FormattableString.Invariant($"akka.tcp://recorder@10.0.{node / 250}.{(node % 250) + 1}:34569");

    public static string NodeOf(int running, FarmSize size) => AddressOf(running % size.Nodes);

    public static PlacementSettings Settings(FarmSize size) =>
        PlacementSettings.Of(
            new PlacementOptions { Shards = size.Running + 1_000 },
            alone: false,
            TimeSpan.FromMinutes(10)
        );

    public static FarmRoster Roster(FarmSize size) =>
        new([.. Enumerable.Range(0, size.Nodes).Select(AddressOf)], [], []);

    /// <summary>A session as the placement is told of it.</summary>
    public static SessionSummary Summary(int id, SessionPhase phase, string node, bool open) =>
        new(
            new SessionId(id),
            phase,
            At,
            node,
            1,
            Spec,
            [
                new RecordSummary(
                    FormattableString.Invariant($"/srv/recorder/records/2026-11-30_12:00:00__{id}.mp4"),
                    1,
                    !open,
                    At,
                    open ? null : TimeSpan.FromMinutes(50),
                    open ? null : 700_000_000,
                    false,
                    75_000,
                    0
                )
                {
                    Node = node,
                    Sha256 = open ? null : new string('a', 64),
                },
            ],
            [],
            []
        )
        {
            EverRecorded = true,
        };

    /// <summary>The sessions that run, with the ids after the past ones.</summary>
    public static IEnumerable<PlacedSession> Running(FarmSize size) =>
        from index in Enumerable.Range(0, size.Running)
        select new PlacedSession(
            index,
            4,
            null,
            Summary(size.Past + index + 1, SessionPhase.Recording, NodeOf(index, size), open: true)
        );

    /// <summary>The sessions that have ended.</summary>
    public static IEnumerable<PlacedSession> Past(FarmSize size) =>
        from index in Enumerable.Range(0, size.Past)
        select new PlacedSession(
            index % size.Running,
            9,
            null,
            Summary(index + 1, SessionPhase.Stopped, NodeOf(index, size), open: false)
        );

    public static PlacementSnapshot Snapshot(FarmSize size, bool keepsPast) =>
        new(
            size.Past + size.Running,
            [.. keepsPast ? Past(size) : [], .. Running(size)]
        );

    /// <summary>The farm in rest, all of whose sessions have been heard of.</summary>
    public static FarmView View(FarmSize size, PlacementState list)
    {
        var age = TimeSpan.FromHours(1);
        var homes = ShardMap.Empty.Observe(
            Enumerable.Range(0, size.Running).ToImmutableDictionary(shard => shard, shard => NodeOf(shard, size))
        );
        return new FarmView(Settings(size), At)
        {
            Age = age,
            List = list,
            Roster = Roster(size),
            Shards = homes,
            Nodes = Enumerable
                .Range(0, size.Nodes)
                .ToImmutableSortedDictionary(
                    AddressOf,
                    _ => new NodeCapacity(Slots, null, age),
                    StringComparer.Ordinal
                ),
            Heard = list.Index.Running.ToImmutableDictionary(id => id, _ => age),
        };
    }

    /// <summary>The farm after one node in ten has died.</summary>
    public static FarmView WithoutTenth(FarmView view, FarmSize size)
    {
        var dead = DeadOf(size).ToList();
        var roster = dead.Aggregate(view.Roster, (roster, node) => roster.Remove(node));
        return view with { Roster = roster, Nodes = view.Nodes.RemoveRange(roster.Removed) };
    }

    public static IEnumerable<string> DeadOf(FarmSize size) => Enumerable.Range(0, size.Nodes / 10).Select(AddressOf);
}
