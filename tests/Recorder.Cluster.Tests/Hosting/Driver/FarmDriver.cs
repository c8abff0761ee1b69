using System.Collections.Immutable;
using System.Diagnostics;

using Akka.Actor;

using Recorder.Cluster.Hosting;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Tests.Hosting.Driver;

/// <summary>
/// Drives a farm of up to four nodes in this process by chance: joins, deaths, orderly ends, drains, starts and stops, some of them at once. The
/// nodes, their cluster, shards, singletons and database are the product's, only the media are simulated. After each step the farm has to come to
/// rest as <see cref="FarmModel"/> describes it; what must never be is looked at by <see cref="MediaLedger"/> all the time.
/// </summary>
/// <remarks>A seed decides what is done and to which of the nodes and sessions there are; how the farm's own threads meet differs from run to run.</remarks>
internal sealed class FarmDriver(int seed) : IAsyncDisposable
{
    private const int MostNodes = 4;
    private static readonly TimeSpan RestLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(6);

    private readonly Random _random = new(seed);
    private readonly TestFolder _folder = new();
    private readonly MediaLedger _ledger = new();
    private readonly Dictionary<string, TestNode> _nodes = [];
    private readonly List<(int Port, int Slots)> _gone = [];
    private readonly Lock _lock = new();
    private FarmModel _model = new();
    private int _step;
    private int _starts;
    private int _highestId;
    private bool _undisturbed;
    private bool _single;
    private ImmutableList<SessionSummary> _atRest = [];

    /// <summary>What was done, and what the nodes logged meanwhile.</summary>
    public FarmLog Log { get; } = new();

    /// <summary>How many steps had which kinds of action.</summary>
    public Dictionary<string, int> Done { get; } = [];

    /// <summary>Starts the first node.</summary>
    public Task BeginAsync() => StepAsync([JoinAsync(0, 2)]);

    /// <summary>One action by chance, or two at once; then the farm has to come to rest.</summary>
    public Task StepAsync()
    {
        List<Task> actions = [];
        _undisturbed = true;
        _single = _random.Next(2) == 0;
        actions.Add(_random.Next(20) switch
        {
            < 2 when _single => StartAsync(1),
            < 6 => StartAsync(1 + _random.Next(4)),
            < 9 => StopAsync(),
            < 12 when _nodes.Count < MostNodes => JoinAsync(),
            < 15 when _nodes.Count > 1 => KillAsync(),
            < 17 when _nodes.Count > 1 => LeaveAsync(),
            _ => DrainAsync(),
        });
        if (!_single)
        {
            actions.Add(_random.Next(8) switch
            {
                < 3 => StartAsync(1 + _random.Next(3)),
                < 5 => StopAsync(),
                < 6 when _nodes.Count < MostNodes => JoinAsync(),
                _ => DrainAsync(),
            });
        }

        return StepAsync(actions);
    }

    /// <summary>With room enough every session records; every one of them can be stopped; and each record that was written is listed.</summary>
    public async Task EndAsync()
    {
        _undisturbed = true;
        _single = false;
        await StepAsync([.. _model.Nodes.Where(node => node.Value.Draining).Select(node => DrainAsync(node.Key, false)), JoinAsync(0, 100)]);
        var waiting = _atRest.FindAll(session => session.Phase == SessionPhase.WaitingForRoom);
        Holds(waiting.IsEmpty, $"Sessions wait although there is room: {string.Join("; ", waiting)}");

        await StepAsync([.. _atRest.Where(session => session.Running).Select(session => StopAsync(session.Id.Value))]);
        Holds(_ledger.Live.TrueForAll(life => life.Stray), $"Media live without a session: {string.Join("; ", _ledger.Live)}");
        await WaitAsync("every record of a living node finalised", async () =>
        {
            var open = (await ListAsync()).SelectMany(session => session.Records).Where(record => !record.Finished && _nodes.ContainsKey(record.Node!)).ToList();
            return open.Count == 0 ? null : string.Join("; ", open);
        });
        var listed = (await ListAsync()).SelectMany(session => session.Records).Select(record => record.Path).ToHashSet();
        var unlisted = _ledger.All.FindAll(life => !life.Prepared && !listed.Contains(life.Record));
        Holds(unlisted.IsEmpty, $"Records were written and are not listed: {string.Join("; ", unlisted)}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values) await node.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StepAsync(IReadOnlyCollection<Task> actions)
    {
        _step++;
        await Task.WhenAll(actions);
        var before = _atRest.ToDictionary(session => session.Id);
        await WaitAsync("at rest", async () => Model.Unrest(await ViewAsync()));
        foreach (var session in _atRest.Where(session => before.ContainsKey(session.Id)))
        {
            var earlier = before[session.Id];
            Holds(session.Attempt >= earlier.Attempt, $"Session {session.Id} went back from attempt {earlier.Attempt} to {session.Attempt}.");
            Holds(
                !_undisturbed || earlier.Phase != SessionPhase.Recording || (session.Gaps.Count == earlier.Gaps.Count && session.Faults.Count == earlier.Faults.Count),
                $"No node was lost, and session {session.Id} has a new gap or fault: {string.Join("; ", session.Gaps)}; {string.Join("; ", session.Faults)}");
        }

        _ledger.Settle();
    }

    private async Task StartAsync(int count)
    {
        var starts = Enumerable.Range(0, count).Select(_ => (Spec: NextSpec(), WithKey: _random.Next(2) == 0)).ToList();
        _single &= count == 1;
        Tell("start", $"{count} at once, of {string.Join(", ", starts.Select(start => SessionCost.Of(start.Spec)))}");
        await Task.WhenAll(starts.Select(start => StartAsync(AnyNode(), start.Spec, start.WithKey ? $"key of {start.Spec.Page}" : null)).ToList());
    }

    private async Task StartAsync(TestNode node, PageSessionSpec spec, string? key)
    {
        var highest = Volatile.Read(ref _highestId);
        var reply = await AskAsync<AdmissionReply>(node, "an admission", other => other.Placement, () => new AdmitSession(spec, key), again: key is not null);
        if (_single) LookAtChoice(spec, reply);
        if (reply is not SessionAdmitted admitted)
        {
            // Without a key it cannot be asked again whether it was admitted; it would end as a start that nobody heard of.
            Log.Write($"start {spec.Page.Segments[^1]}: {reply}");
            return;
        }

        lock (_lock)
        {
            Holds(!_model.Sessions.ContainsKey(admitted.Id.Value), $"Id {admitted.Id} was given twice.");
            Holds(admitted.Id.Value > highest, $"Id {admitted.Id} was given after {highest}.");
            _highestId = Math.Max(_highestId, admitted.Id.Value);
            _model = _model with { Sessions = _model.Sessions.Add(admitted.Id.Value, new KnownSession(spec)) };
        }

        var slot = admitted.Slot;
        var started = await AskAsync<StartReply>(node, $"the start of session {admitted.Id}", other => other.Sessions, () => new StartSession(admitted.Id, slot, spec), again: true, async other =>
        {
            if (await TryAskAsync<LocationReply>(other.Placement, new LocateSession(admitted.Id)) is SessionLocation location) slot = location.Slot;
        });
        Log.Write($"start {admitted}: {started}");
        if (_single)
        {
            var where = (await ListAsync()).Find(session => session.Id == admitted.Id)?.Node;
            Holds(where == admitted.Node, $"Session {admitted.Id} was to start on {admitted.Node} and is on {where}.");
        }

        Change(admitted.Id.Value, known => started is SessionRecords ? known with { Started = true } : known with { Ended = true });
        if (key is null) return;

        var again = await AskAsync<AdmissionReply>(AnyNode(), "an admission by a known key", other => other.Placement, () => new AdmitSession(spec, key), again: true);
        Holds(again is SessionAdmitted same && same.Id == admitted.Id, $"Key {key} started session {admitted.Id}, and now answers {again}.");
    }

    /// <summary>A start that nothing else goes on beside is accepted exactly when there is room, and where there is.</summary>
    private void LookAtChoice(PageSessionSpec spec, AdmissionReply? reply)
    {
        var open = Model.NodesWithRoom(_atRest, SessionCost.Of(spec)).ToList();
        Holds(
            reply is SessionAdmitted admitted ? open.Contains(admitted.Node) : open.Count == 0,
            $"There is room on {(open.Count == 0 ? "no node" : string.Join(", ", open))}, and the answer to a start is {reply}.");
    }

    private Task StopAsync()
    {
        var lasting = Model.Lasting;
        return lasting.IsEmpty ? StartAsync(1) : StopAsync(lasting[_random.Next(lasting.Count)]);
    }

    private async Task StopAsync(int id)
    {
        Tell("stop", $"session {id}");
        Change(id, known => known with { StopAsked = true });
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var node = AnyNode();
            var reply = await TryAskAsync<LocationReply>(node.Placement, new LocateSession(new SessionId(id))) is SessionLocation location
                ? await TryAskAsync<StopReply>(node.Sessions, new StopSession(location.Id, location.Slot))
                : null;
            if (reply is StopDone) break;
            if (Stopwatch.GetElapsedTime(since) > AnswerLimit) throw new TimeoutException($"Session {id} was not stopped within {AnswerLimit.TotalSeconds} s: {reply}");
        }

        Change(id, known => known with { Ended = true });
    }

    private Task JoinAsync()
    {
        // A node that died comes back under its address, with its records, or a new one comes.
        if (_gone.Count == 0 || _random.Next(2) == 0) return JoinAsync(0, 1 + _random.Next(3));
        var back = _gone[_random.Next(_gone.Count)];
        _gone.Remove(back);
        return JoinAsync(back.Port, back.Slots);
    }

    private async Task JoinAsync(int port, int slots)
    {
        if (port == 0) port = FreePort();
        var address = $"akka.tcp://recorder@127.0.0.1:{port}";
        Tell("join", $"{address} with {slots} slots");
        var seeds = string.Join(", ", _nodes.Values.Select(node => $"127.0.0.1:{Akka.Cluster.Cluster.Get(node.System).SelfAddress.Port}").DefaultIfEmpty($"127.0.0.1:{port}"));
        _ledger.NodeComes(address, slots);
        var media = new SimulatedMedia(_folder.Records)
        {
            StartingTime = TimeSpan.FromMilliseconds(150),
            FinishingTime = TimeSpan.FromMilliseconds(100),
            Ledger = _ledger,
        };
        var node = await TestNode.StartAsync(
            _folder,
            media,
            options =>
            {
                options.SeedNodes = seeds;
                options.Remoting.Port = port;
                options.Placement = new PlacementOptions { Sessions = slots, ReportInterval = TimeSpan.FromSeconds(1), SilenceLimit = TimeSpan.FromSeconds(4) };

                // A node that dies here refuses connections, which is enough; one that is only slow must not be given up.
                options.Failover = new FailoverOptions
                {
                    HeartbeatInterval = TimeSpan.FromMilliseconds(500),
                    HeartbeatPause = TimeSpan.FromSeconds(15),
                    StableAfter = TimeSpan.FromSeconds(5),
                    RemovalMargin = TimeSpan.FromMilliseconds(200),
                };
            },
            Log);
        lock (_lock)
        {
            _nodes.Add(node.Address, node);
            _model = _model with { Nodes = _model.Nodes.SetItem(node.Address, new KnownNode(slots, false)) };
        }
    }

    private async Task KillAsync()
    {
        var node = Remove("kill");
        _ledger.NodeDies(node.Address);
        await node.KillAsync();
    }

    private async Task LeaveAsync()
    {
        var node = Remove("leave");
        await node.ShutDownAsync();
        _ledger.NodeDies(node.Address);
    }

    /// <summary>Takes a node out of those that calls are made to and that should be there.</summary>
    private TestNode Remove(string what)
    {
        var node = _nodes[ChosenNode()];
        Tell(what, node.Address);
        _undisturbed = false;
        lock (_lock)
        {
            _nodes.Remove(node.Address);
            _gone.Add((Akka.Cluster.Cluster.Get(node.System).SelfAddress.Port!.Value, _model.Nodes[node.Address].Slots));
            _model = _model with { Nodes = _model.Nodes.Remove(node.Address) };
        }

        return node;
    }

    private Task DrainAsync()
    {
        var node = ChosenNode();
        return DrainAsync(node, !Model.Nodes[node].Draining);
    }

    private async Task DrainAsync(string node, bool on)
    {
        Tell(on ? "drain" : "undrain", node);
        lock (_lock) _model = _model with { Nodes = _model.Nodes.SetItem(node, _model.Nodes[node] with { Draining = on }) };
        var state = await AskAsync<DrainState>(AnyNode(), "a drain", other => other.Placement, () => new DrainNode(node, on), again: true);
        Holds(state!.Draining == on, $"{node} was told to drain: {on}, and the answer is {state}.");
    }

    private async Task<FarmView> ViewAsync()
    {
        List<FarmMembers> members = [];
        foreach (var node in _nodes.Values) members.Add(await node.Membership.Ask<FarmMembers>(new GetMembers(), AskAgainAfter));
        var asked = AnyNode().Placement;
        var pressure = await asked.Ask<Pressure>(new GetPressure(), AskAgainAfter);
        _atRest = await ListAsync();
        return new FarmView(_atRest, pressure, [.. members], _ledger.Live);
    }

    private async Task<ImmutableList<SessionSummary>> ListAsync() =>
        (await AnyNode().Placement.Ask<SessionList>(new ListSessions(), AskAgainAfter)).Sessions;

    /// <summary>Waits until nothing stands against it, and fails with what still does.</summary>
    private async Task WaitAsync(string what, Func<Task<string?>> look)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            string? reason;
            try
            {
                reason = await look();
            }
            catch (AskTimeoutException timeout)
            {
                reason = timeout.Message;
            }

            Holds(_ledger.Broken.IsEmpty, string.Join("\n", _ledger.Broken));
            if (reason is null) return;
            if (Stopwatch.GetElapsedTime(since) > RestLimit) throw new TimeoutException($"The farm was not {what} within {RestLimit.TotalSeconds} s: {reason}");
            await Task.Delay(50);
        }
    }

    /// <summary>Asks until there is an answer, each time another node.</summary>
    private async Task<T?> AskAsync<T>(
        TestNode node, string what, Func<TestNode, IActorRef> whom, Func<object> message, bool again, Func<TestNode, Task>? before = null)
        where T : class
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await TryAskAsync<T>(whom(node), message()) is { } reply) return reply;
            if (!again) return null;
            if (Stopwatch.GetElapsedTime(since) > AnswerLimit) throw new TimeoutException($"There was no answer to {what} within {AnswerLimit.TotalSeconds} s.");
            node = AnyNode();
            if (before is not null) await before(node);
        }
    }

    private static async Task<T?> TryAskAsync<T>(IActorRef actor, object message)
        where T : class
    {
        try
        {
            return await actor.Ask<T>(message, AskAgainAfter);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
        catch (TaskCanceledException)
        {
            // The node that was asked is gone.
            return null;
        }
    }

    private PageSessionSpec NextSpec()
    {
        var page = new Uri($"https://example.org/room-{++_starts}");
        return _random.Next(3) == 0
            ? new PageSessionSpec(page) { Video = new VideoSettings { Width = 640, Height = 360, Framerate = 15 } }
            : new PageSessionSpec(page);
    }

    private FarmModel Model
    {
        get
        {
            lock (_lock) return _model;
        }
    }

    /// <summary>The node that something is done to.</summary>
    private string ChosenNode() => Model.Nodes.Keys.ElementAt(_random.Next(Model.Nodes.Count));

    /// <summary>The node that is asked, of which none should make a difference.</summary>
    private TestNode AnyNode()
    {
        lock (_lock) return _nodes[_model.Nodes.Keys.ElementAt(Random.Shared.Next(_model.Nodes.Count))];
    }

    private void Change(int id, Func<KnownSession, KnownSession> change)
    {
        lock (_lock) _model = _model.With(id, change);
    }

    private void Tell(string kind, string what)
    {
        Done[kind] = Done.GetValueOrDefault(kind) + 1;
        Log.Write($"STEP {_step + 1}: {kind} {what}");
    }

    private static void Holds(bool condition, string what) => Assert.True(condition, what);

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
