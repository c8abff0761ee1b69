namespace Recorder.Node.Tests.Repository;

/// <summary>
/// No line of code or comment is longer than <c>max_line_length</c> of <c>.editorconfig</c>, which dotnet format does
/// not check. Texts may be longer, and so may the name of a test, which is a sentence.
/// </summary>
public sealed class LineLengthTests
{
    /// <summary>Columns.</summary>
    private const int Maximum = 120;

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void Lines_have_at_most_120_columns(string folder)
    {
        var longLines = Directory
            .EnumerateFiles(RepositoryRoot.Of(folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(LongLines)
            .ToList();

        Assert.Empty(longLines);
    }

    private static IEnumerable<string> LongLines(string file)
    {
        var inText = false;
        foreach (var (index, line) in File.ReadLines(file).Index())
        {
            var wasInText = inText;
            // A raw text begins and ends with three quotes; a line with both holds the whole of a text.
            inText ^= line.Split("\"\"\"").Length % 2 == 0;
            var isText = wasInText || inText || line.Contains('"', StringComparison.Ordinal);
            var isTestName = line.EndsWith("()", StringComparison.Ordinal) && line.Contains('_', StringComparison.Ordinal);
            if (line.Length > Maximum && !isText && !isTestName)
            {
                yield return $"{Path.GetRelativePath(RepositoryRoot.Path, file)}:{index + 1} has {line.Length} columns.";
            }
        }
    }
}
