using Akka.Actor;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>
/// The reports that have come and are not handled yet: the newest of each session and of each node. While a write of
/// the placement waits for the database, sessions and nodes repeat their reports, and only the newest says anything.
/// The box thus never holds more than the farm has sessions and nodes.
/// </summary>
/// <param name="self">The placement, which receives <see cref="ReportsDue"/> when there is something in the
/// box.</param>
internal sealed class ReportBox(IActorRef self)
{
    private readonly Dictionary<int, (ReportSession Report, IActorRef Asker)> _sessions = [];
    private readonly Dictionary<string, ReportCapacity> _nodes = new(StringComparer.Ordinal);
    private bool _told;

    /// <summary>How many reports are in the box.</summary>
    public int Count => _sessions.Count + _nodes.Count;

    /// <summary>Takes a message before the placement does, even during a write. False when the message is no
    /// report.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sender">Its sender.</param>
    public bool Hear(object message, IActorRef sender)
    {
        switch (message)
        {
            case ReportSession report:
                var id = report.Summary.Id.Value;
                if (!_sessions.TryGetValue(id, out var known) || known.Report.Version <= report.Version)
                {
                    _sessions[id] = (report, sender);
                }
                break;
            case ReportCapacity report:
                _nodes[report.Node] = report;
                break;
            default:
                return false;
        }

        TellOfRest();
        return true;
    }

    /// <summary>Begins a turn: takes all reports of nodes out of the box.</summary>
    public List<ReportCapacity> TakeNodes()
    {
        _told = false;
        List<ReportCapacity> taken = [.. _nodes.Values];
        _nodes.Clear();
        return taken;
    }

    /// <summary>Takes reports of sessions out of the box.</summary>
    /// <param name="most">The most reports to take.</param>
    public List<(ReportSession Report, IActorRef Asker)> TakeSessions(int most)
    {
        List<(ReportSession Report, IActorRef Asker)> taken = [.. _sessions.Values.Take(most)];
        foreach (var (report, _) in taken)
        {
            _sessions.Remove(report.Summary.Id.Value);
        }
        return taken;
    }

    /// <summary>Tells the placement of what is still in the box, once.</summary>
    public void TellOfRest()
    {
        if (_told || Count == 0)
        {
            return;
        }
        _told = true;
        self.Tell(ReportsDue.Instance);
    }

    /// <summary>There are reports in the box.</summary>
    internal sealed record ReportsDue
    {
        public static readonly ReportsDue Instance = new();
    }
}
