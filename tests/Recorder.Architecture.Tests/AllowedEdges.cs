namespace Recorder.Architecture.Tests;

/// <summary>The table <c>edges.txt</c>: what may use what, and which edges close a ring that is still to be
/// broken.</summary>
internal sealed record AllowedEdges(IReadOnlySet<Edge> Edges, IReadOnlySet<Edge> KnownRings)
{
    private const string ProjectsHeading = "projects";
    private const string RingMark = "!";

    /// <summary>Reads the table that lies beside the tests.</summary>
    public static AllowedEdges Read() => Parse(File.ReadAllLines(Path.Join(AppContext.BaseDirectory, "edges.txt")));

    /// <summary>
    /// Reads a table. A line in brackets names a project, or the projects; each line below it names a place, a colon
    /// and the places that it may use. A place behind <c>!</c> closes a ring.
    /// </summary>
    /// <exception cref="FormatException">A line is none of these, or names an edge twice; the message names
    /// it.</exception>
    public static AllowedEdges Parse(IEnumerable<string> lines)
    {
        var edges = new HashSet<Edge>();
        var rings = new HashSet<Edge>();
        string? project = null;
        foreach (var line in lines.Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0))
        {
            if (line is ['[', .. var heading, ']'])
            {
                project = heading;
                continue;
            }

            if (project is null || line.Split(':') is not [var from, var used])
            {
                throw new FormatException($"\"{line}\" is neither [a project] nor a place: the places it may use.");
            }
            foreach (var to in used.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var edge = new Edge(
                    project == ProjectsHeading ? null : project,
                    from.Trim(),
                    to.TrimStart(RingMark[0])
                );
                if (!edges.Add(edge))
                {
                    throw new FormatException($"{edge} is in the table twice.");
                }
                if (to.StartsWith(RingMark, StringComparison.Ordinal))
                {
                    rings.Add(edge);
                }
            }
        }

        return new AllowedEdges(edges, rings);
    }
}
