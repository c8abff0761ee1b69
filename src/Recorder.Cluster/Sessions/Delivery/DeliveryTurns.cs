namespace Recorder.Cluster.Sessions.Delivery;

/// <summary>How far a delivery of this node is.</summary>
internal enum DeliveryTurnState
{
    /// <summary>The delivery can begin.</summary>
    Ready,

    /// <summary>The delivery waits for the end of the sending of the growing record, and takes no place.</summary>
    Held,

    /// <summary>An attempt is under way.</summary>
    UnderWay,
}

/// <summary>One delivery of this node.</summary>
/// <param name="To">The destination.</param>
/// <param name="State">How far the delivery is.</param>
internal readonly record struct DeliveryTurn(string To, DeliveryTurnState State);

/// <summary>Which delivery begins next. The destinations take turns, so that a dead destination, whose attempts take
/// long, does not keep the records from the others. Pure.</summary>
internal static class DeliveryTurns
{
    /// <summary>The place of the delivery that begins now. The destination with the fewest attempts under way comes
    /// first; of several such, the one whose last attempt began the longest ago.</summary>
    /// <param name="deliveries">The deliveries, oldest first.</param>
    /// <param name="atOnce">How many attempts may be under way at once.</param>
    /// <param name="served">The destinations whose attempts have begun, the newest last.</param>
    /// <returns>Null when none may begin.</returns>
    public static int? Next(IReadOnlyList<DeliveryTurn> deliveries, int atOnce, IReadOnlyList<string> served)
    {
        var underWay = deliveries
            .Where(delivery => delivery.State == DeliveryTurnState.UnderWay)
            .CountBy(delivery => delivery.To)
            .ToDictionary();
        if (underWay.Values.Sum() >= atOnce)
        {
            return null;
        }
        return deliveries
            .Index()
            .Where(delivery => delivery.Item.State == DeliveryTurnState.Ready)
            .OrderBy(delivery => underWay.GetValueOrDefault(delivery.Item.To))
            .ThenBy(delivery =>
                served.Index().Where(to => to.Item == delivery.Item.To).Select(to => to.Index + 1).FirstOrDefault()
            )
            .ThenBy(delivery => delivery.Index)
            .Select(delivery => (int?)delivery.Index)
            .FirstOrDefault();
    }
}
