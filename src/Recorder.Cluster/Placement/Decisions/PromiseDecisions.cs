using System.Collections.Immutable;
using System.Globalization;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>Decides whether a start leaves room for what schedules were promised. Pure.</summary>
internal static class PromiseDecisions
{
    /// <summary>How long promises count without being told again. The node that tells them tells them every few
    /// seconds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>The places that are promised and not taken yet.</summary>
    /// <param name="view">The farm.</param>
    public static ImmutableList<PromisedPlace> Open(FarmView view) =>
        view.Promises.IsEmpty || view.Age - view.PromisedAt > Lifetime
            ? []
            : view.Promises.RemoveAll(place => view.List.IdempotencyKeys.Find(place.Key, view.Now) is not null);

    /// <summary>Why a start would take a promised place; null when every promise can still be kept, or could not be
    /// kept anyhow.</summary>
    /// <param name="view">The farm.</param>
    /// <param name="cost">The slots that the start takes.</param>
    /// <param name="key">The idempotency key of the start, or null. Whoever has a promise takes what was
    /// promised.</param>
    public static string? RefusalOf(FarmView view, decimal cost, string? key)
    {
        var promised = Open(view);
        if (promised.IsEmpty || (key is not null && view.Promises.Exists(place => place.Key == key)))
        {
            return null;
        }
        var rooms = Rooms(view);
        var costs = promised.ConvertAll(place => place.Cost);
        if (Placed(rooms, costs) <= Placed(Without(rooms, cost), costs))
        {
            return null;
        }
        var next = promised.MinBy(place => place.At)!;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The last free slots of the farm are promised to schedules: {costs.Sum():0.##} slots for {costs.Count} recordings, the next at {next.At.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}. Start again later, add a node, or lower Schedules:Hold."
        );
    }

    private static ImmutableList<decimal> Rooms(FarmView view)
    {
        var coming = Admission.Coming(view);
        return
        [
            .. from node in view.Nodes
            where Admission.IsOpen(view, node.Key, node.Value)
            let room =
                node.Value.Slots
                - view.List.Index.On(node.Key).Used
                - coming.GetValueOrDefault(node.Key).Cost
            where room > 0
            select room,
        ];
    }

    /// <summary>The rooms after a session of a cost was put where most room is.</summary>
    private static ImmutableList<decimal> Without(ImmutableList<decimal> rooms, decimal cost) =>
        rooms.IsEmpty ? rooms : rooms.SetItem(rooms.IndexOf(rooms.Max()), rooms.Max() - cost);

    /// <summary>How many sessions find room, each where most room is.</summary>
    private static int Placed(ImmutableList<decimal> rooms, ImmutableList<decimal> costs)
    {
        var placed = 0;
        foreach (var cost in costs.Sort((one, other) => other.CompareTo(one)))
        {
            if (!rooms.IsEmpty && rooms.Max() >= cost)
            {
                rooms = Without(rooms, cost);
                placed++;
            }
        }
        return placed;
    }
}
