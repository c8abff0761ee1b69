using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Recorder.Node.Tests.Repository;

/// <summary>The shipped assemblies do not depend on when and in which folder they were built.</summary>
public sealed class ReproducibleBuildTests
{
    public static TheoryData<string> Assemblies => ["recorder", "Recorder.Cluster", "Recorder.Http", "Recorder.Worker"];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_is_built_deterministically_and_names_no_folder_of_the_machine(string name)
    {
        var path = Assembly.Load(name).Location;
        using var file = new PEReader(File.OpenRead(path));
        var entries = file.ReadDebugDirectory();

        Assert.Contains(entries, entry => entry.Type == DebugDirectoryEntryType.Reproducible);
        var symbols = file.ReadCodeViewDebugDirectoryData(
            entries.Single(entry => entry.Type == DebugDirectoryEntryType.CodeView)
        );
        Assert.StartsWith("/_/src/", symbols.Path, StringComparison.Ordinal);
        using var provider = MetadataReaderProvider.FromPortablePdbStream(
            File.OpenRead(Path.ChangeExtension(path, ".pdb"))
        );
        var reader = provider.GetMetadataReader();
        Assert.All(
            reader.Documents,
            document =>
                Assert.StartsWith(
                    "/_/src/",
                    reader.GetString(reader.GetDocument(document).Name),
                    StringComparison.Ordinal
                )
        );
    }
}
