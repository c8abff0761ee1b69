using System.Collections.Immutable;
using System.Text.Json;

using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Placement;

/// <summary>What a node last told of itself.</summary>
/// <param name="Slots">How many sessions it can hold.</param>
/// <param name="Closed">Why it takes none just now, or null.</param>
/// <param name="At">When it told.</param>
internal sealed record NodeCapacity(int Slots, string? Closed, DateTimeOffset At)
{
    /// <summary>How its slots were found out.</summary>
    public string? Found { get; init; }

    /// <summary>What is used of it.</summary>
    public NodeLoad? Load { get; init; }
}

/// <summary>Whether, and where, the farm takes one more session. Pure.</summary>
internal static class Admission
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>Every node with what it holds and why it takes no more.</summary>
    public static Pressure Measure(PlacementState state, ImmutableSortedDictionary<string, NodeCapacity> nodes)
    {
        var running = state.Running.ToLookup(session => session.Summary.Node);
        ImmutableList<NodePressure> measured =
        [
            .. nodes.Select(node =>
            {
                var held = running[node.Key].Count();
                var full = held < node.Value.Slots ? null : $"It holds {held} of {node.Value.Slots} sessions.";
                return new NodePressure(node.Key, node.Value.Slots, held, node.Value.Closed ?? full)
                {
                    Used = running[node.Key].Sum(session => SessionCost.Of(session.Summary.Spec)),
                    Found = node.Value.Found,
                    Load = node.Value.Load,
                };
            }),
        ];
        return new Pressure(measured.Exists(node => node.Reason is null), measured);
    }

    /// <summary>
    /// The answer to an admission. A <see cref="SessionAdmitted"/> with an id above the highest given so far is a decision
    /// to be persisted before it is told; every other answer stands as it is.
    /// </summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="nodes">The recorder nodes that have reported.</param>
    /// <param name="slotPool">The number of slots of the farm.</param>
    /// <param name="ask">What is asked.</param>
    public static AdmissionReply Decide(
        PlacementState state, ImmutableSortedDictionary<string, NodeCapacity> nodes, int slotPool, AdmitSession ask)
    {
        if (ask.IdempotencyKey is { } key && state.IdempotencyKeys.TryGetValue(key, out var known))
        {
            var session = state.Sessions[known];
            return IsSame(session.Summary.Spec, ask.Spec)
                ? new SessionAdmitted(session.Summary.Id, session.Slot, session.Summary.Node)
                : new IdempotencyConflict($"This idempotency key started session {known} with another request; use a new key for a new session.");
        }

        var pressure = Measure(state, nodes);
        var roomiest = pressure.Nodes.Where(node => node.Reason is null).MaxBy(node => node.Slots - node.Running);
        if (roomiest is null)
        {
            var refusals = pressure.Nodes.ConvertAll(node => new NodeRefusal(node.Node, node.Reason!));
            var why = refusals.IsEmpty
                ? "No recorder node has joined yet; try again in a few seconds."
                : $"No node takes one more session: {string.Join(" ", refusals.Select(refusal => $"{refusal.Node}: {refusal.Reason}"))}";
            return new AdmissionRefused(FaultCode.AtCapacity, why, refusals, RetryAfter);
        }

        var taken = state.Running.Select(session => session.Slot).ToHashSet();
        var slot = Enumerable.Range(0, slotPool).Cast<int?>().FirstOrDefault(candidate => !taken.Contains(candidate!.Value));
        return slot is { } free
            ? new SessionAdmitted(new SessionId(state.LastId + 1), free, roomiest.Node)
            : new AdmissionRefused(FaultCode.AtCapacity, $"All {slotPool} slots of the farm are taken.", [], RetryAfter);
    }

    // By what is written down of them: two addresses that differ behind the # are equal to Uri, and not the same meeting.
    private static bool IsSame(SessionSpec one, SessionSpec other) =>
        JsonSerializer.SerializeToUtf8Bytes(one, WireSerializer.Json).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(other, WireSerializer.Json));
}
