using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>How a forgotten session comes into the list again: somebody asks for something that only the session can
/// do. From then on the session is woken by the rules of all sessions that have ended, also after a restart.</summary>
internal sealed partial class PlacementActor
{
    private void OnRecall(RecallSession recall)
    {
        var id = recall.Summary.Id;
        var view = Look();
        if (view.List.Sessions.TryGetValue(id.Value, out var known))
        {
            Sender.Tell(new SessionLocation(id, known.Shard, Shown(known)));
            return;
        }
        if (recall.Summary.Running || id.Value > view.List.LastId)
        {
            Sender.Tell(new SessionUnknown(id));
            return;
        }

        var node = Relocation.NodeForRecalled(view, recall.Summary);
        var shard = node is null ? 0 : ShardChoice.Free(view, node) ?? 0;
        if (node is not null && view.Shards.HomeOf(shard) is null)
        {
            _board.Decide(shard, node);
        }
        var asker = Sender;
        Persist(
            new SessionListedAgain(recall.Summary, shard, view.Now),
            happened =>
            {
                Take(happened);

                // What the read model said of the session before is void: the session is about to have news.
                _projected.Remove(id.Value);
                _told[id.Value] = Look().Age;
                Log.Info("Session {0} has ended and is in the list again, in shard {1}", id, shard);
                asker.Tell(new SessionLocation(id, shard, happened.Summary));
            }
        );
    }
}
