using System.Collections.Immutable;
using System.Data.Common;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Events;

/// <summary>A part of the feed.</summary>
/// <param name="Events">The events that the reader wants, in their order.</param>
/// <param name="ReadTo">The last place that was looked at; the next part begins after it.</param>
/// <param name="More">Whether there was more to look at.</param>
public sealed record FeedPart(ImmutableList<FarmEvent> Events, long ReadTo, bool More);

/// <summary>The bounds of the feed.</summary>
/// <param name="Last">The place of the newest event, or 0.</param>
/// <param name="DeletedTo">The last place whose events may have been deleted for their age, or 0.</param>
public sealed record FeedBounds(long Last, long DeletedTo);

/// <summary>Reads what the farm tells people.</summary>
public interface IEventFeed
{
    /// <summary>Where the feed begins and ends.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DbException">The database cannot be read.</exception>
    Task<FeedBounds> BoundsAsync(CancellationToken cancellation);

    /// <summary>The events after a place.</summary>
    /// <param name="after">The place; 0: from the beginning.</param>
    /// <param name="filter">Which events are wanted.</param>
    /// <param name="most">The most events that are looked at, at least 1.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DbException">The database cannot be read.</exception>
    Task<FeedPart> AfterAsync(long after, EventFilter filter, int most, CancellationToken cancellation);

    /// <summary>The events of a session after one of them.</summary>
    /// <param name="session">The session.</param>
    /// <param name="afterSeq">The number of the event; 0: from the beginning.</param>
    /// <param name="most">The most events, at least 1.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The events, each with its number in <see cref="SessionEvent.Seq"/>.</returns>
    /// <exception cref="DbException">The database cannot be read.</exception>
    Task<ImmutableList<SessionEvent>> OfSessionAsync(
        int session,
        long afterSeq,
        int most,
        CancellationToken cancellation
    );
}

/// <summary>An event of a session.</summary>
/// <param name="Seq">Its number among the session's events, from 1.</param>
/// <param name="Body">The event as people get it, in JSON.</param>
public sealed record SessionEvent(long Seq, string Body)
{
    /// <summary>Whether the session had all these labels.</summary>
    /// <param name="labels">The labels.</param>
    public bool Has(ImmutableList<SessionLabel> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return labels.TrueForAll(EventBody.LabelsIn(Body).Contains);
    }
}
