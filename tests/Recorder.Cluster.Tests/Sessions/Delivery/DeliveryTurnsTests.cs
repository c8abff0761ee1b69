using Recorder.Cluster.Sessions.Delivery;

namespace Recorder.Cluster.Tests.Sessions.Delivery;

/// <summary>Which delivery begins next. A letter is a destination; a capital letter has an attempt under way, and a
/// letter with a dash before it is held.</summary>
public sealed class DeliveryTurnsTests
{
    [Theory]
    [InlineData("", 2, "", null)]
    [InlineData("a a", 2, "", 0)]
    [InlineData("A a", 2, "a", 1)]
    [InlineData("A A a", 2, "a", null)]
    [InlineData("A A a b", 2, "a", null)]
    [InlineData("A a a b", 2, "a", 3)]
    [InlineData("A A a a b", 3, "a", 4)]
    [InlineData("A B a b", 3, "a b", 2)]
    [InlineData("A B a b", 3, "b a", 3)]
    [InlineData("a a b", 1, "a", 2)]
    [InlineData("a b c", 1, "c a", 1)]
    [InlineData("-a -a b", 2, "", 2)]
    [InlineData("-a", 2, "", null)]
    public void A_dead_destination_does_not_keep_the_records_from_the_others(
        string deliveries,
        int atOnce,
        string served,
        int? next
    ) =>
        Assert.Equal(
            next,
            DeliveryTurns.Next(
                [.. deliveries.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Turn)],
                atOnce,
                served.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            )
        );

    private static DeliveryTurn Turn(string delivery) =>
        new(
            delivery.TrimStart('-').ToLowerInvariant(),
            delivery[0] == '-' ? DeliveryTurnState.Held
                : char.IsUpper(delivery[0]) ? DeliveryTurnState.UnderWay
                : DeliveryTurnState.Ready
        );
}
