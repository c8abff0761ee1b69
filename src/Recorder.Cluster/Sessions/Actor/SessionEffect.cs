using System.Collections.Immutable;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>Something that a session does. <see cref="ProceedDecisions"/> decides what; the session's actor carries it
/// out.</summary>
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

    /// <summary>Tell the target of a hand-over what the session wants of it.</summary>
    public sealed record TellTarget : SessionEffect;

    /// <summary>Keep the session here.</summary>
    public sealed record RefuseHandOver(string Message) : SessionEffect;

    /// <summary>Leave the session to the target of its hand-over. This incarnation writes nothing more.</summary>
    public sealed record CompleteHandOver : SessionEffect;

    /// <summary>Answer the askers whose change of the running session has come true, or cannot.</summary>
    public sealed record AnswerChanges : SessionEffect;

    /// <summary>Ask for the manifests that are due.</summary>
    public sealed record AskForManifests : SessionEffect;

    /// <summary>Ask for the deliveries that are due.</summary>
    public sealed record SeeToDeliveries : SessionEffect;

    /// <summary>Report the news to the farm's list. The answers follow.</summary>
    public sealed record Report : SessionEffect;

    /// <summary>Answer the askers whose phase has been reached.</summary>
    public sealed record Answer : SessionEffect;

    /// <summary>End this incarnation.</summary>
    public sealed record Stop : SessionEffect;
}
