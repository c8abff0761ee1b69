using System.Collections.Immutable;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>
/// The numbers of the events that a journal has given back, and the numbers that are missing between them. A database
/// that failed over to a replica which was behind has lost events, and takes later ones all the same. Pure.
/// </summary>
internal sealed record ReplayedEvents
{
    /// <summary>The number of the newest event; 0 before the first.</summary>
    public long Newest { get; init; }

    /// <summary>The missing numbers, each row of them by its first and its last number.</summary>
    public ImmutableList<(long First, long Last)> Missing { get; init; } = [];

    /// <summary>An event is given back. What was deleted before the first event is not missing.</summary>
    /// <param name="number">The event's number, from 1.</param>
    public ReplayedEvents Hear(long number) =>
        new()
        {
            Newest = number,
            Missing = Newest > 0 && number > Newest + 1 ? Missing.Add((Newest + 1, number - 1)) : Missing,
        };
}
