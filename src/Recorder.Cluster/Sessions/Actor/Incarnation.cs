using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>Whether an incarnation of a session has a media child.</summary>
internal enum MediaChild
{
    None,
    Present,

    /// <summary>The child has failed and is ending its processes. The next child begins when this one is
    /// gone.</summary>
    Ending,
}

/// <summary>All that decides what one incarnation of a session does next: the session's state, and what this
/// incarnation knows beside the journal.</summary>
/// <param name="State">The session.</param>
internal sealed record Incarnation(SessionState State)
{
    /// <summary>What the media child has reported and the journal does not have.</summary>
    public LiveFigures Live { get; init; } = new();

    /// <summary>What the media child has been asked for.</summary>
    public MediaStanding Standing { get; init; } = new();

    public MediaChild Media { get; init; }

    /// <summary>Whether the next try of the media has a time.</summary>
    public bool RetryAwaited { get; init; }

    /// <summary>How many tries have followed each other without a record that lasted.</summary>
    public int Retries { get; init; }

    /// <summary>How far the incarnation is on the way to another node.</summary>
    public HandOverState HandOver { get; init; } = new HandOverState.Staying();

    /// <summary>Whether a caller waits for the end of the session.</summary>
    public bool StopWished { get; init; }

    /// <summary>Whether sharding wants the incarnation to stop.</summary>
    public bool LeavesNode { get; init; }

    /// <summary>Whether the farm's list has been told the news.</summary>
    public bool Reported { get; init; }

    /// <summary>Whether this incarnation already acts for the session, or will act without being asked.</summary>
    public bool Alive => Media != MediaChild.None || RetryAwaited;

    /// <summary>Whether this incarnation begins no new record.</summary>
    public bool Leaving => LeavesNode || TakenOver;

    /// <summary>Whether the next record is being written on another node, so that the record here is ended.</summary>
    public bool TakenOver =>
        HandOver is HandOverState.TakenOver or HandOverState.HandedOver or HandOverState.Forwarding;
}
