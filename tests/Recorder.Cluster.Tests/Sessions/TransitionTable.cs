using System.Runtime.CompilerServices;

namespace Recorder.Cluster.Tests.Sessions;

/// <summary>What follows from an input.</summary>
/// <param name="Before">The state before.</param>
/// <param name="Next">The state then.</param>
/// <param name="Does">The effects, in words and in order.</param>
internal sealed record Transition(string Before, string Next, string Does)
{
    public Transition(string before, string next, IEnumerable<string> effects)
        : this(before, next, string.Join("; ", effects)) { }

    /// <summary>Whether the state stays the same and nothing is done.</summary>
    public bool IsNothing => Before == Next && Does.Length == 0;
}

/// <summary>One line of a table of transitions.</summary>
internal sealed record TransitionRow
{
    private const string Same = "the same";
    private readonly IReadOnlyList<string> _states;
    private readonly IReadOnlyList<string> _inputs;
    private readonly string _condition;
    private readonly string _next;
    private readonly string _does;

    /// <param name="inputs">The inputs that the line is about.</param>
    /// <param name="condition">What else has to be true, or empty.</param>
    /// <param name="transitions">What follows from these inputs. One line must be able to say it.</param>
    public TransitionRow(
        IReadOnlyList<string> inputs,
        string condition,
        IReadOnlyList<Transition> transitions
    )
    {
        _states = [.. transitions.Select(transition => transition.Before).Distinct()];
        _inputs = inputs;
        _condition = condition;
        _next = transitions.All(transition => transition.Next == transition.Before)
            ? Same
            : Assert.Single(transitions.Select(transition => transition.Next).Distinct());
        _does = Assert.Single(transitions.Select(transition => transition.Does).Distinct());
    }

    /// <summary>Whether the line says what follows from an input.</summary>
    public bool Tells(string input, Transition transition) =>
        _inputs.Contains(input)
        && _states.Contains(transition.Before)
        && _does == transition.Does
        && transition.Next == (_next == Same ? transition.Before : _next);

    /// <summary>The line in Markdown.</summary>
    public override string ToString()
    {
        string[] cells =
        [
            string.Join(", ", _states.Select(state => $"`{state}`")),
            string.Join("; or ", _inputs),
            _condition,
            _next == Same ? Same : $"`{_next}`",
            _does.Length == 0 ? "nothing" : _does,
        ];
        return $"| {string.Join(" | ", cells)} |";
    }
}

/// <summary>A table of transitions in <c>docs/architecture.md</c>. With <c>RECORDER_WRITE_TABLES=1</c> it is
/// written.</summary>
internal static class TransitionTable
{
    private static readonly string Page = FindPage();

    /// <summary>Holds the lines of a table against the page.</summary>
    /// <param name="header">The first line of the table.</param>
    /// <param name="rows">The lines that the table must have.</param>
    public static void AssertEqual(string header, IEnumerable<TransitionRow> rows)
    {
        var expected = rows.Select(row => row.ToString()).ToList();
        var lines = File.ReadAllLines(Page).ToList();
        var at = lines.IndexOf(header);
        Assert.True(at >= 0, $"docs/architecture.md has no table that begins with {header}");
        var begin = at + 2;
        var end = lines.FindIndex(begin, line => !line.StartsWith('|'));
        if (Environment.GetEnvironmentVariable("RECORDER_WRITE_TABLES") == "1")
        {
            File.WriteAllLines(Page, [.. lines[..begin], .. expected, .. lines[end..]]);
            return;
        }
        Assert.Equal(expected, lines[begin..end]);
    }

    private static string FindPage([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(
            Path.Join(Path.GetDirectoryName(thisFile), "..", "..", "..", "docs", "architecture.md")
        );
}
