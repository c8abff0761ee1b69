using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace Recorder.Architecture.Tests;

/// <summary>
/// What uses what in the built projects of <c>src</c>. A use is a type that stands in another type's code, signature or
/// attribute. Constants and names in comments leave no trace in an assembly, and do not count. A type parameter is no
/// use either: the loader takes the T of one type for that of another.
/// </summary>
internal static class Sources
{
    /// <summary>The folder of what stands directly in a project.</summary>
    public const string Root = "(root)";

    private static readonly Lazy<IReadOnlySet<Edge>> Found = new(Find);

    /// <summary>Every edge there is.</summary>
    public static IReadOnlySet<Edge> Edges => Found.Value;

    private static HashSet<Edge> Find()
    {
        var assemblies = new Dictionary<string, Assembly>(StringComparer.Ordinal);
        Load("recorder");
        var code = new ArchLoader().LoadAssemblies([.. assemblies.Values]).Build();
        var edges = new HashSet<Edge>();
        foreach (var type in code.Types)
        {
            if (PlaceOf(type) is not { } from)
            {
                continue;
            }
            foreach (var dependency in type.Dependencies)
            {
                if (dependency.Target is GenericParameter || PlaceOf(dependency.Target) is not { } to || to == from)
                {
                    continue;
                }
                edges.Add(
                    to.Project == from.Project
                        ? new Edge(from.Project, from.Folder, to.Folder)
                        : new Edge(null, from.Project, to.Project)
                );
            }
        }

        return edges;

        void Load(string name)
        {
            if (!assemblies.TryAdd(name, Assembly.Load(name)))
            {
                return;
            }
            foreach (
                var used in assemblies[name]
                    .GetReferencedAssemblies()
                    .Where(used => used.Name!.StartsWith("Recorder.", StringComparison.Ordinal))
            )
            {
                Load(used.Name!);
            }
        }
    }

    /// <summary>The project and the folder of a type; null where it is none of the sources, or made by the compiler
    /// outside of them.</summary>
    private static (string Project, string Folder)? PlaceOf(IType type)
    {
        var parts = (type.Namespace?.FullName ?? "").Split('.');
        if (parts is not ["Recorder", var project, .. var folders])
        {
            return null;
        }
        return ($"Recorder.{project}", folders.Length == 0 ? Root : string.Join('/', folders));
    }
}
