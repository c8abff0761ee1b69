using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// One request of an endpoint, from the first question to the one reply. Every step has a time limit, so that no
/// silence of the farm leaves a caller without an answer.
/// </summary>
/// <param name="asker">Who gets the reply.</param>
/// <param name="farm">Who is asked.</param>
internal abstract class Conversation(IActorRef asker, Farm farm) : ReceiveActor, IWithTimers
{
    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    protected ILoggingAdapter Log { get; } = Context.GetLogger();

    protected Farm Farm => farm;

    /// <summary>Asks the first question and waits for its answer.</summary>
    protected abstract void Begin();

    /// <inheritdoc/>
    protected sealed override void PreStart() => Begin();

    /// <summary>Begins a step. What an earlier step waited for is not heard any more.</summary>
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

    /// <summary>Asks the placement where a session is. Without an answer, or without such a session, the request is
    /// refused.</summary>
    /// <param name="id">The session.</param>
    /// <param name="limit">How long the placement may take.</param>
    /// <param name="found">What to do with the answer.</param>
    protected void Locate(SessionId id, TimeSpan limit, Action<SessionLocation> found)
    {
        Await(
            limit,
            () => PlacementIsSilent(limit),
            () =>
            {
                Receive<SessionUnknown>(_ => Finish(EdgeRefusal.NoSuchSession(id)));
                Receive(found);
            }
        );
        farm.Tell(new FindSession(id), Self);
    }

    /// <summary>Refuses the request, because the placement has not answered.</summary>
    /// <param name="limit">How long the placement had.</param>
    protected void PlacementIsSilent(TimeSpan limit)
    {
        Log.Warning("The placement did not answer {0} within {1}", GetType().Name, limit);
        Finish(EdgeRefusal.PlacementSilent(limit));
    }

    /// <summary>Replies, and goes on: the reply is the only one.</summary>
    protected void Reply(EdgeReply reply)
    {
        asker.Tell(reply);
        Replied(reply);
    }

    /// <summary>Whoever asked has been replied to.</summary>
    protected virtual void Replied(EdgeReply reply) { }

    /// <summary>Replies, and ends the conversation.</summary>
    protected void Finish(EdgeReply reply)
    {
        Reply(reply);
        End();
    }

    /// <summary>Ends the conversation.</summary>
    protected void End() => Context.Stop(Self);

    private sealed record LimitReached
    {
        public static LimitReached Instance { get; } = new();
    }
}
