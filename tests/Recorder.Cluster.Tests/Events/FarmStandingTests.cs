using System.Collections.Immutable;
using Recorder.Cluster.Events;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Events;

/// <summary>What is told of nodes and their disks.</summary>
public sealed class FarmStandingTests
{
    private static readonly ImmutableDictionary<string, bool> NoDisks = ImmutableDictionary<string, bool>.Empty;

    [Fact]
    public void A_node_is_told_to_have_joined_and_to_have_left_once()
    {
        var told = Tell(FarmStanding.Empty, [Node("a", 1), Node("b", 2)], NoDisks);
        Assert.Equal(["node.joined a", "node.joined b"], Short(told));

        var standing = Take(FarmStanding.Empty, told);
        Assert.Empty(Tell(standing, [Node("a", 1), Node("b", 2)], NoDisks));
        told = Tell(standing, [Node("b", 2)], NoDisks);
        Assert.Equal(["node.left a"], Short(told));
        Assert.Empty(Tell(Take(standing, told), [Node("b", 2)], NoDisks));
    }

    [Fact]
    public void A_node_that_starts_again_at_its_address_has_left_and_joined()
    {
        var standing = Take(FarmStanding.Empty, Tell(FarmStanding.Empty, [Node("a", 1)], NoDisks));
        Assert.Equal(["node.left a", "node.joined a"], Short(Tell(standing, [Node("a", 9)], NoDisks)));
    }

    [Fact]
    public void A_low_disk_is_told_when_it_becomes_low_and_when_it_has_room_again()
    {
        ImmutableList<PresentNode> members = [Node("a", 1)];
        var standing = Take(FarmStanding.Empty, Tell(FarmStanding.Empty, members, NoDisks));
        Assert.Empty(Tell(standing, members, Disk("a", low: false)));

        var low = Tell(standing, members, Disk("a", low: true));
        Assert.Equal(["disk.low a"], Short(low));
        standing = Take(standing, low);
        Assert.Empty(Tell(standing, members, Disk("a", low: true)));
        Assert.Equal(["disk.free a"], Short(Tell(standing, members, Disk("a", low: false))));
        Assert.Equal(
            ["node.left a", "node.joined a", "disk.low a"],
            Short(Tell(standing, [Node("a", 2)], Disk("a", low: true)))
        );
    }

    [Fact]
    public void The_ids_go_on_from_the_last_number()
    {
        var told = FarmStanding.Empty.Next([Node("a", 1), Node("b", 2)], NoDisks, Sample.Time(0), 40);
        var at = Sample.Time(0).ToUnixTimeMilliseconds();
        Assert.Equal([$"evt_farm-41-{at:x}", $"evt_farm-42-{at:x}"], told.Select(draft => draft.Id));
    }

    private static PresentNode Node(string node, long life) => new(node, life, ["recorder"], "1.0.0");

    private static ImmutableDictionary<string, bool> Disk(string node, bool low) => NoDisks.Add(node, low);

    private static ImmutableList<EventDraft> Tell(
        FarmStanding standing,
        ImmutableList<PresentNode> members,
        ImmutableDictionary<string, bool> disks
    ) => standing.Next(members, disks, Sample.Time(0), 0);

    private static FarmStanding Take(FarmStanding standing, ImmutableList<EventDraft> told) =>
        told.Aggregate(
            standing,
            (known, draft) => known.After(draft.Type, draft.Node, EventBody.Of(draft, 1, null))
        );

    private static IEnumerable<string> Short(ImmutableList<EventDraft> told) =>
        told.Select(draft => $"{draft.Type} {draft.Node}");
}
