using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>
/// The farm's list in parts. As one message it would outgrow what remoting takes in one (16 MiB): at about 0.9 kB for
/// an ordinary session, after some 18 000 of them. Pure.
/// </summary>
internal static class SessionPages
{
    /// <summary>What a part may hold, in records, faults and gaps, each session itself being one more: with messages of
    /// 2 kB some 4 MB.</summary>
    private const int Room = 2000;

    /// <summary>The sessions after one, oldest first; at least one if there is any.</summary>
    /// <param name="state">The farm's list.</param>
    /// <param name="after">The id of the last session that is known, or 0.</param>
    public static SessionList After(PlacementState state, int after)
    {
        var page = ImmutableList.CreateBuilder<SessionSummary>();
        var held = 0;
        for (var id = after + 1; id <= state.LastId; id++)
        {
            if (!state.Sessions.TryGetValue(id, out var session))
            {
                continue;
            }
            var summary = session.Summary;
            held += 1 + summary.Records.Count + summary.Faults.Count + summary.Gaps.Count + summary.Outputs.Count;
            if (held > Room && page.Count > 0)
            {
                return new SessionList(page.ToImmutable()) { More = true };
            }
            page.Add(summary);
        }

        return new SessionList(page.ToImmutable());
    }
}
