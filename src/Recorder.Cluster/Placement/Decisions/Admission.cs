using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>Decides whether the farm takes one more session, and on which node. Pure.</summary>
internal static class Admission
{
    /// <summary>How long the asker waits, unless <see cref="AdmitSession.Within"/> says another time.</summary>
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait for a shard to be brought to a node: the coordinator of the shards looks for shards
    /// to move every second.</summary>
    private static readonly TimeSpan ShardArrival = TimeSpan.FromSeconds(3);

    /// <summary>Every node with the sessions it holds, the sessions being handed over to it, and the reason why it
    /// takes no more.</summary>
    public static Pressure Measure(FarmView view)
    {
        var state = view.List;

        // A session that has arrived is already counted among the sessions that the node holds.
        var coming = view
            .HandOvers.Where(one =>
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
            .. view.Nodes.Select(node =>
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
                        view.Roster.Leaving.Contains(node.Key) ? "It is leaving the farm."
                        : state.Draining.Contains(node.Key) ? "It is being drained."
                        : node.Value.Closed ?? (used < node.Value.Slots ? null : Full(pressure)),
                };
            }),
        ];
        var farm = new Pressure(HasRoom: false, measured);
        return farm with { HasRoom = Roomiest(farm, SessionCost.Reference) is not null };
    }

    /// <summary>
    /// The node with the most room that takes a session of this cost, or null. A session larger than a whole node may
    /// have an empty node to itself.
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
    /// The answer to an admission. A <see cref="SessionAdmitted"/> with an id above the highest given id is persisted
    /// before the asker is told. Every other answer is given at once.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="ask">What is asked.</param>
    public static AdmissionReply Decide(FarmView view, AdmitSession ask)
    {
        var state = view.List;
        if (ask.IdempotencyKey is { } key && state.IdempotencyKeys.TryGetValue(key, out var known))
        {
            var session = state.Sessions[known];
            return IsSame(session.Summary.Spec, ask.Spec)
                ? new SessionAdmitted(session.Summary.Id, session.Shard, session.Summary.Node)
                : new IdempotencyConflict(
                    $"This idempotency key started session {known} with another request; use a new key for a new session."
                );
        }

        var pressure = Measure(view);
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

        if (ShardChoice.Free(view, roomiest.Node) is { } free)
        {
            return new SessionAdmitted(new SessionId(state.LastId + 1), free, roomiest.Node);
        }
        var shards = view.Settings.Shards;
        return new AdmissionRefused(
            FaultCode.AtCapacity,
            view.TakenShards.Count >= shards
                ? $"All {shards} shards of the farm are taken, though a node has room; Placement:Shards says how many there are."
                : $"{roomiest.Node} has room, and the farm's free shards are with other nodes; one is brought to it. Try again in a few seconds.",
            [],
            view.TakenShards.Count >= shards ? RetryAfter : ShardArrival
        );
    }

    /// <summary>How long an admission waits for its turn and its write. Shorter than the asker waits, so that the
    /// asker hears the reason.</summary>
    public static TimeSpan PatienceOf(AdmitSession ask) => (ask.Within ?? UsualWait) * 0.8;

    /// <summary>The answer to an admission that could not be decided, or not be written, within
    /// <see cref="PatienceOf"/>.</summary>
    /// <param name="ask">What was asked.</param>
    /// <param name="held">Whether the farm was still starting.</param>
    public static AdmissionRefused TooLate(AdmitSession ask, bool held) =>
        new(
            FaultCode.Unavailable,
            held
                ? "The farm is starting, and no node has told yet what it can hold; try again in a few seconds."
                : $"The farm's database has not taken the session within {PatienceOf(ask).TotalSeconds:0.#} s, so nothing was started; what is being recorded "
                    + "goes on. Try again when the database answers.",
            [],
            RetryAfter
        );

    // Compares the written form: Uri calls two addresses equal that differ only behind the #, but they are different
    // meetings.
    private static bool IsSame(SessionSpec one, SessionSpec other) =>
        JsonSerializer
            .SerializeToUtf8Bytes(one, WireSerializer.Json)
            .AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(other, WireSerializer.Json));
}
