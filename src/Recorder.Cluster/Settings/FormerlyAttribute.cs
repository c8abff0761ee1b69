namespace Recorder.Cluster.Settings;

/// <summary>A name that an option had in earlier versions. Every source may still set the option by that name, and the
/// node says what it is called now.</summary>
/// <param name="name">The earlier name, in the same section.</param>
/// <param name="unit">The unit of a number that stands without one under this name, such as <c>s</c>; null: a unit is
/// needed as under today's name.</param>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
public sealed class FormerlyAttribute(string name, string? unit = null) : OptionAttribute
{
    /// <summary>The earlier name.</summary>
    public string Name { get; } = name;

    /// <summary>The unit of a number that stands without one, or null.</summary>
    public string? Unit { get; } = unit;
}
