using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>Which of Akka's own messages a node reads at all.</summary>
[Collection(nameof(TrapException))]
[Trait("ring", "actor")]
public sealed class HarmlessMessagesTests(WireSerializerTests.SystemFixture fixture)
    : IClassFixture<WireSerializerTests.SystemFixture>
{
    private readonly ExtendedActorSystem _system = (ExtendedActorSystem)fixture.System;

    [Theory]
    [InlineData("ID")]
    [InlineData("AID")]
    [InlineData("RWHB")]
    [InlineData("STS")]
    public void What_nodes_send_each_other_is_read(string manifest)
    {
        var message = manifest switch
        {
            "ID" => new Identify("who"),
            "AID" => new ActorIdentity("who", null),
            "STS" => new Status.Success("done"),
            _ => new MiscMessageSerializer(_system).FromBinary([], manifest),
        };
        var serializer = new HarmlessMessages(_system);
        Assert.Equal(manifest, serializer.Manifest(message));

        Assert.IsType(message.GetType(), serializer.FromBinary(serializer.ToBinary(message), manifest));
    }

    [Theory]
    [InlineData("PP")]
    [InlineData("K")]
    [InlineData("IR")]
    [InlineData("LS")]
    [InlineData("CF")]
    [InlineData("FC")]
    [InlineData("")]
    public void What_ends_an_actor_or_describes_one_is_not(string manifest) =>
        Assert.Contains(
            "from nobody",
            Assert.Throws<SerializationException>(() => new HarmlessMessages(_system).FromBinary([], manifest)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_failure_is_refused_before_an_exception_of_its_senders_choice_is_made()
    {
        var akka = new MiscMessageSerializer(_system);
        var failure = akka.ToBinary(new Status.Failure(new TrapException()));
        var before = TrapException.Sprung;
        akka.FromBinary(failure, "STF");
        Assert.Equal(before + 1, TrapException.Sprung);

        Assert.Throws<SerializationException>(() => new HarmlessMessages(_system).FromBinary(failure, "STF"));
        Assert.Equal(before + 1, TrapException.Sprung);
    }

    [Fact]
    public void So_is_a_system_message_that_brings_one()
    {
        var akka = new SystemMessageSerializer(_system);
        var recreate = akka.ToBinary(new Recreate(new TrapException()));
        var before = TrapException.Sprung;
        akka.FromBinary(recreate, typeof(Recreate));
        Assert.Equal(before + 1, TrapException.Sprung);

        foreach (
            var type in new[]
            {
                typeof(Recreate),
                typeof(Failed),
                typeof(Create),
                typeof(Akka.Dispatch.SysMsg.Resume),
                typeof(Suspend),
                typeof(Terminate),
                typeof(Supervise),
                null,
            }
        )
        {
            Assert.Throws<SerializationException>(() => new WatchMessages(_system).FromBinary(recreate, type!));
        }
        Assert.Equal(before + 1, TrapException.Sprung);
    }

    [Fact]
    public void Actors_may_watch_each_other()
    {
        var actor = (IInternalActorRef)_system.DeadLetters;
        var serializer = new WatchMessages(_system);

        foreach (
            var message in new ISystemMessage[]
            {
                new Watch(actor, actor),
                new Unwatch(actor, actor),
                new DeathWatchNotification(actor, existenceConfirmed: true, addressTerminated: false),
            }
        )
        {
            Assert.IsType(message.GetType(), serializer.FromBinary(serializer.ToBinary(message), message.GetType()));
        }
    }

    [Fact]
    public void No_object_is_made_of_a_type_that_a_message_names()
    {
        Serializer[] refused =
        [
            new RefusedObjects(_system, Akka.Configuration.Config.Empty),
            new RefusedDeployment(_system),
            new RefusedProtobuf(_system),
        ];

        Assert.Equal([1, 3, 2], refused.Select(serializer => serializer.Identifier));
        foreach (var type in new[] { typeof(Uri), typeof(TrapException) })
        {
            Assert.All(
                refused,
                serializer => Assert.Throws<SerializationException>(() => serializer.FromBinary([], type))
            );
        }
    }
}
