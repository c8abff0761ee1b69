using System.Text.RegularExpressions;

namespace Recorder.Node.Tests.Repository;

/// <summary>What the documents point to is there.</summary>
public sealed partial class DocumentLinksTests
{
    /// <summary>Every document of the repository's root and of <c>docs/</c>, by its path from the root.</summary>
    public static TheoryData<string> Documents =>
        [
            .. Directory
                .EnumerateFiles(RepositoryRoot.Path, "*.md")
                .Concat(Directory.EnumerateFiles(RepositoryRoot.Of("docs"), "*.md", SearchOption.AllDirectories))
                .Select(file => Path.GetRelativePath(RepositoryRoot.Path, file))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_to_a_file_and_a_heading_that_exist(string document)
    {
        var path = RepositoryRoot.Of(document);

        Assert.All(
            Link()
                .Matches(WithoutCode(path))
                .Select(match => match.Groups["target"].Value)
                .Where(target => !target.Contains("://", StringComparison.Ordinal)),
            target =>
            {
                var parts = target.Split('#', 2);
                var file =
                    parts[0].Length == 0
                        ? path
                        : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, parts[0]));
                Assert.True(
                    File.Exists(file) || Directory.Exists(file),
                    $"{document} links to {target}, which is not there."
                );
                if (parts.Length == 2)
                {
                    Assert.True(
                        Headings(file).Contains(parts[1]),
                        $"{document} links to {target}, and there is no such heading."
                    );
                }
            }
        );
    }

    [Fact]
    public void Every_decision_is_in_the_list_of_decisions()
    {
        var list = File.ReadAllText(RepositoryRoot.Of("docs/decisions/README.md"));

        Assert.All(
            Directory.EnumerateFiles(RepositoryRoot.Of("docs/decisions"), "0*.md").Select(Path.GetFileName),
            file => Assert.Contains($"({file})", list, StringComparison.Ordinal)
        );
    }

    // GitHub's rule: lower case, punctuation left out, spaces as hyphens.
    private static HashSet<string> Headings(string file) =>
        [
            .. WithoutCode(file)
                .Split('\n')
                .Where(line => line.StartsWith('#'))
                .Select(line =>
                    NotInAnchor().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-')
                ),
        ];

    private static string WithoutCode(string file) => CodeBlock().Replace(File.ReadAllText(file), "");

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchor();
}
