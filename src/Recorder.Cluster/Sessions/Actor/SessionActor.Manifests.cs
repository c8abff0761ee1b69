using Akka.Actor;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>A session's care for the manifests of its records: each is asked for at the node that holds the file, until
/// the journal has its answer.</summary>
internal sealed partial class SessionActor
{
    private static readonly TimeSpan FirstManifestRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestManifestRetry = TimeSpan.FromMinutes(10);

    /// <summary>The records whose manifest has been asked for since the last retry, and is not written.</summary>
    private readonly HashSet<string> _manifestsAsked = [];

    /// <summary>Those of them that could not be written, for which only time may help.</summary>
    private readonly HashSet<string> _manifestsFailed = [];

    /// <summary>Those of them that a session which has ended waits for before it sleeps.</summary>
    private readonly HashSet<string> _manifestsAwaited = [];

    /// <summary>The nodes that were told to be there.</summary>
    private readonly HashSet<string> _reachable = [];
    private int _manifestRetries;

    /// <summary>
    /// Whether this incarnation sees to manifests. One that is woken long after the session has ended, only to be asked
    /// something, does not unless the farm's list says that some are missing: records that an earlier version finished
    /// have none.
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

    /// <summary>Asks for what is due and not yet asked for. <c>stopped</c> does not wait for it: a long record takes
    /// seconds to be read.</summary>
    private void AskForManifests()
    {
        if (!_tendsManifests || _surroundings.Manifests.IsNobody())
        {
            return;
        }
        foreach (var record in SessionDecisions.ManifestsDue(_state, Leaving))
        {
            if (!_manifestsAsked.Add(record.Path))
            {
                continue;
            }
            var ask = new WriteManifest(
                record.Path,
                RecordManifest.Of(_state, record, _live.Outputs(_state, Now().At))
            );
            if (_surroundings.Alone || record.Node == _surroundings.Node)
            {
                _manifestsAwaited.Add(record.Path);
                _surroundings.Manifests.Tell(ask, Self);
            }
            else
            {
                // The answer of a node that is there is waited for: of a record that was repaired just now, too.
                if (record.Node is { } node && _reachable.Contains(node))
                {
                    _manifestsAwaited.Add(record.Path);
                }
                Context.ActorSelection($"{record.Node}/user/{ManifestServiceActor.Name}").Tell(ask, Self);
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
        var decided = SessionDecisions.HearOfManifest(_state, heard, Now());

        // Whoever has ended tells the list once more, and sleeps when that has answered.
        if (decided.IsEmpty && _state.Ended)
        {
            Report();
        }
        else
        {
            Decide(decided);
        }
        if (!SessionDecisions.ManifestsDue(_state, Leaving).Any())
        {
            Timers.Cancel(nameof(ManifestRetryDue));
        }
    }

    private sealed record ManifestRetryDue;
}
