using System.Globalization;
using System.Text.RegularExpressions;

namespace Recorder.Node.Hosting;

/// <summary>Durations as people write them: <c>250 ms</c>, <c>30 s</c>, <c>10 min</c>, <c>2 h</c>, or .NET's <c>00:10:00</c>.</summary>
internal static partial class Duration
{
    /// <summary>
    /// Reads a duration. A bare number is refused: .NET reads <c>30</c> as thirty days, which nobody means.
    /// </summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var match = Written().Match(text.Trim());
        if (!match.Success)
            return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);

        var number = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        var milliseconds = number * match.Groups["unit"].Value switch
        {
            "ms" => 1,
            "s" => 1_000,
            "min" => 60_000,
            "h" => 3_600_000,
            _ => 86_400_000,
        };
        if (milliseconds > TimeSpan.FromDays(10_000).TotalMilliseconds)
            return false;
        duration = TimeSpan.FromMilliseconds(milliseconds);
        return true;
    }

    /// <summary>Writes a duration in the largest unit that leaves a whole number.</summary>
    public static string Format(TimeSpan duration) => duration switch
    {
        { Ticks: 0 } => "0 s",
        _ when duration.Ticks % TimeSpan.TicksPerDay == 0 => Number(duration.TotalDays, "d"),
        _ when duration.Ticks % TimeSpan.TicksPerHour == 0 => Number(duration.TotalHours, "h"),
        _ when duration.Ticks % TimeSpan.TicksPerMinute == 0 => Number(duration.TotalMinutes, "min"),
        _ when duration.Ticks % TimeSpan.TicksPerSecond == 0 => Number(duration.TotalSeconds, "s"),
        _ => Number(duration.TotalMilliseconds, "ms"),
    };

    private static string Number(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{value} {unit}");

    [GeneratedRegex(@"^(?<number>\d{1,12}(\.\d{1,6})?) ?(?<unit>ms|s|min|h|d)$", RegexOptions.CultureInvariant)]
    private static partial Regex Written();
}
