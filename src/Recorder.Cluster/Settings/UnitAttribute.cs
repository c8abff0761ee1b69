namespace Recorder.Cluster.Settings;

/// <summary>
/// The unit of an option that is a number. Of a size the attribute names the unit that a number without one has:
/// earlier versions took such numbers.
/// </summary>
/// <param name="unit">The unit, such as <c>%</c> or <c>MB</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnitAttribute(string unit) : OptionAttribute
{
    /// <summary>The unit.</summary>
    public string Unit { get; } = unit;
}
