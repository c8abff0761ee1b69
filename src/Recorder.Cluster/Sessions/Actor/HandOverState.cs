using Recorder.Cluster.Sessions.HandOver;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>How far an incarnation of a session is on the way from one node to another.</summary>
internal abstract record HandOverState
{
    private HandOverState() { }

    /// <summary>The session is on no way.</summary>
    public sealed record Staying : HandOverState;

    /// <summary>The keeper of this node has been asked for a record begun for the session, and has not answered
    /// yet.</summary>
    /// <param name="WaitedUntil">Until when the session waited for room before it was asked to resume here, or
    /// null.</param>
    public sealed record Adopting(DateTimeOffset? WaitedUntil) : HandOverState;

    /// <summary>The target has been asked for the next record.</summary>
    /// <param name="Target">The node that the session is handed over to.</param>
    /// <param name="Shard">The shard that the session has here, as the hand-over names it.</param>
    /// <param name="Paused">Whether the target was last told that the record's timeline is to stand still.</param>
    public sealed record Preparing(string Target, int Shard, bool Paused) : HandOverState;

    /// <summary>The next record is being written on the target, so the record here is ended.</summary>
    /// <param name="Target">The node that the session is handed over to.</param>
    /// <param name="Shard">The shard that the session has here.</param>
    public sealed record TakenOver(string Target, int Shard) : HandOverState;

    /// <summary>This incarnation writes nothing more. The placement is told so until it answers.</summary>
    /// <param name="Target">The node that the session is handed over to.</param>
    /// <param name="Shard">The shard that the session has here.</param>
    public sealed record HandedOver(string Target, int Shard) : HandOverState;

    /// <summary>The session has another shard. Messages to its shard here are passed on.</summary>
    /// <param name="Shard">The shard that the session had here.</param>
    /// <param name="Next">The shard that the session has now.</param>
    public sealed record Forwarding(int Shard, int Next) : HandOverState;
}

/// <summary>Something that happens to a session on its way.</summary>
internal abstract record HandOverInput
{
    private HandOverInput() { }

    /// <summary>The placement wants the session on another node.</summary>
    public sealed record Asked(string Target, int Shard) : HandOverInput;

    /// <summary>A keeper has the next record, with its first frame.</summary>
    /// <param name="OfTarget">Whether the keeper is on the node that the session is handed over to.</param>
    public sealed record Prepared(bool OfTarget) : HandOverInput;

    /// <summary>A keeper could not begin the next record.</summary>
    /// <param name="OfTarget">Whether the keeper is on the node that the session is handed over to.</param>
    /// <param name="Message">Why, as one sentence.</param>
    public sealed record NotPrepared(bool OfTarget, string Message) : HandOverInput;

    /// <summary>The target is to be told that its record is still wanted.</summary>
    public sealed record PreparationDue : HandOverInput;

    /// <summary>The target has not answered.</summary>
    public sealed record PreparationLimitPassed : HandOverInput;

    /// <summary>The session has reached another state, and proceeds.</summary>
    public sealed record Proceeded : HandOverInput;

    /// <summary>Nothing more is written here.</summary>
    public sealed record RecordEnded : HandOverInput;

    /// <summary>The session is to resume, or to end, without media here. A record may have been begun for
    /// it.</summary>
    /// <param name="WaitedUntil">Until when the session is known to have waited for room, or null.</param>
    public sealed record AdoptionWished(DateTimeOffset? WaitedUntil) : HandOverInput;

    /// <summary>The keeper of this node has a record for the session.</summary>
    /// <param name="Media">The record and its media child.</param>
    /// <param name="Known">Whether the media child is the session's already.</param>
    public sealed record Kept(KeptMedia Media, bool Known) : HandOverInput;

    /// <summary>The keeper of this node has no record for the session.</summary>
    public sealed record NothingKept : HandOverInput;

    /// <summary>The placement is to be told again.</summary>
    public sealed record HandOverDue : HandOverInput;

    /// <summary>The placement has given the session a shard.</summary>
    public sealed record Accepted(int Shard) : HandOverInput;

    /// <summary>Messages have been passed on for long enough.</summary>
    public sealed record ForwardingEnded : HandOverInput;

    /// <summary>Sharding wants the incarnation to stop, or the farm's list does not know the session.</summary>
    public sealed record LeaveWished : HandOverInput;

    /// <summary>The placement wants the session to resume here.</summary>
    public sealed record ResumeWished : HandOverInput;

    /// <summary>A caller wants the session to stop.</summary>
    public sealed record StopWished : HandOverInput;

    /// <summary>Any other message for the session.</summary>
    public sealed record Questioned : HandOverInput;
}
