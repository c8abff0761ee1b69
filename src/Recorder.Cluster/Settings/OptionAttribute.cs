namespace Recorder.Cluster.Settings;

/// <summary>
/// What a property of an options class states about its option, besides the type and the default. Checks, help,
/// <c>appsettings.json</c> and <c>docs/operations.md</c> follow from these attributes and from the property's
/// <see cref="System.ComponentModel.DescriptionAttribute"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class OptionAttribute : Attribute;
