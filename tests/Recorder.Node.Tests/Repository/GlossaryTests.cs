using System.Text.RegularExpressions;

namespace Recorder.Node.Tests.Repository;

/// <summary>The glossary and the code use the same words.</summary>
public sealed partial class GlossaryTests
{
    private const string Glossary = "docs/glossary.md";

    /// <summary>Every identifier of the sources, comments and texts left out.</summary>
    private static readonly Lazy<HashSet<string>> Source = new(() => Identifiers("src"));

    /// <summary>Every document but the glossary itself.</summary>
    private static readonly Lazy<string> Documents = new(() =>
        string.Join(
            '\n',
            Directory
                .EnumerateFiles(RepositoryRoot.Of("docs"), "*.md", SearchOption.AllDirectories)
                .Append(RepositoryRoot.Of("README.md"))
                .Where(file => !file.EndsWith("glossary.md", StringComparison.Ordinal))
                .Select(File.ReadAllText)
        )
    );

    /// <summary>Each word with what the glossary says of its place in the code.</summary>
    public static TheoryData<string, string> Words
    {
        get
        {
            var words = new TheoryData<string, string>();
            foreach (var row in Rows("# Glossary").Concat(Rows("## Verbs of questions")))
            {
                words.Add(row[0], row[^1]);
            }
            return words;
        }
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void Every_word_is_in_use_and_its_places_in_the_code_exist(string word, string places)
    {
        var named = Code().Matches(places).Select(match => match.Groups["name"].Value).ToList();

        Assert.NotEmpty(named);
        Assert.All(
            named,
            name =>
                Assert.True(
                    Source.Value.Contains(name),
                    $"The glossary says that {word} is {name} in the code, and no such name is there."
                )
        );
        Assert.All(
            word.Split(", "),
            one =>
                Assert.True(
                    Documents.Value.Contains(one, StringComparison.OrdinalIgnoreCase)
                        || Source.Value.Any(name =>
                            name.Contains(
                                one.Replace("-", "", StringComparison.Ordinal),
                                StringComparison.OrdinalIgnoreCase
                            )
                        ),
                    $"Neither a document nor the code uses the word {one} of the glossary."
                )
        );
    }

    [Fact]
    public void Names_that_were_given_up_do_not_come_back()
    {
        var givenUp = Rows("## Names that do not come back")
            .SelectMany(row => Code().Matches(row[0]).Select(match => match.Groups["name"].Value))
            .ToList();

        Assert.NotEmpty(givenUp);
        Assert.Empty(givenUp.Intersect(Source.Value));
        Assert.Empty(givenUp.Intersect(Identifiers("tests")));
    }

    /// <summary>The cells of each row of the table under a heading.</summary>
    private static IEnumerable<string[]> Rows(string heading) =>
        File.ReadLines(RepositoryRoot.Of(Glossary))
            .SkipWhile(line => line != heading)
            .Skip(1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Where(line => line.StartsWith('|'))
            .Skip(2)
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));

    private static HashSet<string> Identifiers(string folder) =>
        [
            .. Directory
                .EnumerateFiles(RepositoryRoot.Of(folder), "*.cs", SearchOption.AllDirectories)
                .Where(file =>
                    !file.Contains("/obj/", StringComparison.Ordinal)
                    && !file.Contains("/bin/", StringComparison.Ordinal)
                )
                .SelectMany(file =>
                    Identifier().Matches(NotCode().Replace(File.ReadAllText(file), "")).Select(match => match.Value)
                ),
        ];

    [GeneratedRegex("`(?<name>[A-Za-z]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("\"\"\"[\\s\\S]*?\"\"\"|//.*|\"[^\"\\n]*\"")]
    private static partial Regex NotCode();

    [GeneratedRegex("[A-Za-z_][A-Za-z0-9_]*")]
    private static partial Regex Identifier();
}
