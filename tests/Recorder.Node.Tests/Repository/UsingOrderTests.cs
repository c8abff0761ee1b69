using System.Text.RegularExpressions;

namespace Recorder.Node.Tests.Repository;

/// <summary>
/// The using directives of a file are in order: those of System first, then by name. <c>deploy/test</c> looks at white
/// space only, since the build holds all other rules of the style; of the order the build says nothing.
/// </summary>
public sealed partial class UsingOrderTests
{
    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void Using_directives_are_in_order(string folder)
    {
        var disordered = Directory
            .EnumerateFiles(RepositoryRoot.Of(folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !IsInOrder(UsedBy(file)))
            .Select(file => Path.GetRelativePath(RepositoryRoot.Path, file))
            .ToList();

        Assert.Empty(disordered);
    }

    [Theory]
    [InlineData(true, "System", "System.Text", "Akka.Actor", "Recorder.Worker")]
    [InlineData(true, "Recorder.Worker.Streams", "Recorder.Worker.Streams.Srt")]
    [InlineData(false, "System.Text", "System.Linq")]
    [InlineData(false, "Akka.Actor", "System.Linq")]
    [InlineData(false, "Recorder.Worker", "Recorder.Http")]
    public void System_comes_first_and_the_rest_by_name(bool ordered, params string[] names) =>
        Assert.Equal(ordered, IsInOrder(names));

    private static bool IsInOrder(IReadOnlyList<string> names) =>
        names.SequenceEqual(
            names
                .OrderBy(name => name != "System" && !name.StartsWith("System.", StringComparison.Ordinal))
                // A dot comes before every letter, so that a namespace stands before what is in the namespace.
                .ThenBy(name => name.Replace('.', '\u0001'), StringComparer.OrdinalIgnoreCase)
        );

    private static List<string> UsedBy(string file) =>
        [
            .. File.ReadLines(file)
                .TakeWhile(line =>
                    line.Length == 0 || line[0] == '/' || line.StartsWith("using ", StringComparison.Ordinal)
                )
                .Select(line => Directive().Match(line))
                .Where(match => match.Success)
                .Select(match => match.Groups[1].Value),
        ];

    [GeneratedRegex(@"^using ([\w.]+);$")]
    private static partial Regex Directive();
}
