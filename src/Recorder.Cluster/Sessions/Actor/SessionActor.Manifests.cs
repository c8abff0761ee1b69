using Akka.Actor;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>How a session gets the manifests of its records written. The session asks the node that holds the file
/// for each manifest, until the journal has the answer.</summary>
internal sealed partial class SessionActor
{
    private static readonly TimeSpan FirstManifestRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestManifestRetry = TimeSpan.FromMinutes(10);

    /// <summary>The records whose manifest was asked for since the last retry and is not written yet.</summary>
    private readonly HashSet<string> _manifestsAsked = [];

    /// <summary>The asked records whose manifest could not be written, so that only a later try may help.</summary>
    private readonly HashSet<string> _manifestsFailed = [];

    /// <summary>The asked records that an ended session waits for before it sleeps.</summary>
    private readonly HashSet<string> _manifestsAwaited = [];

    /// <summary>The nodes that were reported to be present.</summary>
    private readonly HashSet<string> _reachable = [];
    private int _manifestRetries;

    /// <summary>
    /// Whether this incarnation sees to manifests. An incarnation woken only for a question, long after the session
    /// has ended, does not. It does so only when the farm's list says that manifests are missing, because records
    /// finished by an earlier version have none.
    /// </summary>
    private bool _tendsManifests;

    private void HearOfManifests()
    {
        Command<ManifestReply>(OnManifestReply);
        Command<ManifestRetryDue>(_ =>
        {
            _manifestsAsked.Clear();
            _manifestsFailed.Clear();
            AskForManifests();
        });
    }

    protected override void OnReplaySuccess()
    {
        base.OnReplaySuccess();
        _tendsManifests = !_state.Ended;
    }

    /// <summary>Asks for the manifests that are due and not yet asked for. The <c>stopped</c> answer does not wait
    /// for manifests, because reading a long record takes seconds.</summary>
    private void AskForManifests()
    {
        if (!_tendsManifests || _surroundings.Manifests.IsNobody())
        {
            return;
        }
        foreach (var record in ManifestDecisions.Due(_state, Leaving))
        {
            if (!_manifestsAsked.Add(record.Path))
            {
                continue;
            }
            var ask = new WriteManifest(
                record.Path,
                RecordManifest.Of(_state, record, _live.Outputs(_state, Now().At))
            )
            {
                Folder = record.Folder,
            };
            if (IsHere(record))
            {
                _manifestsAwaited.Add(record.Path);
                _surroundings.Manifests.Tell(ask, Self);
            }
            else
            {
                // The session waits for the answer of a node that is present, also for a record that was repaired
                // just now.
                var node = NodeOf(record);
                if (_reachable.Contains(node))
                {
                    _manifestsAwaited.Add(record.Path);
                }
                Context.ActorSelection($"{node}/user/{ManifestServiceActor.Name}").Tell(ask, Self);
            }
        }

        if (_manifestsAsked.Count == 0 || Timers.IsTimerActive(nameof(ManifestRetryDue)))
        {
            return;
        }
        var delay = FirstManifestRetry * Math.Pow(2, Math.Min(_manifestRetries++, 16));
        Timers.StartSingleTimer(
            nameof(ManifestRetryDue),
            new ManifestRetryDue(),
            delay < LongestManifestRetry ? delay : LongestManifestRetry
        );
    }

    private void OnManifestReply(ManifestReply heard)
    {
        _manifestsAwaited.Remove(heard.Path);
        if (heard is ManifestDone)
        {
            _manifestRetries = 0;
        }
        if (heard is ManifestFailed { MayPass: true })
        {
            _manifestsFailed.Add(heard.Path);
        }
        else
        {
            _manifestsAsked.Remove(heard.Path);
        }
        var decided = ManifestDecisions.Hear(_state, heard, Now());

        // An ended session reports to the list once more, and sleeps when the list has answered.
        if (decided.IsEmpty && _state.Ended)
        {
            Report();
        }
        else
        {
            Decide(decided);
        }
        if (!ManifestDecisions.Due(_state, Leaving).Any())
        {
            Timers.Cancel(nameof(ManifestRetryDue));
        }
    }

    private sealed record ManifestRetryDue;
}
