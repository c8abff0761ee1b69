using System.Text.Json;

namespace Recorder.Node.Tests.Repository;

/// <summary><c>deploy/sbom</c> as whoever ships the recorder runs it.</summary>
[Trait("ring", "media")]
public sealed class BillOfMaterialsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-sbom-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_names_every_package_of_the_program_with_its_version()
    {
        await ToolRun.OutputOfAsync(RepositoryRoot.Of("deploy/sbom"), _folder);

        using var told = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Join(_folder, "recorder.cdx.json"))
        );
        Assert.Equal("CycloneDX", told.RootElement.GetProperty("bomFormat").GetString());
        var named = told
            .RootElement.GetProperty("components")
            .EnumerateArray()
            .ToDictionary(
                component => component.GetProperty("name").GetString()!,
                component => component.GetProperty("version").GetString(),
                StringComparer.OrdinalIgnoreCase
            );
        using var locked = JsonDocument.Parse(
            await File.ReadAllTextAsync(RepositoryRoot.Of("src/Recorder.Node/packages.lock.json"))
        );
        var packages = locked
            .RootElement.GetProperty("dependencies")
            .GetProperty("net10.0")
            .EnumerateObject()
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            // An analyzer is no part of the program.
            .Where(package => !package.Name.EndsWith("Analyzers", StringComparison.Ordinal))
            .ToList();
        Assert.True(packages.Count > 50, $"The lock file names {packages.Count} packages.");
        Assert.All(
            packages,
            package => Assert.Equal(package.Value.GetProperty("resolved").GetString(), named[package.Name])
        );
    }
}
