using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Recorder.Architecture.Tests.TestProjects;

/// <summary>
/// What the code of a test class reaches: every type that its methods name, those of its bases and fixtures, and those
/// of all code in the test projects that they call. The walk ends where the product begins: a name of the product
/// counts, and what the product does inside does not.
/// </summary>
internal sealed class Reach
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Queue<MethodDefinition> _waiting = [];
    private string _through = "";

    private Reach(TypeDefinition type) => Whole(type);

    /// <summary>The full names of the types, and of the methods called as <c>type::method</c>, each with the method
    /// that names it first.</summary>
    public static IReadOnlyDictionary<string, string> Of(TypeDefinition type)
    {
        var reach = new Reach(type);
        while (reach._waiting.TryDequeue(out var method))
        {
            reach.Walk(method);
        }
        return reach._names;
    }

    /// <summary>All of a class: its bases, what it implements (fixtures are arguments of an interface), its methods and
    /// its nested types.</summary>
    private void Whole(TypeDefinition type)
    {
        if (!_seen.Add($"all of {type.FullName}"))
        {
            return;
        }
        if (_through.Length == 0)
        {
            _through = type.FullName;
        }
        if (type.BaseType is { } ancestor)
        {
            Name(ancestor);
            if (TestClass.Resolve(ancestor) is { } definition && TestClass.IsOfTests(definition))
            {
                Whole(definition);
            }
        }

        foreach (var arguments in type.Interfaces.Select(each => each.InterfaceType).OfType<GenericInstanceType>())
        {
            Name(arguments);
            if (!arguments.Name.Contains("Fixture", StringComparison.Ordinal))
            {
                continue;
            }
            foreach (
                var fixture in arguments
                    .GenericArguments.Select(TestClass.Resolve)
                    .OfType<TypeDefinition>()
                    .Where(TestClass.IsOfTests)
            )
            {
                Whole(fixture);
            }
        }

        foreach (var method in type.Methods)
        {
            Add(method);
        }
        foreach (var nested in type.NestedTypes.Where(IsMadeByTheCompiler))
        {
            Whole(nested);
        }
    }

    private void Add(MethodDefinition method)
    {
        if (_seen.Add(method.FullName))
        {
            _waiting.Enqueue(method);
        }
    }

    private void Walk(MethodDefinition method)
    {
        _through = $"{method.DeclaringType.FullName}.{method.Name}";
        Name(method.ReturnType);
        foreach (var parameter in method.Parameters)
        {
            Name(parameter.ParameterType);
        }
        if (!method.HasBody)
        {
            return;
        }
        foreach (var variable in method.Body.Variables)
        {
            Name(variable.VariableType);
        }
        foreach (var instruction in method.Body.Instructions)
        {
            switch (instruction.Operand)
            {
                case TypeReference type:
                    Name(type);
                    break;
                case FieldReference field:
                    Name(field.FieldType);
                    Name(field.DeclaringType);
                    break;
                case MethodReference called:
                    _names.TryAdd($"{called.DeclaringType.FullName}::{called.Name}", _through);
                    Name(called.DeclaringType);
                    Name(called.ReturnType);
                    if (called is GenericInstanceMethod generic)
                    {
                        foreach (var argument in generic.GenericArguments)
                        {
                            Name(argument);
                        }
                    }
                    if (
                        called.DeclaringType.Scope is not null
                        && TestClass.Resolve(called.DeclaringType) is { } declaring
                        && TestClass.IsOfTests(declaring)
                    )
                    {
                        // Whoever gets the new object may call all of its methods.
                        if (instruction.OpCode.Code == Code.Newobj)
                        {
                            Whole(declaring);
                        }
                        else if (called.Resolve() is { } definition)
                        {
                            Add(definition);
                        }
                    }

                    break;
            }
        }
    }

    private void Name(TypeReference type)
    {
        switch (type)
        {
            case GenericInstanceType generic:
                foreach (var argument in generic.GenericArguments)
                {
                    Name(argument);
                }
                Name(generic.ElementType);
                return;
            case TypeSpecification made:
                Name(made.ElementType);
                return;
            case GenericParameter:
                return;
        }

        if (!_names.TryAdd(type.FullName, _through))
        {
            return;
        }
        if (TestClass.Resolve(type) is not { } definition || !TestClass.IsOfTests(definition))
        {
            return;
        }
        if (IsMadeByTheCompiler(definition))
        {
            Whole(definition);
        }
        else if (
            definition.Methods.FirstOrDefault(method => method.IsConstructor && method.IsStatic) is { } initializer
        )
        {
            Add(initializer);
        }
    }

    private static bool IsMadeByTheCompiler(TypeDefinition type) => type.Name.StartsWith('<');
}
