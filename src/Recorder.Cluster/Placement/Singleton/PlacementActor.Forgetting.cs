using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Singleton;

/// <summary>
/// How sessions leave the placement's list: they have ended, and the read model says that nothing is left to do for
/// them and that it holds them. The read model reads the sessions' own journals. Its word therefore counts even when a
/// session's last report never came. Without a read model no session leaves.
/// </summary>
internal sealed partial class PlacementActor
{
    /// <summary>The most sessions of one <see cref="FindProjected"/>, and of one
    /// <see cref="SessionsForgotten"/>.</summary>
    private const int ForgottenAtOnce = 500;

    /// <summary>How long a session stays after its last word and after the read model's. What was written of the
    /// session in between reaches the read model within this time.</summary>
    private static readonly TimeSpan ForgettingDelay = TimeSpan.FromSeconds(10);

    /// <summary>The sessions that the read model holds, with the age at which that was told, or at which the session
    /// last reported.</summary>
    private readonly Dictionary<int, TimeSpan> _projected = [];

    /// <summary>The sessions that have ended and told of something left to do, with the age at which they last did. The
    /// read model needs a moment to hear of that, and its word within that moment is an earlier one.</summary>
    private readonly Dictionary<int, TimeSpan> _told = [];
    private readonly IActorRef? _readModel;
    private int _askedUpTo;

    private void OnProjected(SessionsProjected projected)
    {
        if (_readModel is null)
        {
            return;
        }
        var age = Look().Age;
        foreach (var id in projected.Ended.Where(id => _view.List.Sessions.ContainsKey(id.Value)))
        {
            if (_told.TryGetValue(id.Value, out var told) && age - told < ForgettingDelay)
            {
                continue;
            }
            _told.Remove(id.Value);
            _projected.TryAdd(id.Value, age);
        }
    }

    /// <summary>A session that has ended has told something: the read model is to get that too, before the session is
    /// forgotten. When the session has something left to do, the read model's earlier word is void.</summary>
    private void StayAfter(SessionId id)
    {
        if (_view.List.Sessions[id.Value].Summary.Records.Exists(SessionIndex.IsOpen))
        {
            _projected.Remove(id.Value);
            _told[id.Value] = _view.Age;
        }
        else if (_projected.ContainsKey(id.Value))
        {
            _projected[id.Value] = _view.Age;
        }
    }

    private void ForgetEnded()
    {
        if (_readModel is null)
        {
            return;
        }
        var ended = _view.List.Index.Ended;
        ImmutableList<SessionId> due =
        [
            .. _projected
                .Where(one => ended.Contains(one.Key) && _view.Age - one.Value >= ForgettingDelay)
                .Select(one => new SessionId(one.Key))
                .Take(ForgottenAtOnce),
        ];
        if (!due.IsEmpty)
        {
            Persist(new SessionsForgotten(due, _view.Now), OnForgotten);
        }
        AskReadModel(ended);
    }

    private void OnForgotten(SessionsForgotten happened)
    {
        Take(happened);
        foreach (var id in happened.Ids)
        {
            _projected.Remove(id.Value);
            _told.Remove(id.Value);
        }
        Log.Debug("{0} ended sessions have left the list", happened.Ids.Count);
        if (happened.Ids.Count == ForgottenAtOnce)
        {
            ForgetEnded();
        }
    }

    /// <summary>Asks about the next sessions that could be forgotten, in turn. A placement that has just begun has not
    /// been told of any.</summary>
    private void AskReadModel(ImmutableSortedSet<int> ended)
    {
        var first = ended.IndexOf(_askedUpTo + 1);
        first = first < 0 ? ~first : first;
        List<int> asked = [];
        for (var place = first; place < ended.Count && asked.Count < ForgottenAtOnce; place++)
        {
            if (!_projected.ContainsKey(ended[place]))
            {
                asked.Add(ended[place]);
            }
        }
        _askedUpTo = asked.Count < ForgottenAtOnce ? 0 : asked[^1];
        if (asked.Count > 0)
        {
            _readModel.Tell(new FindProjected([.. asked.Select(id => new SessionId(id))]));
        }
    }
}
