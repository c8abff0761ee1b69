using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>
/// The farm's list in parts. One message may have at most 16 MiB in remoting. At about 0.9 kB for an ordinary
/// session, the whole list would reach this limit at about 18 000 sessions. Pure.
/// </summary>
internal static class SessionPages
{
    /// <summary>The most items in a part: records, faults, gaps and outputs, plus one for each session. With messages
    /// of 2 kB, a full part has about 4 MB.</summary>
    private const int Room = 2000;

    /// <summary>The sessions after a given one, oldest first; at least one session if there is any.</summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="after">The id of the last session that the asker knows, or 0.</param>
    /// <param name="shown">A session's summary as it is shown; null shows the list's own.</param>
    public static SessionList After(
        PlacementState state,
        int after,
        Func<PlacedSession, SessionSummary>? shown = null
    )
    {
        var page = ImmutableList.CreateBuilder<SessionSummary>();
        var held = 0;
        foreach (var session in Following(state, after))
        {
            var summary = shown?.Invoke(session) ?? session.Summary;
            held += 1 + summary.Records.Count + summary.Faults.Count + summary.Gaps.Count + summary.Outputs.Count;
            if (held > Room && page.Count > 0)
            {
                return new SessionList(page.ToImmutable()) { More = true };
            }
            page.Add(summary);
        }

        return new SessionList(page.ToImmutable());
    }

    /// <summary>The sessions after a given one. Few of the ids that were given are still in the list of a farm whose
    /// ended sessions are in the read model; then the list is shorter than the ids.</summary>
    private static IEnumerable<PlacedSession> Following(PlacementState state, int after) =>
        state.LastId - after > 4 * state.Sessions.Count
            ? state.Sessions.SkipWhile(session => session.Key <= after).Select(session => session.Value)
            : Enumerable
                .Range(after + 1, Math.Max(0, state.LastId - after))
                .Where(state.Sessions.ContainsKey)
                .Select(id => state.Sessions[id]);
}
