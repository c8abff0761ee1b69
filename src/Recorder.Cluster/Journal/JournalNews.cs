using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Journal;

/// <summary>The journal of this node has begun a write, ended a write, or met a database that is away.</summary>
/// <param name="Pending">How many writes are under way now.</param>
/// <param name="Waiting">How many of these writes have been refused by the database and wait for the next try.</param>
internal sealed record JournalNews(int Pending, int Waiting) : INodeNews
{
    /// <summary>The write that has just ended, or null.</summary>
    public EndedWrite? Ended { get; init; }
}

/// <summary>A write that has ended.</summary>
/// <param name="Took">The time from the first try to the end.</param>
/// <param name="Written">Whether the events are in the journal.</param>
internal sealed record EndedWrite(TimeSpan Took, bool Written);
