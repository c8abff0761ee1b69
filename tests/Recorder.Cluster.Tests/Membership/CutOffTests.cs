using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Membership;

/// <summary>A node that its farm has given up remembers so in its next life. That life begins no farm beside a farm
/// that may be alive.</summary>
[Trait("ring", "farm")]
public sealed class CutOffTests : IDisposable
{
    private static readonly Address Unreachable = new("akka.tcp", "recorder", "10.0.0.9", 34569);

    private readonly TestFolder _folder = new();
    private readonly CutOffMarker _marker;

    public CutOffTests() => _marker = new CutOffMarker(_folder.Root);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_seed_that_was_cut_off_begins_no_farm_however_long_a_member_of_its_own_is_out_of_reach_and_does_when_the_marker_is_gone()
    {
        // A node that looks for a farm at a port where nobody is, and the first seed's actor in it: it has no other
        // seed to ask, but it knows who was in its farm.
        await using var node = await StartAsync(0, null, FreePort());
        _marker.Set([Unreachable]);
        var clock = new ManualClock(DateTimeOffset.UnixEpoch);
        var told = Inbox.Create(node.System);
        node.System.ActorOf(
            Props.Create(() =>
                new FirstSeedActor(
                    ImmutableList<Address>.Empty,
                    _ => Task.FromResult(ProbeOutcome.NoAnswer),
                    clock,
                    told.Receiver,
                    _marker,
                    node.Lease
                )
            )
        );

        for (var looks = 0; looks < 5; looks++)
        {
            var awaited = Assert.IsType<FarmAwaited>(await told.ReceiveAsync(TestNode.FarmLimit));
            Assert.Contains("10.0.0.9:34569 cannot be reached", awaited.Why, StringComparison.Ordinal);
            Assert.Contains($"remove {_marker.File}", awaited.Why, StringComparison.Ordinal);
            Assert.Empty((await node.MembersAsync("known", _ => true)).Members);
            clock.Advance(TimeSpan.FromHours(1));
        }

        _marker.Clear();
        await node.MembersAsync("begun", farm => farm.Members is [{ Status: "Up" }]);
    }

    [Fact]
    public async Task A_node_that_is_given_up_knows_the_others_in_its_next_life_and_forgets_it_when_it_is_back()
    {
        var (port, other) = (FreePort(), FreePort());
        var first = await StartAsync(port, _marker, port, other);
        await using var second = await StartAsync(other, null, port, other);
        await second.MembersAsync("of two", farm => farm.Members.Count(member => member.Status == "Up") == 2);
        Assert.False(_marker.IsSet);

        // As the split-brain resolver does it on the side that is to go.
        first.Membership.Tell(new GiveUp(first.Address));
        await second.MembersAsync(
            "without the first, which knows it",
            farm =>
                farm.Members is [{ Status: "Up" }]
                && _marker.Others().Select(other => other.ToString()).SequenceEqual([second.Address])
        );
        await first.DisposeAsync();

        Assert.True(_marker.IsSet);
        await using var again = await StartAsync(port, _marker, port, other);
        await again.MembersAsync(
            "of two again",
            farm => farm.Members.Count(member => member.Status == "Up") == 2 && !_marker.IsSet
        );
    }

    [Fact]
    public void A_marker_of_which_no_line_is_an_address_still_counts()
    {
        File.WriteAllText(_marker.File, "half an addr");

        Assert.True(_marker.IsSet);
        Assert.Empty(_marker.Others());
    }

    private Task<TestNode> StartAsync(int port, CutOffMarker? cutOff, params int[] seeds) =>
        TestNode.StartAsync(
            _folder,
            new SimulatedMedia(_folder.Records),
            options =>
            {
                options.Remoting.Port = port;
                options.SeedNodes = string.Join(", ", seeds.Select(seed => $"127.0.0.1:{seed}"));
                options.Failover = new FailoverOptions { RemovalMargin = TimeSpan.FromMilliseconds(100) };
            },
            cutOff: cutOff
        );

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
