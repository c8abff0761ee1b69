using System.Globalization;

namespace Recorder.Harness.Nodes;

/// <summary>
/// A network namespace for each node, on two networks: the services' (HTTP, pages, database, and this process) and the
/// farm's, over which nodes speak with each other and nothing else. So a node can be cut off from its farm while
/// everything else reaches it, which is the harder case.
/// </summary>
internal sealed class FarmNetwork : IAsyncDisposable
{
    private readonly string _tag = Guid.NewGuid().ToString("N")[..5];
    private readonly string _services;
    private readonly string _farm;
    private readonly int _nodes;

    private FarmNetwork(int nodes)
    {
        this._nodes = nodes;
        // Two networks of 10.0.0.0/8 that nobody else here has, most likely; taken ones make the set-up fail.
        _services = string.Create(
            CultureInfo.InvariantCulture,
            $"10.{Random.Shared.Next(180, 215)}.{Random.Shared.Next(256)}"
        );
        _farm = string.Create(
            CultureInfo.InvariantCulture,
            $"10.{Random.Shared.Next(215, 250)}.{Random.Shared.Next(256)}"
        );
    }

    /// <summary>This process's address on the services' network.</summary>
    public string HostAddress => $"{_services}.1";

    private string ServicesBridge => $"rs{_tag}";

    private string FarmBridge => $"rf{_tag}";

    /// <summary>Makes the networks.</summary>
    /// <param name="nodes">How many namespaces.</param>
    public static async Task<FarmNetwork> MakeAsync(int nodes)
    {
        var network = new FarmNetwork(nodes);
        try
        {
            await network.MakeAsync();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The namespace of a node, from 0.</summary>
    public string NamespaceOf(int node) => $"r{_tag}{node}";

    /// <summary>The address of a node on the services' network.</summary>
    public string ServicesAddressOf(int node) => $"{_services}.{node + 11}";

    /// <summary>The address of a node on the farm's network.</summary>
    public string FarmAddressOf(int node) => $"{_farm}.{node + 11}";

    /// <summary>Takes the node's plug out of the farm's network.</summary>
    public Task CutAsync(int node) => IpAsync("link", "set", FarmEndOf(node), "down");

    /// <summary>Restores the link.</summary>
    public Task HealAsync(int node) => IpAsync("link", "set", FarmEndOf(node), "up");

    public async ValueTask DisposeAsync()
    {
        // Deleting one end of a pair deletes the other; whatever was not made is not there to delete.
        foreach (
            var link in Enumerable
                .Range(0, _nodes)
                .SelectMany(node => new[] { ServicesEndOf(node), FarmEndOf(node) })
                .Concat([ServicesBridge, FarmBridge])
        )
        {
            await ToolRun.RunAsync("ip", "link", "del", link);
        }
        for (var node = 0; node < _nodes; node++)
        {
            await ToolRun.RunAsync("ip", "netns", "del", NamespaceOf(node));
        }
    }

    private async Task MakeAsync()
    {
        foreach (var bridge in new[] { ServicesBridge, FarmBridge })
        {
            await IpAsync("link", "add", bridge, "type", "bridge");
            await IpAsync("link", "set", bridge, "up");
        }

        await IpAsync("address", "add", $"{HostAddress}/24", "dev", ServicesBridge);
        for (var node = 0; node < _nodes; node++)
        {
            await IpAsync("netns", "add", NamespaceOf(node));
            await IpAsync("-n", NamespaceOf(node), "link", "set", "lo", "up");
            await PlugInAsync(node, ServicesEndOf(node), ServicesBridge, ServicesAddressOf(node), "services");
            await PlugInAsync(node, FarmEndOf(node), FarmBridge, FarmAddressOf(node), "farm");
        }
    }

    private async Task PlugInAsync(int node, string end, string bridge, string address, string name)
    {
        await IpAsync("link", "add", end, "type", "veth", "peer", "name", name, "netns", NamespaceOf(node));
        await IpAsync("link", "set", end, "master", bridge, "up");
        await IpAsync("-n", NamespaceOf(node), "address", "add", $"{address}/24", "dev", name);
        await IpAsync("-n", NamespaceOf(node), "link", "set", name, "up");
    }

    private string ServicesEndOf(int node) => $"rs{_tag}{node}";

    private string FarmEndOf(int node) => $"rf{_tag}{node}";

    private static Task<string> IpAsync(params string[] arguments) => ToolRun.OutputOfAsync("ip", arguments);
}
