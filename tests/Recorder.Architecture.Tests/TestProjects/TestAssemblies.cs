using System.Reflection;
using Mono.Cecil;

namespace Recorder.Architecture.Tests.TestProjects;

/// <summary>The built test projects, and what their tests are made of.</summary>
internal static class TestAssemblies
{
    /// <summary>The folder <c>tests</c> of the repository.</summary>
    public static string Folder { get; } =
        typeof(TestAssemblies)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "Tests")
            .Value!;

    private static readonly Lazy<IReadOnlyDictionary<string, AssemblyDefinition>> Read = new(ReadAll);

    /// <summary>The test projects by name, and by their names the projects that they share.</summary>
    public static IReadOnlyDictionary<string, AssemblyDefinition> All => Read.Value;

    /// <summary>The classes with tests, of all test projects.</summary>
    public static IReadOnlyList<TestClass> Classes { get; } =
    [
        .. All
            .Values.Where(IsTestProject)
            .SelectMany(assembly => assembly.MainModule.Types.SelectMany(WithNested))
            .Where(IsTestClass)
            .Select(type => new TestClass(type)),
    ];

    private static bool IsTestProject(AssemblyDefinition assembly) =>
        assembly.Name.Name.EndsWith(".Tests", StringComparison.Ordinal);

    private static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) =>
        [type, .. type.NestedTypes.SelectMany(WithNested)];

    private static bool IsTestClass(TypeDefinition type) =>
        !type.IsAbstract
        && TestClass
            .WithBases(type)
            .SelectMany(each => each.Methods)
            .Any(method => method.CustomAttributes.Any(attribute => IsFact(attribute.AttributeType)));

    private static bool IsFact(TypeReference? attribute)
    {
        for (; attribute is not null; attribute = TestClass.Resolve(attribute)?.BaseType)
        {
            if (attribute.FullName == "Xunit.FactAttribute")
            {
                return true;
            }
        }
        return false;
    }

    private static Dictionary<string, AssemblyDefinition> ReadAll()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = output.Parent!.Name;
        var assemblies = new Dictionary<string, AssemblyDefinition>(StringComparer.Ordinal);
        foreach (
            var project in Directory
                .GetDirectories(Folder)
                .Select(folder => Path.GetFileName(folder)!)
                .Where(name => File.Exists(Path.Join(Folder, name, $"{name}.csproj")))
        )
        {
            var file = Path.Join(Folder, project, "bin", configuration, output.Name, $"{project}.dll");
            if (!File.Exists(file))
            {
                throw new FileNotFoundException(
                    $"{file} is not there. Build the whole of recorder.sln first: dotnet build recorder.sln -c {configuration}",
                    file
                );
            }
            var resolver = new DefaultAssemblyResolver();
            resolver.AddSearchDirectory(Path.GetDirectoryName(file));
            resolver.AddSearchDirectory(AppContext.BaseDirectory);
            resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
            assemblies.Add(
                project,
                AssemblyDefinition.ReadAssembly(file, new ReaderParameters { AssemblyResolver = resolver })
            );
        }

        return assemblies;
    }
}
