using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// One request of an endpoint, from the first question to the only reply. Every step has a time limit, so that a silent
/// farm leaves no caller without an answer.
/// </summary>
/// <param name="asker">The actor that gets the reply.</param>
/// <param name="farm">The parts of the farm that are asked.</param>
internal abstract class Conversation(IActorRef asker, Farm farm) : ReceiveActor, IWithTimers
{
    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The shard of a session that has ended.</summary>
    private const int NoShard = -1;

    protected ILoggingAdapter Log { get; } = Context.GetLogger();

    protected Farm Farm => farm;

    /// <summary>Asks the first question and waits for its answer.</summary>
    protected abstract void Begin();

    /// <inheritdoc/>
    protected sealed override void PreStart() => Begin();

    /// <summary>Begins a step. Messages that an earlier step waited for are no longer handled.</summary>
    /// <param name="limit">How long the step may take; longer than 0.</param>
    /// <param name="silence">What to do when the limit is reached.</param>
    /// <param name="hear">Registers what the step waits for.</param>
    protected void Await(TimeSpan limit, Action silence, Action hear)
    {
        Become(() =>
        {
            hear();
            Receive<LimitReached>(_ => silence());
        });
        Timers.StartSingleTimer(nameof(LimitReached), LimitReached.Instance, limit);
    }

    /// <summary>Asks the placement where a session is. A session that the placement does not know is looked up in the
    /// archive of ended sessions. The request is refused when neither answers, or when there is no such
    /// session.</summary>
    /// <param name="id">The session.</param>
    /// <param name="limit">How long the placement may take.</param>
    /// <param name="found">What to do with the answer.</param>
    protected void Locate(SessionId id, TimeSpan limit, Action<SessionLocation> found)
    {
        Await(
            limit,
            () => PlacementIsSilent(limit, id),
            () =>
            {
                Receive<SessionUnknown>(_ => LookUp(id, limit, found));
                Receive<SessionLocation>(location =>
                {
                    if (location.Summary.Spec.IsSeenBy(farm.Only))
                    {
                        found(location);
                    }
                    else
                    {
                        // The same steps as for an id that does not exist, so that the time tells nothing.
                        LookUp(id, limit, found);
                    }
                });
            }
        );
        farm.Tell(new FindSession(id), Self);
    }

    private void LookUp(SessionId id, TimeSpan limit, Action<SessionLocation> found)
    {
        Await(
            limit,
            () => Finish(EdgeRefusal.ArchiveUnreadable()),
            () =>
            {
                Receive<Looked>(looked =>
                {
                    if (looked.Found is { } session && session.Spec.IsSeenBy(farm.Only))
                    {
                        found(new SessionLocation(id, NoShard, session));
                    }
                    else
                    {
                        Finish(EdgeRefusal.NoSuchSession(id));
                    }
                });
                Receive<Status.Failure>(failure =>
                {
                    Log.Error(failure.Cause, "Session {0} could not be looked up among the ended sessions", id);
                    Finish(EdgeRefusal.ArchiveUnreadable());
                });
            }
        );
        var looked = farm.Only is { } owner
            ? farm.Archive.FindOfAsync(id, owner, CancellationToken.None)
            : farm.Archive.FindAsync(id, CancellationToken.None);
        looked.PipeTo(Self, success: session => new Looked(session));
    }

    /// <summary>Refuses the request, because the placement has not answered.</summary>
    /// <param name="limit">How long the placement had to answer.</param>
    /// <param name="id">The session that the request is about; null for a request about no single session.</param>
    protected void PlacementIsSilent(TimeSpan limit, SessionId? id = null)
    {
        if (id is { } session)
        {
            Log.Warning("The placement did not answer {0} for session {1} within {2}", GetType().Name, session, limit);
        }
        else
        {
            Log.Warning("The placement did not answer {0} within {1}", GetType().Name, limit);
        }
        Finish(EdgeRefusal.PlacementSilent(limit));
    }

    /// <summary>Sends the only reply, and lets the conversation go on.</summary>
    protected void Reply(EdgeReply reply)
    {
        asker.Tell(reply);
        Replied(reply);
    }

    /// <summary>Sends the only reply before the conversation has its outcome. <see cref="Replied"/> is not
    /// called.</summary>
    protected void Acknowledge(EdgeReply reply) => asker.Tell(reply);

    /// <summary>Called when the conversation has its outcome, after the reply to the asker.</summary>
    protected virtual void Replied(EdgeReply reply) { }

    /// <summary>Sends the reply, and ends the conversation.</summary>
    protected void Finish(EdgeReply reply)
    {
        Reply(reply);
        End();
    }

    /// <summary>Ends the conversation.</summary>
    protected void End() => Context.Stop(Self);

    /// <summary>What the archive has of a session.</summary>
    private sealed record Looked(SessionSummary? Found);

    private sealed record LimitReached
    {
        public static LimitReached Instance { get; } = new();
    }
}
