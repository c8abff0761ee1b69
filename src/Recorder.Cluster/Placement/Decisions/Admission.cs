using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>Whether, and where, the farm takes one more session. Pure.</summary>
internal static class Admission
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>The coordinator of the shards looks every second for those that are to be elsewhere.</summary>
    private static readonly TimeSpan ShardArrival = TimeSpan.FromSeconds(3);

    /// <summary>Every node with what it holds, what is on its way to it, and why it takes no more.</summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="leaving">The nodes that are on their way out.</param>
    /// <param name="underWay">The hand-overs under way, by session: their room is given to nobody else.</param>
    public static Pressure Measure(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        ImmutableHashSet<string>? leaving = null,
        ImmutableDictionary<int, HandOverUnderWay>? underWay = null
    )
    {
        // One that has arrived is held.
        var coming = (underWay ?? ImmutableDictionary<int, HandOverUnderWay>.Empty)
            .Where(one =>
                state.Sessions.TryGetValue(one.Key, out var session)
                && session.Summary.Running
                && session.Summary.Node != one.Value.Target
            )
            .ToLookup(one => one.Value.Target, one => one.Value.Cost);
        var running = state
            .Running.Where(session => session.Summary.Phase != SessionPhase.WaitingForRoom)
            .ToLookup(session => session.Summary.Node);
        ImmutableList<NodePressure> measured =
        [
            .. nodes.Select(node =>
            {
                var held = running[node.Key].Count();
                var used =
                    running[node.Key].Sum(session => SessionCost.Of(session.Summary.Spec)) + coming[node.Key].Sum();
                var pressure = new NodePressure(node.Key, node.Value.Slots, held, null)
                {
                    Used = used,
                    Coming = coming[node.Key].Count(),
                    Found = node.Value.Found,
                    Load = node.Value.Load,
                };
                return pressure with
                {
                    Reason =
                        leaving?.Contains(node.Key) == true ? "It is leaving the farm."
                        : state.Draining.Contains(node.Key) ? "It is being drained."
                        : node.Value.Closed ?? (used < node.Value.Slots ? null : Full(pressure)),
                };
            }),
        ];
        var farm = new Pressure(HasRoom: false, measured);
        return farm with { HasRoom = Roomiest(farm, SessionCost.Reference) is not null };
    }

    /// <summary>
    /// The node with the most room that takes a session of this cost, or null. A session that is larger than a whole
    /// node may have an empty one to itself.
    /// </summary>
    public static NodePressure? Roomiest(Pressure pressure, decimal cost) =>
        pressure
            .Nodes.Where(node =>
                node.Reason is null && (Room(node) >= cost || (node is { Running: 0, Coming: 0, Slots: > 0 }))
            )
            .MaxBy(Room);

    private static decimal Room(NodePressure node) => node.Slots - (node.Used ?? node.Running);

    private static string Full(NodePressure node) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"It holds {node.Running} sessions{(node.Coming > 0 ? $" and {node.Coming} are being handed over to it" : "")}, which take {node.Used:0.##} of its {node.Slots} slots."
        );

    /// <summary>
    /// The answer to an admission. A <see cref="SessionAdmitted"/> with an id above the highest given so far is a
    /// decision to be persisted before it is told; every other answer stands as it is.
    /// </summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="shardCount">The number of shards of the farm.</param>
    /// <param name="ask">What is asked.</param>
    /// <param name="homeOf">The node that holds a shard, in use or idle, or null.</param>
    /// <param name="leaving">The nodes that are on their way out.</param>
    /// <param name="underWay">The hand-overs under way, by session.</param>
    public static AdmissionReply Decide(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        int shardCount,
        AdmitSession ask,
        Func<int, string?> homeOf,
        ImmutableHashSet<string>? leaving = null,
        ImmutableDictionary<int, HandOverUnderWay>? underWay = null
    )
    {
        if (ask.IdempotencyKey is { } key && state.IdempotencyKeys.TryGetValue(key, out var known))
        {
            var session = state.Sessions[known];
            return IsSame(session.Summary.Spec, ask.Spec)
                ? new SessionAdmitted(session.Summary.Id, session.Shard, session.Summary.Node)
                : new IdempotencyConflict(
                    $"This idempotency key started session {known} with another request; use a new key for a new session."
                );
        }

        var pressure = Measure(state, nodes, leaving, underWay);
        var cost = SessionCost.Of(ask.Spec);
        if (Roomiest(pressure, cost) is not { } roomiest)
        {
            var refusals = pressure.Nodes.ConvertAll(node => new NodeRefusal(
                node.Node,
                node.Reason
                    ?? string.Create(CultureInfo.InvariantCulture, $"{Full(node)} This one would take {cost:0.##}.")
            ));
            var why = refusals.IsEmpty
                ? "No recorder node has joined yet; try again in a few seconds."
                : $"No node takes one more session: {string.Join(" ", refusals.Select(refusal => $"{refusal.Node}: {refusal.Reason}"))}";
            return new AdmissionRefused(FaultCode.AtCapacity, why, refusals, RetryAfter);
        }

        var taken = state.Running.Select(session => session.Shard).ToHashSet();
        if (ShardChoice.Free(shardCount, taken, homeOf, roomiest.Node) is { } free)
        {
            return new SessionAdmitted(new SessionId(state.LastId + 1), free, roomiest.Node);
        }
        return taken.Count >= shardCount
            ? new AdmissionRefused(
                FaultCode.AtCapacity,
                $"All {shardCount} shards of the farm are taken, though a node has room; Placement:Shards says how many there are.",
                [],
                RetryAfter
            )
            : new AdmissionRefused(
                FaultCode.AtCapacity,
                $"{roomiest.Node} has room, and the farm's free shards are with other nodes; one is brought to it. Try again in a few seconds.",
                [],
                ShardArrival
            );
    }

    // By what is written down of them: two addresses that differ behind the # are equal to Uri, and not the same
    // meeting.
    private static bool IsSame(SessionSpec one, SessionSpec other) =>
        JsonSerializer
            .SerializeToUtf8Bytes(one, WireSerializer.Json)
            .AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(other, WireSerializer.Json));
}
