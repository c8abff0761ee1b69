using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using ClusterExtension = Akka.Cluster.Cluster;

namespace Recorder.Cluster.Membership;

/// <summary>Sets this node's <see cref="CutOffMarker"/> when the farm, or the node itself, gives the node up. Removes
/// the marker when the node is in a farm.</summary>
internal sealed class CutOffActor : ReceiveActor
{
    private readonly ClusterExtension _cluster = ClusterExtension.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<Address> _others = [];
    private readonly CutOffMarker _marker;

    /// <param name="marker">The node's marker.</param>
    public CutOffActor(CutOffMarker marker)
    {
        _marker = marker;
        Receive<ClusterEvent.MemberUp>(
            up => up.Member.UniqueAddress.Equals(_cluster.SelfUniqueAddress),
            _ => Write(_marker.Clear)
        );
        Receive<ClusterEvent.MemberDowned>(
            down => down.Member.UniqueAddress.Equals(_cluster.SelfUniqueAddress),
            _ => Write(() => _marker.Set(_others))
        );
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            // A node that ends itself is told that all others have left. Only a member that was given up, or left by
            // itself, is really gone.
            if (removed.PreviousStatus is MemberStatus.Down or MemberStatus.Exiting)
            {
                _others.Remove(removed.Member.Address);
            }
        });
        Receive<ClusterEvent.IMemberEvent>(other =>
        {
            if (!other.Member.Address.Equals(_cluster.SelfAddress))
            {
                _others.Add(other.Member.Address);
            }
        });
    }

    protected override void PreStart() =>
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Write(Action change)
    {
        try
        {
            change();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.Error(
                error,
                "The file {0}, which tells this node's next life whether its farm has given it up, cannot be written or removed. Make the data folder writable.",
                _marker.File
            );
        }
    }
}
