namespace Recorder.Cluster.Hosting;

/// <summary>The Akka settings that are the same on every node and are no option of ours, each with its
/// reason.</summary>
internal static class ClusterConfiguration
{
    /// <summary>What may leave and enter a process.</summary>
    public const string BoundTypes = """
        # Only what somebody gave a serializer leaves or enters a process: ours by WireSerializer, Akka's own by what each of its parts binds. Akka's
        # default makes an object of any type that the sender names, and an actor of any class: whoever reached the port could run code.
        akka.actor.serialization-settings.allow-unregistered-types = off
        akka.actor.serializers.json = "Recorder.Cluster.Serialization.RefusedObjects, Recorder.Cluster"
        akka.actor.serializers.proto = "Recorder.Cluster.Serialization.RefusedProtobuf, Recorder.Cluster"
        akka.actor.serializers.daemon-create = "Recorder.Cluster.Serialization.RefusedDeployment, Recorder.Cluster"
        akka.actor.serializers.akka-misc = "Recorder.Cluster.Serialization.HarmlessMessages, Recorder.Cluster"
        akka.actor.serializers.akka-system-msg = "Recorder.Cluster.Serialization.WatchMessages, Recorder.Cluster"
        """;

    /// <summary>All settings except <see cref="BoundTypes"/>.</summary>
    public const string Hocon = """
        # A session hears nothing through its shard while it records, and must not be put to sleep for that.
        akka.cluster.sharding.passivate-idle-entity-after = off

        # The placement singleton keeps the list of sessions and starts them again after a restart, so sharding has
        # nothing of its own to remember: no second truth.
        akka.cluster.sharding.remember-entities = off
        akka.cluster.sharding.state-store-mode = ddata
        akka.cluster.sharding.distributed-data.durable.keys = []

        # No session is ever rebalanced, only idle shards that a node with room lacks. And the strategy learns at this interval where shards are: a
        # coordinator that has taken over from a dead node tells the placement beside it.
        akka.cluster.sharding.rebalance-interval = 1 s

        # On SIGTERM a session finalises its record before it stops: long records take their time to be rewritten.
        akka.cluster.sharding.handoff-timeout = 120 s
        akka.coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout = 130 s

        # The host begins and ends a shutdown, in its order: the HTTP edge closes before the sessions do. Tests must not be
        # ended at all.
        akka.coordinated-shutdown.exit-clr = off
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off

        # How soon after its start a node finds the placement: 0.3 s measured on loopback instead of 1.1 s. It asks only
        # until it has found it.
        akka.cluster.singleton-proxy.singleton-identification-interval = 200 ms

        # It warns at every start, about 30 seconds that have not passed.
        akka.cluster.singleton-proxy.log-singleton-identification-failure = off

        # A part of the list of sessions is one message, which may take some MB with long messages in it (SessionPages); the default is 128 kB. The buffers
        # must hold a frame.
        akka.remote.dot-netty.tcp.maximum-frame-size = 16 MiB
        akka.remote.dot-netty.tcp.send-buffer-size = 16 MiB
        akka.remote.dot-netty.tcp.receive-buffer-size = 16 MiB

        # After a connection is lost nothing is sent to its address for this long. The default of 5 s is more than heartbeats may be missing
        # for, so that one reset connection, or a node that comes back, would count as unreachable.
        akka.remote.retry-gate-closed-for = 1 s

        # What is still sent to a node that was cut off waits for a connection. One that comes about after the node has come back, while the node makes
        # its own, can leave the two deaf to each other for good, and both are given up as indirectly connected. At the default of 15 s, by which a
        # repeated SYN connects as long as 7 s later, that was seen in two of five partitions.
        akka.remote.dot-netty.tcp.connection-timeout = 3 s

        # Whoever is not there any more during a shutdown is no news.
        akka.log-dead-letters-during-shutdown = off
        # The scheduler wakes up at every tick whether anything is due or not: at the default of 10 ms that alone is 4 % of a core in
        # an idle node, here a tenth of it. Nothing among our timers is finer than this. The cluster would make a second scheduler if
        # its own tick were shorter.
        akka.scheduler.tick-duration = 100 ms
        akka.cluster.scheduler.tick-duration = 100 ms

        # Who is in the farm is told by an actor of ours.
        akka.cluster.log-info = off

        # After the loss of the coordinator's node, a shard's messages wait for the next of these tries to find the new one.
        akka.cluster.sharding.retry-interval = 500 ms

        # By default the coordinator of a farm of up to five waits for every node when it reads and writes where shards are, so that with one node dead
        # each takes until its time-out. A majority of the nodes is enough. Two majorities overlap only while the members stay the same; a coordinator
        # that has read an older state may put a shard elsewhere. A session does not start or resume there, since both messages name the node, and the
        # placement gives it another shard.
        akka.cluster.sharding.distributed-data.majority-min-cap = 1
        """;
}
