namespace Recorder.ReferencePages;

/// <summary>How far the sound is from the picture, flash by flash.</summary>
/// <param name="Offsets">Sound minus picture, ms, one for each flash that has a beep within half a second: positive is
/// sound that comes late.</param>
/// <param name="FlashesWithoutBeep">Flashes no beep belongs to.</param>
/// <param name="BeepsWithoutFlash">Beeps no flash belongs to.</param>
public sealed record SyncOffsets(IReadOnlyList<double> Offsets, int FlashesWithoutBeep, int BeepsWithoutFlash)
{
    /// <summary>The middle offset with its sign, ms; not a number where there is none.</summary>
    public double Median
    {
        get
        {
            var sorted = Offsets.Order().ToList();
            return sorted.Count == 0 ? double.NaN : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        }
    }

    /// <summary>The |offset| that the given share of flashes does not exceed, ms (nearest rank); not a number where
    /// there is none.</summary>
    /// <param name="share">0–1, such as 0.8.</param>
    public double AbsolutePercentile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var sorted = Offsets.Select(Math.Abs).Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }

    /// <summary>Pairs each flash with its nearest beep, each beep used once.</summary>
    public static SyncOffsets Pair(IReadOnlyList<TimeSpan> flashes, IReadOnlyList<TimeSpan> beeps)
    {
        ArgumentNullException.ThrowIfNull(flashes);
        ArgumentNullException.ThrowIfNull(beeps);
        var free = beeps.ToList();
        var offsets = new List<double>();
        foreach (var flash in flashes)
        {
            var nearby = free.Where(beep => (beep - flash).Duration() < TimeSpan.FromSeconds(0.5)).ToList();
            if (nearby.Count == 0)
            {
                continue;
            }
            var nearest = nearby.MinBy(beep => (beep - flash).Duration());
            free.Remove(nearest);
            offsets.Add((nearest - flash).TotalMilliseconds);
        }

        return new SyncOffsets(offsets, flashes.Count - offsets.Count, free.Count);
    }
}
