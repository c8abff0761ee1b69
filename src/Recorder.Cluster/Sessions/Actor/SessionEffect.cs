using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>Something that a session does. <see cref="ProceedDecisions"/> and <see cref="HandOverDecisions"/> decide
/// what; the session's actor carries the effect out.</summary>
internal abstract record SessionEffect
{
    private SessionEffect() { }

    /// <summary>Write events to the journal. The session proceeds again after the write.</summary>
    public sealed record Write(ImmutableList<ISessionEvent> Events) : SessionEffect
    {
        public bool Equals(Write? other) => other is not null && Events.SequenceEqual(other.Events);

        public override int GetHashCode() => Events.Count;
    }

    /// <summary>Limit how long the next record may take until its first frame.</summary>
    public sealed record LimitStart : SessionEffect;

    /// <summary>No first frame is awaited any more.</summary>
    public sealed record ForgetStartLimit : SessionEffect;

    /// <summary>Limit how long the media side may take to undo a start.</summary>
    public sealed record LimitUndo : SessionEffect;

    /// <summary>Try the media again after a wait.</summary>
    public sealed record AwaitRetry(TimeSpan Wait) : SessionEffect;

    /// <summary>The media are not tried again.</summary>
    public sealed record ForgetRetry : SessionEffect;

    /// <summary>Make a media child. It does nothing before its first command.</summary>
    public sealed record BeginMedia : SessionEffect;

    /// <summary>Tell the media child a command.</summary>
    public sealed record Command(IMediaCommand ToMedia) : SessionEffect;

    /// <summary>Stop the media child.</summary>
    public sealed record StopMedia : SessionEffect;

    /// <summary>Tell the keeper of a node what the session wants of it, and again after a while.</summary>
    public sealed record TellTarget(string Target, PrepareMedia Ask) : SessionEffect;

    /// <summary>Limit how long the target may take.</summary>
    public sealed record LimitPreparation : SessionEffect;

    /// <summary>The target has answered.</summary>
    public sealed record ForgetPreparationLimit : SessionEffect;

    /// <summary>The target is told nothing more, and its answer is not awaited any more.</summary>
    public sealed record ForgetPreparation : SessionEffect;

    /// <summary>Have the keeper of a node remove what it has begun for the session.</summary>
    public sealed record Dismiss(string Node) : SessionEffect;

    /// <summary>Have the sender remove what it has begun for the session.</summary>
    public sealed record DismissSender : SessionEffect;

    /// <summary>Tell the placement that the session stays here.</summary>
    public sealed record TellRefused(HandOverRefused Refused) : SessionEffect;

    /// <summary>Tell the placement that the next record is being written on the target.</summary>
    public sealed record TellBegun(string Target) : SessionEffect;

    /// <summary>Tell the placement that the session has ended its part here, and again after a while.</summary>
    public sealed record TellHandedOver(string Target) : SessionEffect;

    /// <summary>Write nothing more, and hear only what belongs to the hand-over.</summary>
    public sealed record WriteNoMore : SessionEffect;

    /// <summary>Keep a message for the next incarnation.</summary>
    public sealed record Hold : SessionEffect;

    /// <summary>Pass the kept messages on to a shard.</summary>
    public sealed record PassOnHeld(int Shard) : SessionEffect;

    /// <summary>Pass a message on to a shard.</summary>
    public sealed record PassOn(int Shard) : SessionEffect;

    /// <summary>Limit how long messages are passed on.</summary>
    public sealed record LimitForwarding : SessionEffect;

    /// <summary>Nothing is awaited any more.</summary>
    public sealed record ForgetTimers : SessionEffect;

    /// <summary>Ask the keeper of this node for a record begun for the session.</summary>
    /// <param name="Waits">Whether to wait for a first frame that is still to come.</param>
    public sealed record AskKeeper(bool Waits) : SessionEffect;

    /// <summary>Take the media child of the keeper as the session's own.</summary>
    public sealed record TakeMedia(KeptMedia Kept) : SessionEffect;

    /// <summary>Stop a media child that the session does not take.</summary>
    public sealed record StopKept(IActorRef Media) : SessionEffect;

    /// <summary>Do the work that the state requires.</summary>
    public sealed record Proceed : SessionEffect;

    /// <summary>Answer the askers whose change of the running session has come true, or cannot.</summary>
    public sealed record AnswerChanges : SessionEffect;

    /// <summary>Ask for the manifests that are due.</summary>
    public sealed record AskForManifests : SessionEffect;

    /// <summary>Ask for the deliveries and the erasings that are due.</summary>
    public sealed record SeeToDeliveries : SessionEffect;

    /// <summary>Report the news to the farm's list. The answers follow.</summary>
    public sealed record Report : SessionEffect;

    /// <summary>Answer the askers whose phase has been reached.</summary>
    public sealed record Answer : SessionEffect;

    /// <summary>End this incarnation.</summary>
    public sealed record Stop : SessionEffect;
}
