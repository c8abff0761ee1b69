namespace Recorder.Cluster.Settings;

/// <summary>A name that an option had in earlier versions. Every source may still set the option by that name, and
/// the node then tells the present name.</summary>
/// <param name="name">The earlier name, in the same section.</param>
/// <param name="unit">The unit of a number without a unit under this name, such as <c>s</c>. Null: a unit is needed,
/// as under the present name.</param>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
public sealed class FormerlyAttribute(string name, string? unit = null) : OptionAttribute
{
    /// <summary>The earlier name.</summary>
    public string Name { get; } = name;

    /// <summary>The unit of a number without a unit, or null.</summary>
    public string? Unit { get; } = unit;
}
