namespace Recorder.Cluster.Hosting;

/// <summary>The settings of Akka that are the same on every node and are no option of ours, each with its reason.</summary>
internal static class ClusterConfiguration
{
    public const string Hocon = """
        # A session hears nothing through its shard while it records, and must not be put to sleep for that.
        akka.cluster.sharding.passivate-idle-entity-after = off

        # The placement singleton keeps the list of sessions and starts them again after a restart, so sharding has
        # nothing of its own to remember: no second truth.
        akka.cluster.sharding.remember-entities = off
        akka.cluster.sharding.state-store-mode = ddata
        akka.cluster.sharding.distributed-data.durable.keys = []

        # On SIGTERM a session finalises its record before it stops: long records take their time to be rewritten.
        akka.cluster.sharding.handoff-timeout = 120 s
        akka.coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout = 130 s

        # The process ends when its actor system has ended, and the other way round.
        akka.coordinated-shutdown.exit-clr = off


        akka.cluster.log-info = off
        akka.remote.dot-netty.tcp.batching.enabled = true
        """;
}
