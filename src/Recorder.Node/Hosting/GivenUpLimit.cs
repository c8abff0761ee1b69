using Akka;
using Akka.Actor;

namespace Recorder.Node.Hosting;

/// <summary>
/// How long a node may take to end after its farm has given it up. The node's sessions go on elsewhere, and its steps
/// of a shutdown may wait for members that do not listen any more. What is left of its records is repaired when it is
/// back.
/// </summary>
internal static class GivenUpLimit
{
    /// <summary>The limit of a node. A worker that finalises its record is given 10 s.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Completes when the farm has given the node up and the limit has passed since. Otherwise
    /// never.</summary>
    /// <param name="shutdown">The node's shutdown. It must not have begun.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="time">The node's clock.</param>
    public static Task PassedAsync(CoordinatedShutdown shutdown, TimeSpan limit, TimeProvider time)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        shutdown.AddTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind,
            "given-up",
            () =>
            {
                if (shutdown.ShutdownReason is CoordinatedShutdown.ClusterDowningReason)
                {
                    _ = PassAsync();
                }
                return Task.FromResult(Done.Instance);
            }
        );
        return passed.Task;

        async Task PassAsync()
        {
            await Task.Delay(limit, time);
            passed.SetResult();
        }
    }
}
