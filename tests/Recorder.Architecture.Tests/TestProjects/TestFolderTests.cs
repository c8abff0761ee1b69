namespace Recorder.Architecture.Tests.TestProjects;

/// <summary>Tests lie where their sources do: a folder of a test project is a folder of the project that it
/// tests.</summary>
public sealed class TestFolderTests
{
    /// <summary>Folders that no source is behind, each with its reason.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["Recorder.Cluster.Tests/Hosting/Driver"] = "drives a farm of many nodes by a seed",
        ["Recorder.Node.Tests/Delivery/Peers"] = "sends records to real servers",
        ["Recorder.Node.Tests/Repository"] = "tests of the repository itself: its documents, licences and builds",
    };

    [Fact]
    public void Every_folder_with_tests_is_a_folder_with_sources()
    {
        var missing = Mirrored()
            .SelectMany(pair =>
                pair.Folders.Where(folder => !Directory.Exists(Path.Join(pair.Sources, folder)))
                    .Select(folder => $"{pair.Project}/{folder}")
            );

        Assert.Equal(Exceptions.Keys.Order(StringComparer.Ordinal), missing.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_project_of_the_sources_has_one_with_its_tests() =>
        Assert.Equal(
            Directory
                .GetDirectories(Path.Join(TestAssemblies.Folder, "..", "src"))
                .Select(folder => $"{Path.GetFileName(folder)}.Tests")
                .Order(StringComparer.Ordinal),
            Mirrored().Select(pair => pair.Project).Order(StringComparer.Ordinal)
        );

    private static IEnumerable<(string Project, string Sources, IReadOnlyList<string> Folders)> Mirrored() =>
        from folder in Directory.GetDirectories(TestAssemblies.Folder, "*.Tests")
        let project = Path.GetFileName(folder)
        let sources = Path.Join(folder, "..", "..", "src", project[..^".Tests".Length])
        where Directory.Exists(sources)
        select (project, sources, FoldersIn(folder));

    private static IReadOnlyList<string> FoldersIn(string project) =>
        [
            .. Directory
                .EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(project, Path.GetDirectoryName(file)!))
                .Where(folder => folder != "." && folder.Split('/')[0] is not ("bin" or "obj"))
                .Distinct(),
        ];
}
