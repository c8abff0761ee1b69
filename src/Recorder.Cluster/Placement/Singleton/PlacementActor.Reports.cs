using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>What the placement does with the reports of sessions and nodes.</summary>
internal sealed partial class PlacementActor
{
    /// <summary>The most reports of sessions that are written together.</summary>
    private const int ReportsPerWrite = 100;

    /// <summary>The most unknown sessions that are remembered, so that each is logged once.</summary>
    private const int MostStrangers = 1000;

    private readonly ReportBox _reports;

    /// <summary>The newest summaries of running sessions whose records have grown since the last news. The growth is
    /// shown and not written; the list stays what its events say.</summary>
    private readonly Dictionary<int, SessionSummary> _grown = [];

    private readonly HashSet<int> _strangers = [];

    /// <summary>Handles reports of nodes or reports of sessions, never both: a decision on a farm whose newest reports
    /// are still being written would be made twice.</summary>
    private void OnReports()
    {
        if (_reports.TakeNodes() is { Count: > 0 } nodes)
        {
            OnCapacities(nodes);
        }
        else
        {
            OnReports(_reports.TakeSessions(ReportsPerWrite));
        }
        _reports.TellOfRest();
    }

    private void OnCapacities(List<ReportCapacity> reports)
    {
        var age = Look().Age;

        // A records folder that is back may hold what sessions wait for.
        List<string> joined =
        [
            .. from report in reports
            where
                !_view.Nodes.TryGetValue(report.Node, out var known) || !known.Folders.SequenceEqual(report.Folders)
            select report.Node,
        ];
        _view = _view with
        {
            Nodes = _view.Nodes.SetItems(
                reports.Select(report =>
                    KeyValuePair.Create(
                        report.Node,
                        new NodeCapacity(report.Slots, report.Closed, age)
                        {
                            Found = report.Found,
                            Shards = report.Shards,
                            Load = report.Load,
                            NoDatabase = report.NoDatabase,
                            Id = report.Id,
                            Folders = report.Folders,
                        }
                    )
                )
            ),
        };
        ReleaseHeld();

        // The gap of a session that waits for room ends as soon as a node has room.
        if (joined.Count > 0)
        {
            KeepUp(joined);
        }
        else if (
            !_view.List.Index.Waiting.IsEmpty
            || (reports.Exists(report => report.NoDatabase) && _view.Stranded.Any())
        )
        {
            MakeRoom();
        }
    }

    private void OnReports(List<(ReportSession Report, IActorRef Asker)> reports)
    {
        Look();
        Queue<(SessionAdvanced News, IActorRef Asker)> news = new(
            from one in reports
            where IsNews(one.Report, one.Asker)
            select (NewsOf(one.Report), one.Asker)
        );
        if (news.Count == 0)
        {
            return;
        }

        var ended = false;
        PersistAll(
            news.Select(one => one.News).ToList(),
            happened =>
            {
                Take(happened);
                var (id, asker) = (happened.Id, news.Dequeue().Asker);
                asker.Tell(new ReportAccepted(id, happened.Version));
                if (!_view.List.Sessions[id.Value].Summary.Running)
                {
                    ended = true;
                    OnEnded(id);
                }

                // The room left by ended sessions is for the session that has waited longest.
                if (news.Count == 0 && ended)
                {
                    MakeRoom();
                }
            }
        );
    }

    /// <summary>Whether a report is to be written. A report that is not is answered and shown.</summary>
    private bool IsNews(ReportSession report, IActorRef asker)
    {
        var id = report.Summary.Id;
        if (!_view.List.Sessions.TryGetValue(id.Value, out var known))
        {
            OnStranger(report, asker);
            return false;
        }

        // A late report from the node that the session was taken from says nothing about the session's present place.
        var current = report.Version > known.Version || report.Summary.Node == known.Summary.Node;
        if (current)
        {
            _view = _view.Hear(id);
            _moving.Remove(id.Value);
        }
        if (known.Version < report.Version)
        {
            return true;
        }

        // Only the growth of a record can differ, which is worth showing but not worth a write. Nothing of an ended
        // session grows. A summary written by an earlier version has no manifests, and none are made afterwards.
        if (
            current
            && known.Version == report.Version
            && known.Summary.Running
            && known.Summary.Phase != SessionPhase.WaitingForRoom
        )
        {
            _grown[id.Value] = report.Summary;
        }
        asker.Tell(new ReportAccepted(id, report.Version));
        return false;
    }

    private SessionAdvanced NewsOf(ReportSession report) =>
        SummaryChanges.Of(_view.List.Sessions[report.Summary.Id.Value], report.Summary, report.Version);

    /// <summary>A session's summary as it is shown.</summary>
    private SessionSummary Shown(PlacedSession session) =>
        RecordHolder.Show(_view, _grown.GetValueOrDefault(session.Summary.Id.Value, session.Summary));

    /// <summary>
    /// A session that has ended was known and is forgotten; its report changes nothing. A session that runs was never
    /// placed by this farm's database, which may be an older copy: the session hears so, and ends.
    /// </summary>
    private void OnStranger(ReportSession report, IActorRef asker)
    {
        var id = report.Summary.Id;
        if (!report.Summary.Running && id.Value <= _view.List.LastId)
        {
            asker.Tell(new ReportAccepted(id, report.Version));
            return;
        }
        if (_strangers.Count < MostStrangers && _strangers.Add(id.Value))
        {
            Log.Warning(
                "Session {0} on {1} reported to a farm that never gave this id; the farm's database may be another one or an older copy.",
                id,
                report.Summary.Node
            );
        }
        asker.Tell(new SessionUnknown(id));
        if (id.Value > _view.List.LastId)
        {
            Persist(new IdSeen(id, _view.Now), Take);
        }
    }
}
