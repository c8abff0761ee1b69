using System.Collections.Immutable;

namespace Recorder.Cluster.Webhooks;

/// <summary>How many calls may begin now.</summary>
/// <param name="UnderWay">How many calls of each webhook are under way.</param>
/// <param name="MostOfOne">The most calls of one webhook at once, those under way included.</param>
/// <param name="Most">The most calls that begin.</param>
internal sealed record CallRoom(IReadOnlyDictionary<string, int> UnderWay, int MostOfOne, int Most)
{
    /// <summary>How many calls of each host and port are under way.</summary>
    public IReadOnlyDictionary<string, int> UnderWayByHost { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>The most calls of one host and port at once, those under way included. Each start of a session makes
    /// webhooks of its own, so that the bound of one webhook bounds no receiver that hangs.</summary>
    public int MostOfHost { get; init; } = int.MaxValue;
}
