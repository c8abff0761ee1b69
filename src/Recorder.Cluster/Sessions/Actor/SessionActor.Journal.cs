using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>How a session keeps its journal short: a snapshot now and then, and the events far behind it
/// deleted.</summary>
internal sealed partial class SessionActor
{
    /// <summary>The events from one snapshot to the next. A recovery reads at most so many.</summary>
    public const int EventsPerSnapshot = 100;

    /// <summary>
    /// How many events are kept before a snapshot: more than an hour of evidence. A node that was cut off tries to
    /// write its next event for an hour (<c>Database:Patience</c>). That write must meet the event of the node that
    /// took over.
    /// </summary>
    public const int EventsKept = 800;

    private long _snapshotAt;

    private void HearOfTheJournal()
    {
        Command<SaveSnapshotSuccess>(saved => TrimOnceProjected(saved.Metadata.SequenceNr));
        Command<Projected>(projected =>
        {
            if (projected.Reached >= projected.News)
            {
                Trim(projected.Snapshot);
            }
        });
        Command<NotProjected>(failed =>
            Log.Debug(
                "Session {0} keeps its old events until its next snapshot, since the read model could not be asked: {1}",
                _state.Id,
                failed.Cause.Message
            )
        );
        Command<SaveSnapshotFailure>(failed =>
            Log.Warning(
                "Session {0} could not write a snapshot and tries again after its next events: {1}",
                _state.Id,
                failed.Cause.Message
            )
        );
        Command<DeleteMessagesFailure>(failed =>
            Log.Warning(
                "Session {0} could not delete its old events and tries again after its next snapshot: {1}",
                _state.Id,
                failed.Cause.Message
            )
        );

        // What could not be deleted is deleted after the next snapshot.
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
    }

    /// <summary>Trims the journal once the read model has all news before the snapshot. People are told of the news by
    /// the read model, which may need an earlier snapshot to understand them. Mere growth of a record is no
    /// news.</summary>
    private void TrimOnceProjected(long snapshot)
    {
        if (_surroundings.ProjectedTo is not { } ask)
        {
            Trim(snapshot);
            return;
        }
        var news = _newsVersion;
        ask(_state.Id)
            .PipeTo(
                Self,
                success: reached => new Projected(reached, news, snapshot),
                failure: cause => new NotProjected(cause)
            );
    }

    private void Trim(long snapshot)
    {
        DeleteSnapshots(new SnapshotSelectionCriteria(snapshot - 1));
        if (snapshot > EventsKept)
        {
            DeleteMessages(snapshot - EventsKept);
        }
    }

    /// <summary>Writes a snapshot when one is due. A session with thousands of records has a large state, and writes it
    /// less often.</summary>
    private void TidyJournal()
    {
        if (LastSequenceNr - _snapshotAt >= Math.Max(EventsPerSnapshot, 2 * _state.Records.Count))
        {
            _snapshotAt = LastSequenceNr;
            SaveSnapshot(new SessionSnapshot(_state, _newsVersion));
        }
    }

    private void TakeSnapshot(SnapshotOffer offer)
    {
        var snapshot = (SessionSnapshot)offer.Snapshot;
        _state = snapshot.State with { Here = _state.Here };
        _newsVersion = snapshot.NewsVersion;
        _snapshotAt = offer.Metadata.SequenceNr;
    }

    private sealed record Projected(long Reached, long News, long Snapshot);

    private sealed record NotProjected(Exception Cause);
}
