using Akka.Configuration;

using static System.FormattableString;

namespace Recorder.Cluster.Hosting;

/// <summary>Failure detector and split-brain resolver, from <see cref="FailoverOptions"/>.</summary>
internal static class FailoverConfiguration
{
    /// <summary>The configuration of Akka.Cluster.</summary>
    public static Config Of(FailoverOptions options) => ConfigurationFactory.ParseString(Invariant($$"""
        akka.cluster {
          failure-detector {
            heartbeat-interval = {{options.HeartbeatInterval.TotalMilliseconds}}ms
            acceptable-heartbeat-pause = {{options.HeartbeatPause.TotalMilliseconds}}ms
            expected-response-after = {{options.HeartbeatInterval.TotalMilliseconds}}ms
          }

          # The side with more nodes goes on; every node counts, voters and edges too. Of two halves it is the one with the lowest address.
          downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
          split-brain-resolver.active-strategy = keep-majority
          split-brain-resolver.stable-after = {{options.StableAfter.TotalMilliseconds}}ms
          down-removal-margin = {{options.RemovalMargin.TotalMilliseconds}}ms

          # Seeds that do not answer are asked again for as long as it takes.
          seed-node-timeout = 3s
          retry-unsuccessful-join-after = 5s
        }
        """));
}
