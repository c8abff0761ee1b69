using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>What a session does when the farm's list does not know it, and what an incarnation does that may be in a
/// shard of earlier.</summary>
internal sealed partial class SessionActor
{
    /// <summary>How long the placement may take to say where the session is. Shorter than a caller of a stop
    /// waits.</summary>
    private static readonly TimeSpan LocationLimit = TimeSpan.FromSeconds(3);

    /// <summary>How long an incarnation that does nothing stays in memory. A question to a shard of earlier begins
    /// one.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(5);

    /// <summary>The stops that wait until it is known where the session is, each with its asker.</summary>
    private readonly List<(StopSession Stop, IActorRef Asker)> _unlocated = [];

    /// <summary>Whether this incarnation is known to be in the session's present shard.</summary>
    private bool _located;

    protected override void PreStart()
    {
        base.PreStart();
        Timers.StartPeriodicTimer(nameof(IdleLimitPassed), new IdleLimitPassed(), IdleLimit);
    }

    private void HearOfThePlace()
    {
        Command<IdleLimitPassed>(_ =>
        {
            // An ended session sleeps by its own rules.
            if (!Alive && !Leaving && !_state.Ended && _unlocated.Count == 0)
            {
                Context.Parent.Tell(new Passivate(new Sleep()));
            }
        });
        Command<Sleep>(_ => Context.Stop(Self));
        Command<SessionUnknown>(_ => OnUnknown());
        Command<SessionLocation>(OnLocation);
        Command<LocationLimitPassed>(_ => StopLocated());
    }

    /// <summary>
    /// The farm's database is another one, or an older copy. No caller can find the session any more, so the session
    /// ends and its records are finalised. A session that has ended tells where its records are, and is silent from
    /// then on.
    /// </summary>
    private void OnUnknown()
    {
        if (_unlocated.Count > 0)
        {
            StopLocated();
            return;
        }
        if (!_state.Ended)
        {
            Decide(SessionDecisions.Unlisted(_state, Now()));
            return;
        }
        if (!_reported)
        {
            return;
        }
        Log.Warning(
            "Session {0} has ended and is in no list of its farm, whose database does not know it. Its records: {1}",
            _state.Id,
            string.Join(", ", _state.Records.Select(record => record.Path))
        );
        Timers.CancelAll();
        Answer();
        Context.Stop(Self);
    }

    /// <summary>Whether a stop has to wait. A message that was sent before the session moved may begin an incarnation
    /// in the earlier shard. If that incarnation wrote the end, the journal would fence the session that
    /// records.</summary>
    private bool MustBeLocated(StopSession stop)
    {
        if (_located || _surroundings.Alone || stop.Shard < 0 || Alive || Leaving || _state.Ended)
        {
            return false;
        }
        _unlocated.Add((stop, Sender));
        _surroundings.Placement.Tell(new FindSession(_state.Id), Self);
        Timers.StartSingleTimer(nameof(LocationLimitPassed), new LocationLimitPassed(), LocationLimit);
        return true;
    }

    private void OnLocation(SessionLocation location)
    {
        if (_unlocated.Count == 0)
        {
            return;
        }
        if (_unlocated.TrueForAll(held => held.Stop.Shard == location.Shard))
        {
            StopLocated();
            return;
        }
        Log.Info(
            "Session {0}: is in shard {1}; a stop that came to an earlier one is passed on",
            _state.Id,
            location.Shard
        );
        foreach (var (stop, asker) in _unlocated)
        {
            PassOn(stop, location.Shard, asker);
        }
        _unlocated.Clear();
        Context.Stop(Self);
    }

    /// <summary>Stops the session here: this is its shard, or nobody says where it is.</summary>
    private void StopLocated()
    {
        Timers.Cancel(nameof(LocationLimitPassed));
        _located = true;
        foreach (var (stop, asker) in _unlocated)
        {
            Self.Tell(stop, asker);
        }
        _unlocated.Clear();
    }

    private sealed record LocationLimitPassed;

    private sealed record IdleLimitPassed;

    private sealed record Sleep;
}
