using Akka;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace Recorder.Cluster.Placement.Nodes;

/// <summary>
/// The first step of a node that is told to stop: the node asks for its own drain, so that its sessions are handed over
/// without a gap. The step begins when the host hears of the stop, beside the end of HTTP, and at the latest with the
/// cluster's own shutdown.
/// </summary>
/// <param name="system">The node's actor system.</param>
/// <param name="placement">The placement singleton.</param>
/// <param name="node">The node's cluster address.</param>
/// <param name="limit">How long to wait.</param>
/// <param name="clock">The node's clock.</param>
internal sealed class ShutdownDrain(
    ActorSystem system,
    IActorRef placement,
    string node,
    TimeSpan limit,
    TimeProvider clock
)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    private readonly Lock _lock = new();
    private Task<Done>? _drain;

    /// <summary>Begins the drain, once. The task ends when no session of the node can still be handed over, or when
    /// the limit has passed. A node that is out of its farm does not wait.</summary>
    public Task<Done> BeginAsync()
    {
        lock (_lock)
        {
            return _drain ??= RunAsync();
        }
    }

    private MemberStatus Status => Akka.Cluster.Cluster.Get(system).SelfMember.Status;

    /// <summary>Waits a moment while the node is joining. Another node decides that the node is in the farm, and may
    /// give the node sessions before the node itself has heard of that.</summary>
    private async Task HearOfOwnJoiningAsync()
    {
        var since = clock.GetTimestamp();
        while (
            !system.WhenTerminated.IsCompleted
            && Status is MemberStatus.Joining or MemberStatus.WeaklyUp
            && clock.GetElapsedTime(since) < AnswerLimit
        )
        {
            await Task.Delay(Interval, clock);
        }
    }

    private async Task<Done> RunAsync()
    {
        if (limit == TimeSpan.Zero)
        {
            return Done.Instance;
        }
        var since = clock.GetTimestamp();
        await HearOfOwnJoiningAsync();
        while (!system.WhenTerminated.IsCompleted && Status == MemberStatus.Up)
        {
            var left = limit - clock.GetElapsedTime(since);
            if (left <= TimeSpan.Zero)
            {
                system.Log.Warning(
                    "The farm did not take all of this node's sessions within {0}; the others go on elsewhere when it is gone.",
                    limit
                );
                break;
            }

            try
            {
                var state = await placement.Ask<DrainState>(
                    new DrainNode(node, true),
                    left < AnswerLimit ? left : AnswerLimit
                );
                if (!state.Moving)
                {
                    break;
                }
                await Task.Delay(Interval, clock);
            }
            catch (AskTimeoutException)
            {
                // The placement may be moving to another node.
            }
        }

        return Done.Instance;
    }
}
