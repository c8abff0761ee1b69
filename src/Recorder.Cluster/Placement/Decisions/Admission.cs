using System.Collections.Immutable;
using System.Globalization;
using Recorder.Cluster.Capacity;
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
        var coming = Coming(view);
        return new Pressure(
            Roomiest(view, SessionCost.Reference) is not null
                && PromiseDecisions.RefusalOf(view, SessionCost.Reference, null) is null,
            [
                .. view.Nodes.Select(node =>
                {
                    var held = view.List.Index.On(node.Key);
                    var (count, cost) = coming.GetValueOrDefault(node.Key);
                    var pressure = new NodePressure(node.Key, node.Value.Slots, held.Sessions.Count, null)
                    {
                        Used = held.Used + cost,
                        Coming = count,
                        Found = node.Value.Found,
                        Load = node.Value.Load,
                    };
                    return pressure with
                    {
                        Reason =
                            view.Roster.Leaving.Contains(node.Key) ? "It is leaving the farm."
                            : view.List.Draining.Contains(node.Key) ? "It is being drained."
                            : view.IsLost(node.Key) ? "It is no member of the farm."
                            : node.Value.Closed ?? (pressure.Used < node.Value.Slots ? null : Full(pressure)),
                    };
                }),
            ]
        )
        {
            Promised = PromiseDecisions.Open(view),
            Owners =
            [
                .. view
                    .List.Index.Owners.OrderBy(owner => owner.Key, StringComparer.Ordinal)
                    .Select(owner => new OwnerPressure(
                        owner.Key.Length > 0 ? owner.Key : null,
                        owner.Value.Sessions,
                        owner.Value.PixelRate
                    )),
            ],
        };
    }

    /// <summary>
    /// The node with the most room that takes a session of this cost, or null. A session larger than a whole node may
    /// have an empty node to itself. A session that costs more than another finds no room where the other finds none.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="cost">The session's cost.</param>
    /// <param name="excluded">The nodes that are left out; null leaves out none.</param>
    public static string? Roomiest(FarmView view, decimal cost, Func<string, bool>? excluded = null)
    {
        var coming = Coming(view);
        var (roomiest, most) = ((string?)null, decimal.MinValue);
        foreach (var (node, told) in view.Nodes)
        {
            var held = view.List.Index.On(node);
            var (count, promised) = coming.GetValueOrDefault(node);
            var room = told.Slots - held.Used - promised;
            var empty = held.Sessions.IsEmpty && count == 0 && told.Slots > 0;

            // Few nodes have more room than all nodes before them, so the dear questions come last.
            if (
                room > most
                && room > 0
                && (room >= cost || empty)
                && IsOpen(view, node, told)
                && excluded?.Invoke(node) != true
            )
            {
                (roomiest, most) = (node, room);
            }
        }

        return roomiest;
    }

    /// <summary>Whether a node takes sessions as long as it has room.</summary>
    internal static bool IsOpen(FarmView view, string node, NodeCapacity told) =>
        told.Closed is null
        && !view.Roster.Leaving.Contains(node)
        && !view.List.Draining.Contains(node)
        && !view.IsLost(node);

    /// <summary>The sessions on their way to each node. A session that has arrived is already counted among the
    /// sessions that the node holds.</summary>
    internal static Dictionary<string, (int Count, decimal Cost)> Coming(FarmView view)
    {
        Dictionary<string, (int Count, decimal Cost)> coming = new(StringComparer.Ordinal);
        foreach (var (id, one) in view.HandOvers)
        {
            if (
                view.List.Sessions.TryGetValue(id, out var session)
                && session.Summary.Running
                && session.Summary.Node != one.Target
            )
            {
                var (count, cost) = coming.GetValueOrDefault(one.Target);
                coming[one.Target] = (count + 1, cost + one.Cost);
            }
        }

        return coming;
    }

    private static string Full(NodePressure node) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"It holds {node.Running} sessions{(node.Coming > 0 ? $" and {node.Coming} are being handed over to it" : "")}, which take {node.Used:0.##} of its {node.Slots} slots."
        );

    /// <summary>The answer to whoever asks which session a key has started.</summary>
    /// <param name="view">The farm.</param>
    /// <param name="ask">What is asked.</param>
    public static AdmissionReply Find(FarmView view, FindByKey ask) =>
        Repeated(view, ask.Spec, ask.IdempotencyKey)
        ?? new AdmissionRefused(
            FaultCode.NoSuchSession,
            "This idempotency key has started no session.",
            [],
            TimeSpan.Zero
        );

    private static AdmissionReply? Repeated(FarmView view, SessionSpec spec, string key) =>
        view.List.IdempotencyKeys.Find(key, view.Now) is not { } known ? null
        : known.Request != KeyBook.MarkOf(spec)
            ? new IdempotencyConflict(
                $"This idempotency key started session {known.Id} with another request; use a new key for a new session."
            )
        : view.List.Sessions.TryGetValue(known.Id.Value, out var session)
            ? new SessionAdmitted(known.Id, session.Shard, session.Summary.Node)
        : new SessionAdmitted(known.Id, known.Shard, known.Node);

    /// <summary>
    /// The answer to an admission. A <see cref="SessionAdmitted"/> with an id above the highest given id is persisted
    /// before the asker is told. Every other answer is given at once.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="ask">What is asked.</param>
    public static AdmissionReply Decide(FarmView view, AdmitSession ask)
    {
        var state = view.List;
        if (ask.IdempotencyKey is { } key && Repeated(view, ask.Spec, key) is { } before)
        {
            return before;
        }

        if (OwnersRefusal(state.Index, ask) is { } beyond)
        {
            return beyond;
        }

        var cost = SessionCost.Of(ask.Spec);
        if (Roomiest(view, cost) is not { } roomiest)
        {
            var refusals = Measure(view).Nodes.ConvertAll(node => new NodeRefusal(
                node.Node,
                node.Reason
                    ?? string.Create(CultureInfo.InvariantCulture, $"{Full(node)} This one would take {cost:0.##}.")
            ));
            var why = refusals.IsEmpty
                ? "No recorder node has joined yet; try again in a few seconds."
                : $"No node takes one more session: {string.Join(" ", refusals.Select(refusal => $"{refusal.Node}: {refusal.Reason}"))}";
            return new AdmissionRefused(FaultCode.AtCapacity, why, refusals, RetryAfter);
        }

        if (PromiseDecisions.RefusalOf(view, cost, ask.IdempotencyKey) is { } promised)
        {
            return new AdmissionRefused(FaultCode.AtCapacity, promised, [], RetryAfter);
        }

        // A session that has left its node needs a shard at once. A start can be tried again.
        if (view.SpareShards > 0 && ShardChoice.Free(view, roomiest) is { } free)
        {
            return new SessionAdmitted(new SessionId(state.LastId + 1), free, roomiest);
        }
        var shards = view.ShardCount;
        var (reason, retry) =
            view.TakenShards.Count >= shards
                ? (
                    $"All {shards} shards of the farm are taken, though a node has room; Placement:Shards says how many there are.",
                    RetryAfter
                )
            : view.SpareShards <= 0
                ? (
                    $"{roomiest} has room, and the last free shards of the farm's {shards} are for sessions being handed over. Try again in a few seconds.",
                    ShardArrival
                )
            : (
                $"{roomiest} has room, and the farm's free shards are with other nodes; one is brought to it. Try again in a few seconds.",
                ShardArrival
            );
        return new AdmissionRefused(FaultCode.AtCapacity, reason, [], retry);
    }

    /// <summary>Why the owner of a session may have no more; null when the owner may.</summary>
    private static AdmissionRefused? OwnersRefusal(SessionIndex index, AdmitSession ask)
    {
        if (ask is not { Limits: { } limits, Spec.Owner: { } owner })
        {
            return null;
        }
        var has = index.Of(owner);
        if (limits.Sessions > 0 && has.Sessions >= limits.Sessions)
        {
            return Refused(
                FaultCode.TooManySessions,
                $"The API key of {limits.Key} allows {owner} {limits.Sessions} sessions at once, and {owner} has {has.Sessions}; stop a session, or wait until one ends."
            );
        }
        var rate = SessionCost.PixelRateOf(ask.Spec);
        return limits.PixelRate > 0 && rate > 0 && has.PixelRate + rate > limits.PixelRate
            ? Refused(
                FaultCode.TooManyPixels,
                $"The API key of {limits.Key} allows {owner} {limits.PixelRate} pixels a second; the running sessions have {has.PixelRate}, and this session has {rate} (width x height x framerate). Choose a smaller picture or framerate, or stop a session."
            )
            : null;

        static AdmissionRefused Refused(string code, FormattableString message) =>
            new(code, message.ToString(CultureInfo.InvariantCulture), [], RetryAfter);
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
}
