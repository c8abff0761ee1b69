using System.Collections.Immutable;

namespace Recorder.Cluster.Placement;

/// <summary>
/// What the placement singleton has decided about slots, and what sharding has made of it. Both singletons are on the oldest recorder
/// node, so they share one of these, made when the node starts; elsewhere it stays empty. Safe to use from several threads.
/// </summary>
internal sealed class SlotBoard
{
    private ImmutableDictionary<int, string> _decided = ImmutableDictionary<int, string>.Empty;
    private readonly TaskCompletionSource _observed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableHashSet<int> _sent = [];
    private ImmutableDictionary<int, string> _homes = ImmutableDictionary<int, string>.Empty;

    /// <summary>No node: where a slot is that is being brought from one to another.</summary>
    public const string OnItsWay = "";

    /// <summary>Done once the coordinator of the shards has told for the first time where slots are.</summary>
    public Task Observed => _observed.Task;

    /// <summary>The placement has decided that a slot's session runs on this node.</summary>
    public void Decide(int slot, string node) => ImmutableInterlocked.Update(ref _decided, decided => decided.SetItem(slot, node));

    /// <summary>The node the slot's session is to run on, or null when nothing was decided here.</summary>
    public string? DecidedFor(int slot) => Volatile.Read(ref _decided).GetValueOrDefault(slot);

    /// <summary>A slot without a session is to be brought to another node. No session gets it before it has arrived.</summary>
    public void Send(int slot, string node)
    {
        Decide(slot, node);
        ImmutableInterlocked.Update(ref _sent, sent => sent.Add(slot));
    }

    /// <summary>Where slots are, as the coordinator of the shards last told it. Those that are to be elsewhere are answered.</summary>
    public ImmutableHashSet<int> Observe(ImmutableDictionary<int, string> homes)
    {
        Volatile.Write(ref _homes, homes);
        ImmutableInterlocked.Update(ref _sent, sent => sent.Where(slot => homes.TryGetValue(slot, out var home) && DecidedFor(slot) is { } node && node != home).ToImmutableHashSet());
        _observed.TrySetResult();
        return Volatile.Read(ref _sent);
    }

    /// <summary>The node a slot goes to (<see cref="SlotChoice.Home"/>), known from then on; null without nodes.</summary>
    /// <param name="slot">The slot, which is nowhere.</param>
    /// <param name="homes">Where the others are.</param>
    /// <param name="nodes">The nodes that take slots, each with how many it holds.</param>
    public string? Allocate(int slot, ImmutableDictionary<int, string> homes, ImmutableArray<KeyValuePair<string, int>> nodes)
    {
        var node = SlotChoice.Home(DecidedFor(slot), nodes);
        Observe(node is null ? homes : homes.SetItem(slot, node));
        return node;
    }

    /// <summary>The node that holds a slot, in use or idle, or null when it is nowhere as far as is known; <see cref="OnItsWay"/> while it is brought to another.</summary>
    public string? HomeOf(int slot) => Volatile.Read(ref _sent).Contains(slot) ? OnItsWay : Volatile.Read(ref _homes).GetValueOrDefault(slot) ?? DecidedFor(slot);

    /// <summary>A node is gone, and its slots with it.</summary>
    public void Forget(string node)
    {
        ImmutableInterlocked.Update(ref _decided, slots => slots.RemoveRange(slots.Where(slot => slot.Value == node).Select(slot => slot.Key)));
        ImmutableInterlocked.Update(ref _homes, slots => slots.RemoveRange(slots.Where(slot => slot.Value == node).Select(slot => slot.Key)));
    }
}
