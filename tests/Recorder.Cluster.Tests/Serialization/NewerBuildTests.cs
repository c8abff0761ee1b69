using System.Text;
using Akka.Actor;
using Akka.Actor.Setup;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>What a build reads of a newer build, and what a newer build writes in a farm with older ones.</summary>
[Trait("ring", "actor")]
public sealed class NewerBuildTests
{
    [Theory]
    [InlineData("session/stop:1", "session/stop:1", 1)]
    [InlineData("session/stop:1;needs=2", "session/stop:1", 2)]
    [InlineData("session/stop:1;needs=", "session/stop:1", int.MaxValue)]
    [InlineData("session/stop:1;later=4", "session/stop:1", int.MaxValue)]
    [InlineData("session/stop:1;needs=2;later=4", "session/stop:1", int.MaxValue)]
    public void A_manifest_is_a_name_and_what_the_reader_must_know(string manifest, string name, int needs) =>
        Assert.Equal(new WireManifest(name, needs), WireManifest.Read(manifest));

    [Fact]
    public void A_manifest_is_the_plain_name_unless_the_reader_must_know_more()
    {
        Assert.Equal("session/stop:1", new WireManifest("session/stop:1", 1).ToString());
        Assert.Equal("session/stop:1;needs=12", new WireManifest("session/stop:1", 12).ToString());
    }

    [Fact]
    public void A_message_that_needs_a_newer_build_is_refused_with_a_sentence_and_read_by_that_build()
    {
        using var older = Start(new WireSetup(new WireProtocol(1, 1)));
        using var newer = Start(new WireSetup(new WireProtocol(2, 1)));
        var payload = "{\"node\":\"a\",\"answers\":true,\"since\":3}"u8.ToArray();

        var error = Assert.Throws<ArgumentException>(() =>
            SerializerOf(older).FromBinary(payload, "farm/address-use:1;needs=2")
        );
        Assert.Contains("Install the newer build on this node", error.Message, StringComparison.Ordinal);
        Assert.Equal(new AddressUse("a", true), SerializerOf(older).FromBinary(payload, "farm/address-use:1"));
        Assert.Equal(
            new AddressUse("a", true),
            SerializerOf(newer).FromBinary(payload, "farm/address-use:1;needs=2")
        );
    }

    [Fact]
    public void The_newer_form_is_written_only_when_the_gate_is_open()
    {
        using var system = Start(
            new WireSetup(new WireProtocol(2, 1)) { Needs = (_, gate) => gate.Allows(2) ? 2 : 1 }
        );
        var (serializer, protocol) = (SerializerOf(system), NodeProtocol.Of(system));
        var message = new AddressUse("a", true);

        Assert.Equal("farm/address-use:1", serializer.Manifest(message));
        protocol.Open(2);
        Assert.Equal("farm/address-use:1;needs=2", serializer.Manifest(message));
        Assert.Equal("{\"node\":\"a\",\"answers\":true}", Encoding.UTF8.GetString(serializer.ToBinary(message)));
    }

    [Fact]
    public void A_writer_that_does_not_ask_the_gate_is_refused()
    {
        using var system = Start(new WireSetup(new WireProtocol(2, 1)) { Needs = (_, _) => 2 });
        var error = Assert.Throws<InvalidOperationException>(() =>
            SerializerOf(system).ToBinary(new AddressUse("a", true))
        );

        Assert.Contains("protocol 2", error.Message, StringComparison.Ordinal);
        NodeProtocol.Of(system).Open(2);
        Assert.NotEmpty(SerializerOf(system).ToBinary(new AddressUse("a", true)));
    }

    [Fact]
    public void A_gate_never_closes_and_never_opens_for_what_the_build_does_not_speak()
    {
        using var system = Start(new WireSetup(new WireProtocol(4, 2)));
        var protocol = NodeProtocol.Of(system);

        Assert.Equal(2, protocol.Gate.Agreed);
        protocol.Open(3);
        protocol.Open(1);
        Assert.Equal(3, protocol.Gate.Agreed);
        protocol.Open(9);
        Assert.Equal(4, protocol.Gate.Agreed);
    }

    private static ActorSystem Start(WireSetup wire) => ActorSystem.Create("wire", ActorSystemSetup.Create(wire));

    private static WireSerializer SerializerOf(ActorSystem system) => new((ExtendedActorSystem)system);
}
