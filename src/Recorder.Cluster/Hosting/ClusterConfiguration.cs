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

        # The host begins and ends a shutdown, in its order: the HTTP edge closes before the sessions do.
        akka.coordinated-shutdown.exit-clr = off
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off

        # It warns at once, at every start, of a singleton that has not been found "after 30 seconds".
        akka.cluster.singleton-proxy.log-singleton-identification-failure = off

        # How soon the first call after a start finds the placement singleton.
        akka.cluster.singleton-proxy.singleton-identification-interval = 200 ms

        # What Akka says when its loggers are gone already would bypass the host's log.
        akka.stdout-loglevel = off

        akka.cluster.log-info = off
        akka.remote.dot-netty.tcp.batching.enabled = true
        """;
}
