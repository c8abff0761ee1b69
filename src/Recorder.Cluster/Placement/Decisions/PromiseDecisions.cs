using System.Collections.Immutable;
using System.Globalization;
using Recorder.Cluster.Capacity;

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

    /// <summary>The promised places for which no room will be there at their time, as far as the ends of the sessions
    /// are known. A place that comes earlier takes its room first.</summary>
    /// <param name="view">The farm.</param>
    public static ImmutableList<PromisedPlace> AtRisk(FarmView view)
    {
        var coming = Open(view).Sort((one, other) => one.At.CompareTo(other.At));
        var largest = view.Nodes.Values.Select(node => node.Slots).DefaultIfEmpty().Max();
        var risks = ImmutableList.CreateBuilder<PromisedPlace>();
        var before = ImmutableList<decimal>.Empty;
        foreach (var place in coming)
        {
            // An empty node takes a session that needs more than the whole node.
            var with = before.Add(Math.Min(place.Cost, largest));
            if (place.At > view.Now && Placed(Rooms(view, place.At + EndSlack), with) <= before.Count)
            {
                risks.Add(place);
            }
            else
            {
                before = with;
            }
        }
        return risks.ToImmutable();
    }

    /// <summary>How much later than a place is needed a session may end and still leave its room to the
    /// place.</summary>
    private static readonly TimeSpan EndSlack = TimeSpan.FromMinutes(1);

    /// <param name="view">The farm.</param>
    /// <param name="at">Sessions that end by then are left out; null: none.</param>
    private static ImmutableList<decimal> Rooms(FarmView view, DateTimeOffset? at = null)
    {
        var coming = Admission.Coming(view);
        return
        [
            .. from node in view.Nodes
            where Admission.IsOpen(view, node.Key, node.Value)
            let held = view.List.Index.On(node.Key)
            let ended = at is null
                ? 0
                : held.Sessions.Select(id => view.List.Sessions[id].Summary)
                    .Where(session => session.EndsAt <= at)
                    .Sum(session => SessionCost.Of(session.Spec))
            let room = node.Value.Slots - held.Used + ended - coming.GetValueOrDefault(node.Key).Cost
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
