using System.Globalization;

namespace Recorder.Harness.Nodes;

/// <summary>Several nodes with one PostgreSQL, as an operator runs them on several hosts: here on loopback, or each in
/// a network namespace.</summary>
internal sealed class RecorderFarm : IAsyncDisposable
{
    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(60);

    private readonly List<RecorderNode> _nodes = [];
    private readonly List<LossyProxy> _ways = [];

    private RecorderFarm(PrivatePostgres database, FarmNetwork? network)
    {
        Database = database;
        Network = network;
    }

    public PrivatePostgres Database { get; }

    /// <summary>The networks the nodes are on, or null when they share loopback.</summary>
    public FarmNetwork? Network { get; }

    /// <summary>The nodes in the order in which they joined: the first is the oldest, where placement and shard
    /// coordinator are.</summary>
    public IReadOnlyList<RecorderNode> Nodes => _nodes;

    /// <summary>Each node's way to the database; none when nodes reach the database directly.</summary>
    public IReadOnlyList<LossyProxy> Ways => _ways;

    /// <summary>Starts the database and makes the nodes, none of which is started.</summary>
    /// <param name="roles">The roles of each node.</param>
    /// <param name="sessions">How many sessions each node holds.</param>
    /// <param name="network">Puts each node in a namespace of it; the farm takes it over.</param>
    /// <param name="ways">Gives each node a way of its own to the database, which the test can cut.</param>
    /// <param name="store">An S3 store that gets each record while the record grows; null: none.</param>
    /// <param name="secret">Whether connections between the nodes are encrypted.</param>
    public static async Task<RecorderFarm> PrepareAsync(
        IReadOnlyList<string> roles,
        int sessions,
        FarmNetwork? network = null,
        bool ways = false,
        Uri? store = null,
        bool secret = true
    )
    {
        var farm = new RecorderFarm(await PrivatePostgres.StartAsync(network?.HostAddress ?? "127.0.0.1"), network);
        if (ways)
        {
            farm._ways.AddRange(roles.Select(_ => new LossyProxy(farm.Database.Port)));
        }
        var ports = roles.Select(_ => LoopbackPort.Free()).ToList();
        var hosts = roles.Select((_, index) => network?.FarmAddressOf(index) ?? "127.0.0.1").ToList();
        var seeds = string.Join(
            ", ",
            hosts.Zip(ports, (host, port) => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}"))
        );
        farm._nodes.AddRange(
            roles.Select(
                (role, index) =>
                    RecorderNode.Create(
                        new RecorderNodeSettings
                        {
                            Host = network?.ServicesAddressOf(index) ?? "127.0.0.1",
                            FarmHost = hosts[index],
                            RemotingPort = ports[index],
                            NetworkNamespace = network?.NamespaceOf(index),
                            Farm = new FarmMembership(
                                role,
                                seeds,
                                ways
                                    ? farm.Database.ConnectionStringBy(farm._ways[index].Port)
                                    : farm.Database.ConnectionString,
                                secret
                            ),
                            Sessions = sessions,
                            GrowingStore = store,
                        }
                    )
            )
        );
        foreach (var node in farm._nodes)
        {
            node.Hide(farm._nodes.Where(other => other != node).Select(other => other.RecordsFolder));
        }
        return farm;
    }

    /// <summary>Starts the nodes one after the other, so that their ages are known, and waits until each knows
    /// all.</summary>
    public async Task StartAsync()
    {
        foreach (var node in _nodes)
        {
            await node.StartAsync();
        }
        await SeeAllAsync();
    }

    /// <summary>The node a session is on.</summary>
    public RecorderNode NodeOf(SessionDetails session) => _nodes.Single(node => node.Name == session.Node);

    /// <summary>A node that runs and is none of these.</summary>
    public RecorderNode Other(params RecorderNode[] than) =>
        _nodes.First(node => node.ProcessId is not null && !than.Contains(node));

    /// <summary>Waits until every running node tells that all running nodes that record can be given
    /// sessions.</summary>
    public async Task SeeAllAsync()
    {
        var expected = _nodes
            .Where(node => node.ProcessId is not null && node.Records)
            .Select(node => node.Name)
            .Order(StringComparer.Ordinal)
            .ToList();
        foreach (var node in _nodes.Where(node => node.ProcessId is not null && node.Answers))
        {
            var seen = "nothing";
            await Eventually.BeAsync(
                $"{node.Name} knows {string.Join(", ", expected)}",
                JoinLimit,
                async () =>
                {
                    var answer = await node.Api.SendAsync(HttpMethod.Get, "/api/pressure");
                    seen = answer.Body;
                    return answer.Status == System.Net.HttpStatusCode.OK
                        && answer
                            .Read<PressureAnswer>()
                            .Nodes.Select(known => known.Node)
                            .Order(StringComparer.Ordinal)
                            .SequenceEqual(expected);
                },
                () => seen
            );
        }
    }

    public string LogTails() => string.Join('\n', _nodes.Select(node => node.LogTails()));

    /// <summary>Ends all nodes at once, with kill -9: how they leave is what tests ask before. Nothing of them may be
    /// left running.</summary>
    public async ValueTask DisposeAsync()
    {
        var errors = new List<Exception>();
        foreach (var node in _nodes.Where(node => node.ProcessId is not null))
        {
            await node.KillAsync();
        }
        foreach (var node in _nodes)
        {
            try
            {
                await node.DisposeAsync();
            }
            catch (TimeoutException error)
            {
                errors.Add(error);
            }
        }

        _ways.ForEach(way => way.Dispose());
        await Database.DisposeAsync();
        if (Network is not null)
        {
            await Network.DisposeAsync();
        }
        if (errors.Count > 0)
        {
            throw new AggregateException(errors);
        }
    }
}
