namespace Recorder.Harness.Nodes;

/// <summary>
/// The executable of a release after this one: the built node, with <c>Recorder.Cluster</c> compiled once more with
/// what is in <c>tests/Recorder.NextBuild</c>. Only one assembly is compiled, in a folder that is removed afterwards.
/// </summary>
internal sealed class NextBuild : IDisposable
{
    private readonly DirectoryInfo _folder;

    private NextBuild(DirectoryInfo folder) => _folder = folder;

    /// <summary>The version that the build tells.</summary>
    public const string Version = "0.999.0";

    /// <summary>The executable.</summary>
    public string Executable => Path.Join(_folder.FullName, "node", Path.GetFileName(RecorderNode.Executable));

    /// <summary>Makes the build, which takes some ten seconds.</summary>
    public static async Task<NextBuild> MakeAsync()
    {
        var build = new NextBuild(Directory.CreateTempSubdirectory("recorder-next-"));
        try
        {
            var root = build._folder.FullName;
            var built = await ToolRun.RunAsync(
                "dotnet",
                "build",
                Path.Join(SourceRoot(), "src", "Recorder.Cluster"),
                "--configuration",
                "Release",
                "--no-restore",
                "--nologo",
                "-nodeReuse:false",
                $"-p:NextBuild={root}",
                $"-p:Version={Version}",
                "-p:BuildProjectReferences=false",
                "-p:RunAnalyzers=false",
                "-p:UseSharedCompilation=false"
            );
            Assert.True(built.ExitCode == 0, $"The next build was not made: {built.Output}{built.Errors}");
            Copy(new DirectoryInfo(Path.GetDirectoryName(RecorderNode.Executable)!), Path.Join(root, "node"));
            File.Copy(
                Path.Join(root, "out", "Recorder.Cluster.dll"),
                Path.Join(root, "node", "Recorder.Cluster.dll"),
                overwrite: true
            );
            return build;
        }
        catch
        {
            build.Dispose();
            throw;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string SourceRoot()
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(RecorderNode.Executable)!);
        while (!File.Exists(Path.Join(folder.FullName, "recorder.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The sources of the recorder are not here.");
        }
        return folder.FullName;
    }

    private static void Copy(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in from.EnumerateFiles())
        {
            file.CopyTo(Path.Join(to, file.Name));
        }
        foreach (var folder in from.EnumerateDirectories())
        {
            Copy(folder, Path.Join(to, folder.Name));
        }
    }
}
