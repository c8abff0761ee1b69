using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Recorder.Cluster.Events;

/// <summary>A member of the farm, as events tell of it.</summary>
/// <param name="Node">Its cluster address.</param>
/// <param name="Life">The number of its life: a node that starts again has another.</param>
/// <param name="Roles">Its roles.</param>
/// <param name="Version">Its version.</param>
internal sealed record PresentNode(string Node, long Life, ImmutableList<string> Roles, string Version);

/// <summary>
/// What people have been told of the nodes. Pure: what is to be told next is the difference to the farm as it is, so
/// that nothing is told twice, whoever tells it.
/// </summary>
/// <param name="Lives">The nodes that are members, each with its life.</param>
/// <param name="Low">The nodes whose disk is low.</param>
internal sealed record FarmStanding(
    ImmutableSortedDictionary<string, long> Lives,
    ImmutableSortedSet<string> Low
)
{
    /// <summary>Nothing was told yet.</summary>
    public static readonly FarmStanding Empty = new(
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal),
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal)
    );

    /// <summary>The standing after one more event.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="node">Its node.</param>
    /// <param name="body">Its text.</param>
    public FarmStanding After(string type, string node, string body) =>
        type switch
        {
            EventType.NodeJoined => this with { Lives = Lives.SetItem(node, LifeIn(body)) },
            EventType.NodeLeft => new FarmStanding(Lives.Remove(node), Low.Remove(node)),
            EventType.DiskLow => this with { Low = Low.Add(node) },
            EventType.DiskFree => this with { Low = Low.Remove(node) },
            _ => this,
        };

    /// <summary>What is to be told.</summary>
    /// <param name="members">The members of the farm.</param>
    /// <param name="disks">What members have reported of their disks.</param>
    /// <param name="at">The time.</param>
    /// <param name="last">The number of the last event that was told.</param>
    public ImmutableList<EventDraft> Next(
        ImmutableList<PresentNode> members,
        ImmutableDictionary<string, bool> disks,
        DateTimeOffset at,
        long last
    )
    {
        var told = ImmutableList.CreateBuilder<EventDraft>();
        foreach (var (node, life) in Lives)
        {
            if (!members.Exists(member => member.Node == node && member.Life == life))
            {
                Tell(EventType.NodeLeft, node, new NodeData(life, null, null));
            }
        }
        foreach (var member in members)
        {
            if (!Lives.TryGetValue(member.Node, out var life) || life != member.Life)
            {
                Tell(EventType.NodeJoined, member.Node, new NodeData(member.Life, member.Roles, member.Version));
            }
            if (disks.TryGetValue(member.Node, out var low) && low != IsLow(member))
            {
                Tell(low ? EventType.DiskLow : EventType.DiskFree, member.Node, new NoData());
            }
        }
        return told.ToImmutable();

        // The disk of a node that starts again is told anew.
        bool IsLow(PresentNode member) =>
            Low.Contains(member.Node) && Lives.TryGetValue(member.Node, out var life) && life == member.Life;

        void Tell(string type, string node, object data) =>
            told.Add(
                new EventDraft(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"evt_farm-{last + told.Count + 1}-{at.ToUnixTimeMilliseconds():x}"
                    ),
                    type,
                    at,
                    node,
                    last + told.Count + 1,
                    data
                )
            );
    }

    private static long LifeIn(string body)
    {
        using var text = JsonDocument.Parse(body);
        return text.RootElement.GetProperty("data").GetProperty("life").GetInt64();
    }
}
