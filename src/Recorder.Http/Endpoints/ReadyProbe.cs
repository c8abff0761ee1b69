using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Options;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>
/// Whether this node can be called. The farm's placement is asked at most once a second, however many probes come,
/// because a probe needs no key.
/// </summary>
internal sealed class ReadyProbe(
    EdgeClient edge,
    IReadOnlyActorRegistry registry,
    IOptions<HttpOptions> options,
    TimeProvider clock
)
{
    /// <summary>When a probe may ask again for a node that is not ready.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<EdgeRefusal?>? _asked;
    private long _askedAt;

    /// <summary>Why the node is not ready; null when it is. The answer is at most a second older than the
    /// question.</summary>
    /// <param name="aborted">Ends the wait.</param>
    public Task<EdgeRefusal?> WhyNotReadyAsync(CancellationToken aborted)
    {
        lock (_lock)
        {
            if (_asked is null || (_asked.IsCompleted && clock.GetElapsedTime(_askedAt) >= Fresh))
            {
                _askedAt = clock.GetTimestamp();
                _asked = AskAsync();
            }
            return _asked.WaitAsync(aborted);
        }
    }

    private async Task<EdgeRefusal?> AskAsync()
    {
        if (registry.TryGet<FarmMembership>(out var membership))
        {
            // A node that has not found its farm knows the reason. A question to the farm's placement would only show
            // that the placement does not answer.
            var standing = await membership.Ask<NodeStanding>(new GetStanding(), options.Value.PlacementTimeout);
            if (standing.WhyNotIn is { } reason)
            {
                return new EdgeRefusal(FaultCode.Unavailable, reason) { RetryAfter = RetryInterval };
            }
        }

        var question = new FindPlacement(options.Value.ReadyTimeout);
        return await edge.AskAsync(question, CancellationToken.None) as EdgeRefusal;
    }
}
