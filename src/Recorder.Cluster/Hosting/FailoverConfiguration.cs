using Akka.Configuration;
using Recorder.Cluster.Membership;
using static System.FormattableString;

namespace Recorder.Cluster.Hosting;

/// <summary>Configures the failure detector and the split-brain resolver from
/// <see cref="FailoverOptions"/>.</summary>
internal static class FailoverConfiguration
{
    /// <summary>The configuration of Akka.Cluster.</summary>
    public static Config Of(FailoverOptions options) =>
        ConfigurationFactory.ParseString(
            Invariant(
                $$"""
                akka.cluster {
                  failure-detector {
                    implementation-class = "{{typeof(WitnessedFailureDetector).AssemblyQualifiedName}}"
                    heartbeat-interval = {{options.HeartbeatInterval.TotalMilliseconds}}ms
                    acceptable-heartbeat-pause = {{options.HeartbeatPause.TotalMilliseconds}}ms
                    expected-response-after = {{options.HeartbeatInterval.TotalMilliseconds}}ms
                  }

                  # A farm has few nodes, so its steps may follow each other sooner than by the defaults of 1 s.
                  gossip-interval = 500ms
                  leader-actions-interval = 500ms
                  unreachable-nodes-reaper-interval = 300ms

                  # The side with more nodes goes on; every node counts, voters and edges too. Of two halves it is the one with the lowest address.
                  downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
                  split-brain-resolver.active-strategy = keep-majority
                  split-brain-resolver.stable-after = {{options.StableAfter.TotalMilliseconds}}ms
                  down-removal-margin = {{options.RemovalMargin.TotalMilliseconds}}ms

                  # Seeds that do not answer are asked again for as long as it takes.
                  seed-node-timeout = 3s
                  retry-unsuccessful-join-after = 5s
                }
                """
            )
        );
}
