using Akka.Actor;

namespace Recorder.Cluster.Tests;

internal static class StoppingActors
{
    /// <summary>Stops an actor and waits until it has stopped.</summary>
    public static async Task StopAsync(this IActorRef actor) =>
        Assert.True(await actor.GracefulStop(TimeSpan.FromSeconds(10)), $"{actor} did not stop within 10 seconds.");
}
