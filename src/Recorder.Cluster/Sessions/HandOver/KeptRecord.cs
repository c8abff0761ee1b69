using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;

namespace Recorder.Cluster.Sessions.HandOver;

/// <summary>How far a record is that was begun for a session of another node.</summary>
internal enum KeptStep
{
    /// <summary>The first frame is awaited.</summary>
    Preparing,

    /// <summary>The first frame is written. The session's next incarnation is awaited.</summary>
    Prepared,

    /// <summary>The session's next incarnation has the record.</summary>
    Adopted,

    /// <summary>The record was not adopted, or its adopter is gone. The record is being ended, and goes into the
    /// session's list.</summary>
    Finishing,

    /// <summary>The record is not wanted. Its media are ending; then the file is removed.</summary>
    Removing,
}

/// <summary>A record that a keeper has begun for a session of another node.</summary>
/// <param name="Ask">The latest request for this record.</param>
/// <param name="Path">The absolute path of the record.</param>
/// <param name="Asker">The sender of the latest request.</param>
internal sealed record KeptRecord(PrepareMedia Ask, string Path, IActorRef Asker)
{
    public KeptStep Step { get; init; }

    /// <summary>The incarnation that has adopted the record, or waits for the record's first frame.</summary>
    public IActorRef Session { get; init; } = ActorRefs.Nobody;

    /// <summary>When the first frame was written.</summary>
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>Whether the record's timeline was last told to stand still.</summary>
    public bool Paused { get; init; }

    /// <summary>Why the record could not be prepared. Told once every process has ended.</summary>
    public string? Failure { get; init; }

    /// <summary>How the record was finished, or null while that is not known.</summary>
    public RecordFinished? Finished { get; init; }

    /// <summary>What the media child has reported since the first frame, for the session that adopts the
    /// record.</summary>
    public ImmutableList<IMediaEvent> Said { get; init; } = [];

    /// <summary>Whether the record may still be adopted, so that the placement holds room for its session.</summary>
    public bool HoldsRoom => Step is KeptStep.Preparing or KeptStep.Prepared;
}

/// <summary>Where a keeper is.</summary>
/// <param name="Node">The node's cluster address.</param>
internal sealed record KeeperPlace(string Node)
{
    /// <summary>The id of the node's records folder; null where it is not known, or while the folder is away.</summary>
    public FolderId? Folder { get; init; }

    /// <summary>The farm's time minus the node's time.</summary>
    public TimeSpan ClockOffset { get; init; }
}

/// <summary>Something that happens to a kept record, or to a session without one.</summary>
internal abstract record KeeperInput
{
    private KeeperInput() { }

    /// <summary>Another node wants the next record of a session.</summary>
    /// <param name="Ask">The request.</param>
    /// <param name="Asker">The sender.</param>
    /// <param name="NextPath">Names a record. Called only if a record is begun.</param>
    public sealed record Wanted(PrepareMedia Ask, IActorRef Asker, Func<string> NextPath) : KeeperInput;

    /// <summary>The other node does not want the record any more.</summary>
    public sealed record Dismissed : KeeperInput;

    /// <summary>The session's next incarnation, on this node, asks for the record.</summary>
    public sealed record AdoptionWished(AdoptMedia Ask, IActorRef Session) : KeeperInput;

    /// <summary>The media child has reported something.</summary>
    public sealed record Heard(IMediaEvent Event) : KeeperInput;

    /// <summary>The first frame, or the adoption, has not come in time.</summary>
    public sealed record LimitPassed : KeeperInput;

    /// <summary>The incarnation that has adopted the record is gone.</summary>
    public sealed record SessionGone : KeeperInput;

    /// <summary>The media child is gone.</summary>
    public sealed record MediaGone : KeeperInput;
}

/// <summary>Something that a keeper does for one session.</summary>
internal abstract record KeeperEffect
{
    private KeeperEffect() { }

    /// <summary>Make a media child, and begin the record.</summary>
    public sealed record Begin : KeeperEffect;

    /// <summary>Tell the media child a command.</summary>
    public sealed record Command(IMediaCommand ToMedia) : KeeperEffect;

    /// <summary>End the record that nobody adopted.</summary>
    public sealed record Finish : KeeperEffect;

    /// <summary>Stop the media child.</summary>
    public sealed record StopMedia : KeeperEffect;

    /// <summary>Limit how long the first frame may take.</summary>
    public sealed record LimitFrame : KeeperEffect;

    /// <summary>Limit how long the record is kept without another request.</summary>
    public sealed record LimitAdoption : KeeperEffect;

    /// <summary>The record has no limit any more.</summary>
    public sealed record ForgetLimit : KeeperEffect;

    /// <summary>Answer a request of another node.</summary>
    public sealed record AnswerAsker(IActorRef Asker, object Reply) : KeeperEffect;

    /// <summary>Give the record to a session's incarnation.</summary>
    public sealed record Give(IActorRef Session) : KeeperEffect;

    /// <summary>Tell a session's incarnation that there is no record.</summary>
    public sealed record AnswerNothing(IActorRef Session) : KeeperEffect;

    /// <summary>Learn of the end of the incarnation that has adopted the record.</summary>
    public sealed record WatchSession(IActorRef Session) : KeeperEffect;

    /// <summary>Pass an event of the media child on to the session.</summary>
    public sealed record PassOn(IActorRef Session, IMediaEvent Event) : KeeperEffect;

    /// <summary>Tell the placement what is kept.</summary>
    public sealed record TellPlacement : KeeperEffect;

    /// <summary>Have the record put into the session's list.</summary>
    public sealed record Leave(RecordLeft Record) : KeeperEffect;

    /// <summary>Remove the record's file.</summary>
    public sealed record RemoveRecord(string Path) : KeeperEffect;
}

/// <summary>What follows from an input.</summary>
/// <param name="Kept">The record then, or null without one.</param>
/// <param name="Effects">What to do, in order.</param>
internal sealed record KeeperStep(KeptRecord? Kept, ImmutableList<KeeperEffect> Effects);
