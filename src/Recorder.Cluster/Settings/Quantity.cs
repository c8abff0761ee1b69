using System.Globalization;

namespace Recorder.Cluster.Settings;

/// <summary>A number and its unit, as people write them: <c>30 s</c>, <c>1.5min</c>, <c>2 GB</c>.</summary>
internal static class Quantity
{
    private const int LongestNumber = 19;

    /// <summary>Splits a text into its number and its unit. The number has digits, at most one point, and no
    /// sign.</summary>
    /// <param name="text">The text.</param>
    /// <param name="number">The number.</param>
    /// <param name="unit">The text after the number, or empty.</param>
    public static bool TryRead(string text, out double number, out string unit)
    {
        var trimmed = text.AsSpan().Trim();
        var end = 0;
        while (end < trimmed.Length && (char.IsAsciiDigit(trimmed[end]) || trimmed[end] == '.'))
        {
            end++;
        }
        var digits = trimmed[..end];
        unit = trimmed[end..].Trim().ToString();
        number = 0;
        return digits.Length is > 0 and <= LongestNumber
            && char.IsAsciiDigit(digits[0])
            && char.IsAsciiDigit(digits[^1])
            && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }
}
