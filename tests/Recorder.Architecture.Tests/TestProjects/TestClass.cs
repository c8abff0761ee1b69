using Mono.Cecil;

namespace Recorder.Architecture.Tests.TestProjects;

/// <summary>A class with tests in a built test project.</summary>
/// <param name="Type">The class as it was compiled.</param>
internal sealed record TestClass(TypeDefinition Type)
{
    /// <summary>The name of the class's project.</summary>
    public string Project => Type.Module.Assembly.Name.Name;

    /// <summary>
    /// The marks <c>[Trait("ring", …)]</c> of the class, of its bases, and of single methods. xUnit gives a test all of
    /// them.
    /// </summary>
    public IReadOnlyList<string> Marks =>
        [
            .. WithBases(Type).SelectMany(RingsIn),
            .. WithBases(Type).SelectMany(type => type.Methods).SelectMany(RingsIn),
        ];

    /// <inheritdoc/>
    public override string ToString() => Type.FullName;

    /// <summary>A type and its bases, as far as they are in the test projects.</summary>
    public static IEnumerable<TypeDefinition> WithBases(TypeDefinition type)
    {
        for (
            var each = type;
            each is not null && IsOfTests(each);
            each = each.BaseType is null ? null : Resolve(each.BaseType)
        )
        {
            yield return each;
        }
    }

    /// <summary>Whether a type is in one of the projects in <c>tests</c>.</summary>
    public static bool IsOfTests(TypeDefinition type) => TestAssemblies.All.ContainsKey(type.Module.Assembly.Name.Name);

    /// <summary>The definition of a type; null where its assembly is not beside the tests.</summary>
    public static TypeDefinition? Resolve(TypeReference type)
    {
        try
        {
            return type.Resolve();
        }
        catch (AssemblyResolutionException)
        {
            return null;
        }
    }

    private static IEnumerable<string> RingsIn(ICustomAttributeProvider marked) =>
        marked
            .CustomAttributes.Where(attribute =>
                attribute.AttributeType.FullName == "Xunit.TraitAttribute"
                && attribute.ConstructorArguments is [{ Value: "ring" }, _]
            )
            .Select(attribute => (string)attribute.ConstructorArguments[1].Value);
}
