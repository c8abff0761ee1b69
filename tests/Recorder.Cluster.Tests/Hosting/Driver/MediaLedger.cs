using System.Collections.Immutable;
using System.Diagnostics;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting.Driver;

/// <summary>One media set of a session on a node, from its first frame until its processes would be gone.</summary>
/// <param name="Number">Its number in the ledger, from 1.</param>
/// <param name="Session">The session.</param>
/// <param name="Node">The node's cluster address.</param>
/// <param name="Record">The record it writes.</param>
/// <param name="Cost">What it takes of the node's slots.</param>
/// <param name="Prepared">Whether it was begun for a session that was still recording elsewhere, and nothing has shown
/// since that it is the session's.</param>
/// <param name="Begun">When it began, as <see cref="Stopwatch"/> has it.</param>
internal sealed record MediaLife(
    int Number,
    SessionId Session,
    string Node,
    string Record,
    decimal Cost,
    bool Prepared,
    long Begun
)
{
    /// <summary>Whether the session goes on elsewhere without it: the node that was to hand the session over died in
    /// the middle.</summary>
    public bool Stray { get; init; }

    public override string ToString() =>
        $"session {Session} on {Node}, {Path.GetFileName(Record)}{(Prepared ? ", prepared" : "")}{(Stray ? ", stray" : "")}";
}

/// <summary>
/// All simulated media of a farm. Every node's media side tells the ledger at once when a record begins, and when a
/// media set is gone. The ledger then looks for what must never be. A node must not have more media than slots. A
/// session must not have two media sets, except in a hand-over. Safe to use from several threads.
/// </summary>
internal sealed class MediaLedger
{
    /// <summary>How long two media sets of one session may live in a hand-over.</summary>
    private static readonly TimeSpan OverlapLimit = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _slots = [];
    private readonly HashSet<string> _dead = [];
    private readonly List<string> _broken = [];
    private ImmutableSortedDictionary<int, MediaLife> _live = ImmutableSortedDictionary<int, MediaLife>.Empty;
    private ImmutableList<MediaLife> _all = [];
    private bool _someoneDied;

    /// <summary>What was seen that must never be.</summary>
    public ImmutableList<string> Broken
    {
        get
        {
            lock (_lock)
            {
                return [.. _broken];
            }
        }
    }

    /// <summary>What lives now, oldest first.</summary>
    public ImmutableList<MediaLife> Live
    {
        get
        {
            lock (_lock)
            {
                return [.. _live.Values];
            }
        }
    }

    /// <summary>Every media set that ever lived, as it began.</summary>
    public ImmutableList<MediaLife> All
    {
        get
        {
            lock (_lock)
            {
                return _all;
            }
        }
    }

    /// <summary>A node is about to be there, perhaps again.</summary>
    public void NodeComes(string node, int slots)
    {
        lock (_lock)
        {
            _slots[node] = slots;
            _dead.Remove(node);
        }
    }

    /// <summary>A node dies: what lived there is gone, and what its remains still begin is nobody's.</summary>
    public void NodeDies(string node)
    {
        lock (_lock)
        {
            _dead.Add(node);
            _live = _live.RemoveRange(_live.Values.Where(life => life.Node == node).Select(life => life.Number));
            _someoneDied = true;
        }
    }

    /// <summary>The farm is at rest: what lives is its sessions' own, except strays, and no death is behind what
    /// comes.</summary>
    public void Settle()
    {
        lock (_lock)
        {
            _live = _live.SetItems(
                _live
                    .Values.Where(life => !life.Stray)
                    .Select(life => KeyValuePair.Create(life.Number, life with { Prepared = false }))
            );
            _someoneDied = false;
        }
    }

    /// <summary>A media set has written its first frame. The answer is its number.</summary>
    public int Begin(SessionId session, string node, string record, SessionSpec spec, bool prepared)
    {
        lock (_lock)
        {
            var life = new MediaLife(
                _all.Count + 1,
                session,
                node,
                record,
                SessionCost.Of(spec),
                prepared,
                Stopwatch.GetTimestamp()
            );
            _all = _all.Add(life);
            if (_dead.Contains(node))
            {
                return life.Number;
            }
            LookForTwins(life);
            _live = _live.SetItem(life.Number, life);
            LookForCapacity(node);
            return life.Number;
        }
    }

    /// <summary>A media set is gone.</summary>
    public void End(int number)
    {
        lock (_lock)
        {
            if (!_live.TryGetValue(number, out var life))
            {
                return;
            }
            _live = _live.Remove(number);
            var next = _live.Values.FirstOrDefault(other => other.Session == life.Session && other.Number > number);
            if (
                next is { Stray: false }
                && !life.Stray
                && Stopwatch.GetElapsedTime(next.Begun) is var overlap
                && overlap > OverlapLimit
            )
            {
                _broken.Add($"Two media sets of one session lived for {overlap.TotalSeconds:0.0} s: {life}; {next}.");
            }
        }
    }

    private void LookForTwins(MediaLife life)
    {
        var others = _live.Values.Where(other => other.Session == life.Session && !other.Stray).ToList();
        if (others.Count == 0 || (life.Prepared && others.Count == 1))
        {
            return;
        }
        if (_someoneDied && others.TrueForAll(other => other.Prepared))
        {
            _live = _live.SetItems(
                others.Select(other => KeyValuePair.Create(other.Number, other with { Stray = true }))
            );
            return;
        }

        _broken.Add($"Another media set of a session began: {life}; beside {string.Join("; ", others)}.");
    }

    private void LookForCapacity(string node)
    {
        var here = _live.Values.Where(life => life.Node == node && !life.Stray).ToList();

        // A placement that takes over does not know of the hand-overs its predecessor had under way.
        if (_someoneDied && here.Exists(life => life.Prepared))
        {
            return;
        }
        if (here.Count > 1 && here.Sum(life => life.Cost) > _slots[node])
        {
            _broken.Add(
                $"{node} has {_slots[node]} slots and holds {here.Sum(life => life.Cost)}: {string.Join("; ", here)}."
            );
        }
    }
}
