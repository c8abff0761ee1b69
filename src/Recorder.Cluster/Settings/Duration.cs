using System.Globalization;

namespace Recorder.Cluster.Settings;

/// <summary>Durations as people write them: <c>250 ms</c>, <c>30 s</c>, <c>10 min</c>, <c>2 h</c>, <c>7 d</c>, or
/// .NET's <c>00:10:00</c>.</summary>
public static class Duration
{
    private static readonly (string Name, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("min", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads a duration. A number without a unit is refused: .NET reads <c>30</c> as thirty days, which is
    /// never meant.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration, at most 10000 days.</param>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = default;
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
        }
        if (!Quantity.TryRead(text, out var number, out var name))
        {
            return false;
        }
        var unit = Array.Find(Units, unit => unit.Name == name);
        if (unit.Ticks == 0 || number * unit.Ticks > TimeSpan.FromDays(10_000).Ticks)
        {
            return false;
        }
        duration = TimeSpan.FromTicks((long)Math.Round(number * unit.Ticks));
        return true;
    }

    /// <summary>Writes a duration in the largest unit that leaves a whole number.</summary>
    /// <param name="duration">The duration.</param>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0 s";
        }
        var unit = Array.Find(Units, unit => duration.Ticks % unit.Ticks == 0);
        return unit.Ticks == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / unit.Ticks} {unit.Name}");
    }
}
