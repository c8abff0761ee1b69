using Akka.Event;
using Akka.Persistence;
using Recorder.Cluster.Placement.Decisions;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>
/// When the placement writes its list as a whole, and what of its journal is then deleted. The two newest snapshots
/// stay, and the events behind the older of them: a snapshot that turns out to be bad does not cost the list.
/// </summary>
internal sealed partial class PlacementActor
{
    /// <summary>The fewest events from one snapshot to the next.</summary>
    private const int EventsPerSnapshot = 200;

    private int _sinceSnapshot;
    private bool _saving;
    private long _snapshot;

    private void HearOfSnapshots()
    {
        Command<SaveSnapshotSuccess>(OnSaved);
        Command<SaveSnapshotFailure>(failed =>
        {
            _saving = false;
            Log.Warning(failed.Cause, "The placement's snapshot was not saved; the journal has everything.");
        });
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(failed =>
            Log.Warning(failed.Cause, "Old snapshots of the placement were not deleted; the next snapshot tries again.")
        );
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteMessagesFailure>(failed =>
            Log.Warning(failed.Cause, "Old events of the placement were not deleted; the next snapshot tries again.")
        );
    }

    private void OnSnapshot(SnapshotOffer offer)
    {
        _snapshot = offer.Metadata.SequenceNr;
        _view = _view with { List = PlacementState.FromSnapshot((PlacementSnapshot)offer.Snapshot) };
    }

    private void OnReplayed(IPlacementEvent happened)
    {
        _view = _view with { List = _view.List.Apply(happened) };
        _sinceSnapshot++;
    }

    /// <summary>Takes an event that has been written. A long list is written less often, so that the cost of its
    /// snapshots does not grow with the list.</summary>
    private void Take(IPlacementEvent happened)
    {
        _view = _view.Apply(happened);
        _grown.Remove(SessionOf(happened));
        _sinceSnapshot++;
        if (!_saving && _sinceSnapshot >= Math.Max(EventsPerSnapshot, _view.List.Sessions.Count / 4))
        {
            (_saving, _sinceSnapshot) = (true, 0);
            SaveSnapshot(_view.List.ToSnapshot());
        }
    }

    private static int SessionOf(IPlacementEvent happened) =>
        happened switch
        {
            SessionAdvanced e => e.Id.Value,
            SessionMoved e => e.Id.Value,
            SessionWaiting e => e.Id.Value,
            _ => 0,
        };

    private void OnSaved(SaveSnapshotSuccess saved)
    {
        _saving = false;
        var before = _snapshot;
        _snapshot = saved.Metadata.SequenceNr;
        if (before > 0)
        {
            DeleteMessages(before);
            DeleteSnapshots(new SnapshotSelectionCriteria(before - 1));
        }
    }
}
