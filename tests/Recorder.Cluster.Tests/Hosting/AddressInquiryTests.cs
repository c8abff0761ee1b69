using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>Two nodes with one address: on hosts of their own, both could listen. Here each binds an address of
/// loopback.</summary>
[Trait("ring", "farm")]
public sealed class AddressInquiryTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_address_of_a_living_member_is_found_taken_by_itself_and_by_others_and_it_keeps_its_session()
    {
        await using var first = await TestNode.StartAsync(_folder);
        await using var second = await TestNode.StartAsync(
            _folder,
            options =>
            {
                options.Roles = "edge";
                options.SeedNodes = PlaceOf(first);
            }
        );
        var before = await first.MembersAsync(
            "both are up",
            members => members.Members.Count(member => member.Status == "Up") == 2
        );
        var id = await first.RecordAsync();

        foreach (var seed in new[] { first, second })
        {
            var sentence = await AddressInquiry.FindAsync(NewcomerAs(first, PlaceOf(seed)));

            Assert.NotNull(sentence);
            Assert.StartsWith(
                $"Another node of the farm is known as {PlaceOf(first)} and answers there, says {PlaceOf(seed)}.",
                sentence,
                StringComparison.Ordinal
            );
            Assert.Contains("--public-hostname", sentence, StringComparison.Ordinal);
        }

        var after = await first.MembersAsync(
            "both are up still",
            members => members.Members.Count(member => member.Status == "Up") == 2
        );
        Assert.Equal(
            before.Members.Select(member => (member.Node, member.Uid)),
            after.Members.Select(member => (member.Node, member.Uid))
        );
        Assert.Equal((SessionPhase.Recording, 1), await PhaseAsync(second, id));
    }

    [Fact]
    public async Task The_address_of_a_member_that_is_dead_is_free_for_its_next_life()
    {
        await using var first = await TestNode.StartAsync(_folder);
        await using var second = await TestNode.StartAsync(_folder, options => options.SeedNodes = PlaceOf(first));
        await first.MembersAsync("both are up", members => members.Members.Count(member => member.Status == "Up") == 2);
        var next = NewcomerAs(second, PlaceOf(first));

        await second.KillAsync();

        Assert.Null(await AddressInquiry.FindAsync(next));
    }

    [Fact]
    public async Task An_address_that_nobody_has_is_free_and_so_is_one_that_nobody_can_be_asked_about()
    {
        await using var first = await TestNode.StartAsync(_folder);
        var options = NewcomerAs(first, PlaceOf(first));
        options.Remoting.PublicHostname = "127.0.0.2";

        Assert.Null(await AddressInquiry.FindAsync(options));
        options.Remoting.PublicPort = 0;
        Assert.Null(await AddressInquiry.FindAsync(options));
        Assert.Null(await AddressInquiry.FindAsync(NewcomerAs(first, "")));
        Assert.Null(await AddressInquiry.FindAsync(NewcomerAs(first, "127.0.0.1:1")));
    }

    private RecorderClusterOptions NewcomerAs(TestNode node, string seeds) =>
        new()
        {
            SeedNodes = seeds,
            Remoting = new RemotingOptions
            {
                Hostname = "127.0.0.2",
                Port = 0,
                SecretFile = _folder.Secret,
                PublicHostname = "127.0.0.1",
                PublicPort = Akka.Cluster.Cluster.Get(node.System).SelfAddress.Port!.Value,
            },
        };

    private static string PlaceOf(TestNode node) =>
        SeedNodeList.Write(Akka.Cluster.Cluster.Get(node.System).SelfAddress);

    private static async Task<(SessionPhase Phase, int Attempt)> PhaseAsync(TestNode edge, SessionId id)
    {
        var summary = await edge.SummaryAsync(id);
        return (summary.Phase, summary.Attempt);
    }
}
