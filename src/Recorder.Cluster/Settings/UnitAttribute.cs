namespace Recorder.Cluster.Settings;

/// <summary>
/// The unit of an option that is a number. For a size, the attribute names the unit of a number without a unit,
/// because earlier versions accepted such numbers.
/// </summary>
/// <param name="unit">The unit, such as <c>%</c> or <c>MB</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnitAttribute(string unit) : OptionAttribute
{
    /// <summary>The unit.</summary>
    public string Unit { get; } = unit;
}
