using System.Globalization;

namespace Recorder.Cluster.Settings;

/// <summary>The values that an option may have, both ends included. Every number, duration and size states its
/// range.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeAttribute : OptionAttribute
{
    /// <summary>The range of a duration or a size, such as <c>1 s</c> to <c>10 min</c>.</summary>
    /// <param name="least">The least value, with its unit.</param>
    /// <param name="most">The greatest value, with its unit.</param>
    public RangeAttribute(string least, string most) => (Least, Most) = (least, most);

    /// <summary>The range of a number, in the unit of its <see cref="UnitAttribute"/>.</summary>
    /// <param name="least">The least value.</param>
    /// <param name="most">The greatest value.</param>
    public RangeAttribute(double least, double most)
        : this(least.ToString(CultureInfo.InvariantCulture), most.ToString(CultureInfo.InvariantCulture)) { }

    /// <summary>The least value, as people write it.</summary>
    public string Least { get; }

    /// <summary>The greatest value, as people write it.</summary>
    public string Most { get; }
}
