namespace Recorder.Architecture.Tests;

/// <summary>Rings in a set of edges.</summary>
internal static class Rings
{
    /// <summary>The edges that lie on a ring: from their end a way leads back to their beginning.</summary>
    public static IReadOnlyList<Edge> On(IReadOnlyCollection<Edge> edges)
    {
        var used = edges.ToLookup(edge => (edge.Within, edge.From), edge => (edge.Within, edge.To));
        return
        [
            .. edges
                .Where(edge => Leads((edge.Within, edge.To), (edge.Within, edge.From)))
                .OrderBy(edge => edge.ToString(), StringComparer.Ordinal),
        ];

        bool Leads((string? Within, string Place) from, (string? Within, string Place) to)
        {
            var seen = new HashSet<(string?, string)> { from };
            var waiting = new Queue<(string?, string)>(seen);
            while (waiting.TryDequeue(out var place))
            {
                if (place == to)
                {
                    return true;
                }
                foreach (var next in used[place].Where(seen.Add))
                {
                    waiting.Enqueue(next);
                }
            }

            return false;
        }
    }
}
