using System.Collections.Immutable;
using System.Text.Json;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>
/// A farm of up to six nodes in memory: the placement's decisions are the product's, the nodes, the shards and the
/// sessions are played. Each step is random, and what has to be true is looked at on every one.
/// </summary>
internal sealed partial class PlacementModel(Random random, bool overfill)
{
    private const int Shards = 1000;

    private static readonly string[] Addresses =
    [
        .. Enumerable.Range(1, 6).Select(node => $"akka.tcp://recorder@10.0.0.{node}:34569"),
    ];

    private static readonly SessionSpec[] Specs =
    [
        new PageSessionSpec(new Uri("https://example.org/room")),
        new PageSessionSpec(new Uri("https://example.org/room"))
        {
            Video = new VideoSettings
            {
                Width = 640,
                Height = 360,
                Framerate = 15,
            },
        },
        new PageSessionSpec(new Uri("https://example.org/room"))
        {
            Video = new VideoSettings { Width = 3840, Height = 2160 },
        },
        new RtpSessionSpec(0, 0),
    ];

    private readonly List<IPlacementEvent> _events = [];
    private readonly HashSet<int> _toEnd = [];
    private ShardBoard _board = new();
    private PlacementState _state = new();
    private FarmRoster _farm = FarmRoster.Empty;
    private ImmutableSortedDictionary<string, NodeCapacity> _nodes = ImmutableSortedDictionary.Create<
        string,
        NodeCapacity
    >(StringComparer.Ordinal);
    private ImmutableDictionary<int, string> _homes = ImmutableDictionary<int, string>.Empty;
    private int _now;

    /// <summary>What was done.</summary>
    public List<string> Story { get; } = [];

    public void Step()
    {
        _now++;
        switch (random.Next(20))
        {
            case 0 or 1:
                Join();
                break;
            case 2:
                Die();
                break;
            case 3:
                Leave();
                break;
            case 4:
                Drain();
                break;
            case 5 or 6:
                TellCapacity();
                break;
            case 7 or 8:
                Question();
                break;
            case 9:
                BeginPlacementAgain();
                break;
            case 10 or 11:
                HandOverGoesOn();
                break;
            case < 15:
                Start();
                break;
            default:
                Progress();
                break;
        }

        Check();
    }

    /// <summary>With room enough for all of them, every session that was accepted comes to its end.</summary>
    public void EndAll()
    {
        foreach (var node in Addresses)
        {
            if (_farm.Leaving.Contains(node))
            {
                Remove(node);
            }
            if (!_farm.Members.Contains(node))
            {
                _farm = _farm.Join(node);
            }
            if (_state.Draining.Contains(node))
            {
                Take(new DrainEnded(node, Now));
            }
            _nodes = _nodes.SetItem(node, new NodeCapacity(10_000, null, Farm.Age));
        }

        _handOvers = _handOvers.Clear();
        Care();
        Holds(
            _state.Running.All(session => session.Summary.Phase != SessionPhase.WaitingForRoom),
            "A session waits in an empty farm."
        );
        while (_state.Running.FirstOrDefault() is { } session)
        {
            Progress(session);
        }
        CheckFold();
    }

    private DateTimeOffset Now => Sample.Time(_now);

    private TimeSpan Age => Farm.Age + TimeSpan.FromSeconds(_now);

    private FarmView View =>
        Farm.View(_state, _nodes) with
        {
            Settings = Farm.Settings with { Shards = Shards, OverfillOnNodeLoss = overfill },
            Now = Now,
            Age = Age,
            HandOvers = _handOvers,
            Refusals = _refusals,
            Roster = _farm,
            Shards = _board.Map,
        };

    private void Join()
    {
        if (Pick(Addresses.Where(node => !_farm.Members.Contains(node))) is not { } node)
        {
            return;
        }
        Tell($"{node} joins");
        _farm = _farm.Join(node);
        Capacity(node);
    }

    private void TellCapacity()
    {
        if (Pick(_farm.Members.Order(StringComparer.Ordinal)) is { } node)
        {
            Capacity(node);
        }
    }

    private void Capacity(string node)
    {
        var closed = random.Next(6) == 0 ? "Its disk is full." : null;
        var slots = random.Next(7);
        Tell($"{node} has {slots} slots, closed: {closed is not null}");
        _nodes = _nodes.SetItem(node, new NodeCapacity(slots, closed, Farm.Age));
        Care();
    }

    private void Die()
    {
        if (Pick(_farm.Members.Order(StringComparer.Ordinal)) is not { } node)
        {
            return;
        }
        Tell($"{node} dies");
        Remove(node);
    }

    private void Remove(string node)
    {
        // The coordinator of the shards may know it first, and questions about sessions make it put their shards
        // elsewhere.
        _homes = _homes.RemoveRange(_homes.Where(home => home.Value == node).Select(home => home.Key));
        _farm = _farm.Remove(node);
        for (var questions = random.Next(4); questions > 0; questions--)
        {
            Question();
        }
        _nodes = _nodes.Remove(node);
        _board.Forget(node);
        if (_state.Draining.Contains(node))
        {
            Take(new DrainEnded(node, Now));
        }
        Care();
    }

    private void Leave()
    {
        if (Pick(_farm.Members.Order(StringComparer.Ordinal)) is not { } node)
        {
            return;
        }
        Tell($"{node} leaves");
        _farm = _farm.Leave(node);
    }

    private void Drain()
    {
        if (Pick(_farm.Members.Order(StringComparer.Ordinal)) is not { } node)
        {
            return;
        }
        var on = !_state.Draining.Contains(node);
        Tell($"{node} is drained: {on}");
        Take(on ? new DrainBegan(node, Now) : new DrainEnded(node, Now));
        Care();
    }

    private void Question()
    {
        if (Pick(_state.Running) is { } session)
        {
            HomeOf(session.Shard);
        }
    }

    private void BeginPlacementAgain()
    {
        Tell("the placement begins again");
        CheckFold();
        _board = new ShardBoard();
        foreach (var session in _state.Running)
        {
            _board.Decide(session.Shard, session.Summary.Node);
        }
        _board.Observe(_homes);
        HearOfKeptMedia();
        Care();
    }

    private void Start()
    {
        var ask = new AdmitSession(
            Specs[random.Next(Specs.Length)],
            random.Next(3) == 0 ? $"key-{random.Next(40)}" : null
        );
        var before = _state;
        var cost = SessionCost.Of(ask.Spec);
        var reply = Admission.Decide(View, ask);
        Tell($"start {cost}: {reply}");
        switch (reply)
        {
            case AdmissionRefused:
                Holds(
                    !_nodes.Keys.Any(node => IsOpen(node) && HasRoomBesidePromises(node, cost)),
                    "A session was refused although a node has room."
                );
                break;
            case SessionAdmitted admitted when before.Sessions.TryGetValue(admitted.Id.Value, out var known):
                Holds(
                    known.IdempotencyKey is not null && known.IdempotencyKey == ask.IdempotencyKey,
                    $"Id {admitted.Id} was given twice."
                );
                break;
            case SessionAdmitted admitted:
                Holds(
                    IsOpen(admitted.Node) && HasRoomBesidePromises(admitted.Node, cost),
                    $"{admitted.Node} was given a session it has no room for."
                );
                Take(new SessionPlaced(admitted.Id, admitted.Shard, admitted.Node, ask.Spec, ask.IdempotencyKey, Now));
                _board.Decide(admitted.Shard, admitted.Node);
                Holds(
                    HomeOf(admitted.Shard) == admitted.Node,
                    $"Session {admitted.Id} was to start on {admitted.Node}, and its shard is on {HomeOf(admitted.Shard)}."
                );
                break;
        }
    }

    private void Progress()
    {
        if (Pick(_state.Running) is { } session)
        {
            Progress(session);
        }
    }

    private void Progress(PlacedSession session)
    {
        var id = session.Summary.Id.Value;
        var next = session.Summary.Phase switch
        {
            _ when _toEnd.Contains(id) => SessionPhase.Stopped,
            SessionPhase.Starting => random.Next(5) == 0 ? SessionPhase.Failed : SessionPhase.Recording,
            SessionPhase.Resuming => SessionPhase.Recording,
            SessionPhase.Recording => SessionPhase.Stopping,
            _ => SessionPhase.Stopped,
        };

        // A session that waits is stopped wherever sharding wakes it.
        if (HomeOf(session.Shard) is not { } node)
        {
            return;
        }
        Tell($"session {id}: {session.Summary.Phase} -> {next} on {node}");
        Take(
            new SessionReported(
                session.Summary with
                {
                    Phase = next,
                    PhaseSince = Now,
                    Node = node,
                },
                session.Version + 1
            )
        );
        Care();
    }

    private void Care()
    {
        var before = _state;
        var decided = Relocation.Decide(View);
        foreach (var happened in decided)
        {
            if (happened is not SessionMoved moved)
            {
                Take(happened);
                continue;
            }

            var session = _state.Sessions[moved.Id.Value];
            var cost = SessionCost.Of(session.Summary.Spec);
            var ends = session.Summary.Phase is SessionPhase.Starting or SessionPhase.Stopping;

            // The target of a hand-over has the next record already, whatever has become of its room.
            var promised = _handOvers.TryGetValue(moved.Id.Value, out var handOver) && handOver.Target == moved.Node;
            if (!ends && !promised)
            {
                Holds(IsOpen(moved.Node), $"Session {moved.Id} was given to {moved.Node}, which takes none.");
            }
            if (!ends && !overfill && !promised)
            {
                Holds(
                    HasRoom(_state, moved.Node, cost),
                    $"Session {moved.Id} was given to {moved.Node}, which has no room."
                );
            }
            if (ends)
            {
                _toEnd.Add(moved.Id.Value);
            }
            if (session.Summary.Phase == SessionPhase.WaitingForRoom && !promised)
            {
                Holds(
                    !_state.Running.Any(other =>
                        other.Summary.Phase == SessionPhase.WaitingForRoom
                        && other.Summary.PhaseSince < session.Summary.PhaseSince
                        && SessionCost.Of(other.Summary.Spec) <= cost
                    ),
                    $"Session {moved.Id} got room before one that has waited longer and needs no more."
                );
            }

            Take(moved);
            _board.Decide(moved.Shard, moved.Node);
            Holds(
                HomeOf(moved.Shard) == moved.Node,
                $"Session {moved.Id} was to go on on {moved.Node}, and its shard is on {HomeOf(moved.Shard)}."
            );
        }

        if (decided.Count > 0)
        {
            Tell(
                $"{string.Join(", ", decided.Select(happened => happened is SessionMoved moved ? $"{moved.Id} to {moved.Node}" : $"{happened}"))}"
            );
        }
        Holds(
            Relocation.Decide(View).IsEmpty,
            $"A second look decides more than the first, after {before.Running.Count()} running sessions."
        );
        HandOverNext();
    }

    private void Check()
    {
        Holds(
            _state.Running.Select(session => session.Shard).Distinct().Count() == _state.Running.Count(),
            "Two running sessions have one shard."
        );
        Holds(_state.LastId == _state.Sessions.Count, "An id was given twice, or left out.");
        SessionIndexTests.AssertRecounted(_state);
        foreach (var session in _state.Running)
        {
            var node = session.Summary.Node;
            Holds(
                session.Summary.Phase == SessionPhase.WaitingForRoom || _farm.Members.Contains(node) || _nodes.IsEmpty,
                $"Session {session.Summary.Id} is {session.Summary.Phase} on {node}, which is gone."
            );
        }

        if (random.Next(25) == 0)
        {
            CheckFold();
        }
    }

    /// <summary>The list is what its events say, and what its snapshot says after it was written and read.</summary>
    private void CheckFold()
    {
        var folded = _events.Aggregate(new PlacementState(), (state, happened) => state.Apply(happened));
        var written = JsonSerializer.Serialize(_state.ToSnapshot(), WireSerializer.Json);
        var read = PlacementState.FromSnapshot(
            JsonSerializer.Deserialize<PlacementSnapshot>(written, WireSerializer.Json)!
        );
        foreach (var other in new[] { folded, read })
        {
            Holds(Text(other) == Text(_state), "The list differs from its events or from its snapshot.");
            Holds(
                other.Draining.SetEquals(_state.Draining),
                "The drained nodes differ from the events or from the snapshot."
            );
            Holds(
                other.IdempotencyKeys.Keys.SequenceEqual(_state.IdempotencyKeys.Keys),
                "The idempotency keys differ from the events or from the snapshot."
            );
        }

        static string Text(PlacementState state) =>
            JsonSerializer.Serialize((state with { Draining = [] }).ToSnapshot(), WireSerializer.Json);
    }

    /// <summary>Where the shard is; a shard that is nowhere is put somewhere, as any message to the shard
    /// does.</summary>
    private string? HomeOf(int shard)
    {
        if (_homes.TryGetValue(shard, out var home))
        {
            return home;
        }
        var target = _board.Allocate(
            shard,
            _homes,
            [.. _farm.Members.Select(node => KeyValuePair.Create(node, _homes.Count(other => other.Value == node)))]
        );
        if (target is not null)
        {
            _homes = _homes.SetItem(shard, target);
        }
        return target;
    }

    private bool IsOpen(string node) =>
        !_farm.Leaving.Contains(node)
        && !_state.Draining.Contains(node)
        && _nodes.TryGetValue(node, out var told)
        && told.Closed is null;

    /// <summary>Counted anew here, not asked of the code under test.</summary>
    private bool HasRoom(PlacementState state, string node, decimal cost)
    {
        var held = state
            .Running.Where(session =>
                session.Summary.Node == node && session.Summary.Phase != SessionPhase.WaitingForRoom
            )
            .ToList();
        var slots = _nodes[node].Slots;
        return slots > 0
            && (held.Count == 0 || held.Sum(session => SessionCost.Of(session.Summary.Spec)) + cost <= slots);
    }

    private void Take(IPlacementEvent happened)
    {
        _events.Add(happened);
        _state = _state.Apply(happened);
    }

    private T? Pick<T>(IEnumerable<T> among)
        where T : class
    {
        var all = among.ToList();
        return all.Count == 0 ? null : all[random.Next(all.Count)];
    }

    private void Tell(string what) => Story.Add($"{_now}: {what}");

    private static void Holds(bool condition, string what) => Assert.True(condition, what);
}
