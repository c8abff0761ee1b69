using System.Collections.Immutable;

namespace Recorder.Cluster.Farm;

/// <summary>What a node does in its farm.</summary>
/// <param name="Names">The roles under their names in the cluster.</param>
public sealed record NodeRoles(ImmutableList<string> Names)
{
    /// <summary>The role of nodes that run sessions.</summary>
    public const string Recorder = "recorder";

    /// <summary>The role of nodes that answer HTTP for the whole farm.</summary>
    public const string Edge = "edge";

    /// <summary>The role of nodes that do neither, and only count when the farm is divided.</summary>
    public const string Voter = "voter";

    private static readonly ImmutableList<string> Known = [Recorder, Edge, Voter];

    /// <summary>Whether the node runs sessions.</summary>
    public bool Records => Names.Contains(Recorder);

    /// <summary>Whether the node answers HTTP for the farm.</summary>
    public bool AnswersHttp => Names.Contains(Edge);

    /// <summary>Reads roles separated by commas.</summary>
    /// <param name="text">The text, such as <c>recorder, edge</c>.</param>
    /// <param name="problems">The problems of the text, in sentences.</param>
    public static NodeRoles Read(string text, out ImmutableList<string> problems)
    {
        ArgumentNullException.ThrowIfNull(text);
        ImmutableList<string> names =
        [
            .. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Distinct(StringComparer.Ordinal),
        ];
        problems =
        [
            .. names
                .Where(name => !Known.Contains(name))
                .Select(name =>
                    $"\"{name}\" is no role of a node; roles are {string.Join(", ", Known)}, parted by commas."
                ),
        ];
        if (names.IsEmpty)
        {
            problems = problems.Add(
                $"The node has no role; give it {Recorder}, {Edge} or both, or {Voter} for neither."
            );
        }
        else if (names.Contains(Voter) && names.Count > 1)
        {
            problems = problems.Add(
                $"A {Voter} neither runs sessions nor answers calls, and every node has a vote; leave {Voter} away, or the other roles."
            );
        }
        return new NodeRoles([.. names.Where(Known.Contains)]);
    }
}
