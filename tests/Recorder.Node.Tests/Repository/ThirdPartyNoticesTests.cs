using System.Text.Json;

namespace Recorder.Node.Tests.Repository;

/// <summary>The notices name what is built with, no more and no less.</summary>
public sealed class ThirdPartyNoticesTests
{
    [Fact]
    public void Every_package_of_the_lock_files_is_named_and_no_other()
    {
        var packages = Directory
            .EnumerateFiles(RepositoryRoot.Of("src"), "packages.lock.json", SearchOption.AllDirectories)
            .SelectMany(PackagesOf)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.OrdinalIgnoreCase)
            .ToList();
        var named = File.ReadLines(RepositoryRoot.Of("THIRD-PARTY-NOTICES.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Skip(1)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1])
            .ToList();

        Assert.NotEmpty(packages);
        Assert.Equal(packages, named, StringComparer.OrdinalIgnoreCase);
    }

    private static List<string> PackagesOf(string lockFile)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(lockFile));
        return
        [
            .. document
                .RootElement.GetProperty("dependencies")
                .EnumerateObject()
                .SelectMany(framework => framework.Value.EnumerateObject())
                .Where(package => package.Value.GetProperty("type").GetString() is not "Project")
                .Select(package => package.Name),
        ];
    }
}
