using Recorder.Cluster.Hosting;
using Recorder.Cluster.Placement;

namespace Recorder.Cluster.Tests.Hosting.Driver;

/// <summary>What is done to nodes.</summary>
internal sealed partial class FarmDriver
{
    private Task JoinAsync()
    {
        // A node that died comes back under its address, with its records, or a new one comes.
        if (_gone.Count == 0 || _random.Next(2) == 0)
        {
            return JoinAsync(0, 1 + _random.Next(3));
        }
        var back = _gone[_random.Next(_gone.Count)];
        _gone.Remove(back);
        return JoinAsync(back.Port, back.Slots);
    }

    private async Task JoinAsync(int port, int slots)
    {
        if (port == 0)
        {
            port = LoopbackPort.Free();
        }
        var address = $"akka.tcp://recorder@127.0.0.1:{port}";
        Tell("join", $"{address} with {slots} slots");
        var seeds = string.Join(
            ", ",
            _nodes
                .Values.Select(node => $"127.0.0.1:{Akka.Cluster.Cluster.Get(node.System).SelfAddress.Port}")
                .DefaultIfEmpty($"127.0.0.1:{port}")
        );
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
                options.Placement = new PlacementOptions
                {
                    Sessions = slots,
                    ReportInterval = TimeSpan.FromSeconds(1),
                    SilenceLimit = TimeSpan.FromSeconds(4),
                };

                // A node that dies here refuses connections, which is enough; one that is only slow must not be given
                // up.
                options.Failover = new FailoverOptions
                {
                    HeartbeatInterval = TimeSpan.FromMilliseconds(500),
                    HeartbeatPause = TimeSpan.FromSeconds(15),
                    StableAfter = TimeSpan.FromSeconds(5),
                    RemovalMargin = TimeSpan.FromMilliseconds(200),
                };
            },
            Log
        );
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
            _gone.Add(
                (Akka.Cluster.Cluster.Get(node.System).SelfAddress.Port!.Value, _model.Nodes[node.Address].Slots)
            );
            _model = _model with { Nodes = _model.Nodes.Remove(node.Address) };
        }

        return node;
    }

    private Task DrainAsync()
    {
        // Drained and called back at once, it may end either way.
        var node = ChosenNode();
        if (node == _drained)
        {
            return StopAsync();
        }
        _drained = node;
        return DrainAsync(node, !Model.Nodes[node].Draining);
    }

    private async Task DrainAsync(string node, bool on)
    {
        Tell(on ? "drain" : "undrain", node);
        lock (_lock)
        {
            _model = _model with { Nodes = _model.Nodes.SetItem(node, _model.Nodes[node] with { Draining = on }) };
        }
        var state = await AskAsync<DrainState>(
            AnyNode(),
            "a drain",
            other => other.Placement,
            () => new DrainNode(node, on),
            again: true
        );
        Holds(state!.Draining == on, $"{node} was told to drain: {on}, and the answer is {state}.");
    }
}
