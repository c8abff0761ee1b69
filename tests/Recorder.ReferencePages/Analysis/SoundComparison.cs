namespace Recorder.ReferencePages;

/// <summary>A place where a record does not hold what another listener heard.</summary>
/// <param name="At">From the start of the record.</param>
/// <param name="Length">How long the two differed; zero where one sound was cut and went on at once.</param>
/// <param name="Moved">By how much the record's sound is later afterwards than before; negative: something was left
/// out.</param>
public readonly record struct SoundDifference(TimeSpan At, TimeSpan Length, TimeSpan Moved)
{
    private static readonly TimeSpan Replaced = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Followed = TimeSpan.FromMilliseconds(0.25);

    /// <summary>
    /// False for a short stretch after which nothing has moved by more than the recorder follows the server's clock.
    /// Where a browser was late, the server replaces what it has given already, and a listener has the one or the
    /// other.
    /// </summary>
    public bool IsLoss => Moved.Duration() > Followed || Length > Replaced;

    /// <inheritdoc />
    public override string ToString() =>
        FormattableString.Invariant(
            $"{At.TotalSeconds:0.000} s: other for {Length.TotalMilliseconds:0.0} ms, then {Moved.TotalMilliseconds:+0.00;-0.00;0} ms"
        );
}

/// <summary>
/// Compares a record's sound, sample by sample, with what another listener heard on the same sound server. What the
/// page itself did not play is missing from both and no difference: that is what sets this apart from
/// <see cref="ToneBreaks"/>. Made for the page <c>tone</c>.
/// </summary>
public static class SoundComparison
{
    private const double Same = 0.012;

    /// <summary>So many samples the recorder may follow the server's clock by while nothing is heard.</summary>
    private const int Following = 10;

    private static readonly TimeSpan WindowLength = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Proof = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan FarthestMove = TimeSpan.FromMilliseconds(120);
    private static readonly TimeSpan FarthestStart = TimeSpan.FromSeconds(10);

    /// <summary>The places where they differ, in order; differences of 2 ms are found, and cuts of 0.25 to 120
    /// ms.</summary>
    /// <param name="record">The record's sound.</param>
    /// <param name="other">The other listener's, begun within ten seconds of the record.</param>
    /// <param name="compared">How much was compared.</param>
    /// <exception cref="InvalidDataException">The two have nothing in common, or no tone.</exception>
    public static IReadOnlyList<SoundDifference> Of(SoundTrack record, SoundTrack other, out TimeSpan compared)
    {
        if (record.SampleRate != other.SampleRate)
        {
            throw new InvalidDataException(
                $"{record.SampleRate} and {other.SampleRate} samples a second cannot be compared."
            );
        }
        var pair = new Pair(record.Samples, other.Samples, record.SampleRate);
        var place = pair.Place();
        var differences = new List<SoundDifference>();
        var window = pair.Samples(WindowLength);
        var proof = pair.Samples(Proof);
        int? since = null;
        var first = Math.Max(0, -place);
        var at = first;
        // Of a record that was cut the place is that of its longest part; the comparison begins with the first.
        for (var probe = first; probe + proof <= other.Samples.Length; probe += window)
        {
            if (!pair.IsSilent(probe, proof) && pair.PlaceAfter(probe, place, proof) is { } begin)
            {
                place = begin;
                break;
            }
        }

        while (at + window <= other.Samples.Length && at + place + window <= record.Samples.Length)
        {
            if (pair.Deviation(at, place, window) > Same)
            {
                // The recorder follows the server's clock by a sample at a time, and by some while the page is silent:
                // no difference.
                if (since is null && pair.NextTo(place, at, window) is { } beside)
                {
                    place = beside;
                }
                else
                {
                    since ??= at;
                }
            }

            if (since is { } from && pair.PlaceAfter(at, place, proof) is { } next)
            {
                differences.Add(
                    new SoundDifference(record.Start + Time(from + place), Time(at - from), Time(next - place))
                );
                (since, place) = (null, next);
            }

            at += window;
        }

        if (since is { } open && Time(at - open) > Proof)
        {
            differences.Add(new SoundDifference(record.Start + Time(open + place), Time(at - open), TimeSpan.Zero));
        }
        compared = Time(at - first);
        return differences;

        TimeSpan Time(int samples) => TimeSpan.FromSeconds((double)samples / record.SampleRate);
    }

    private sealed class Pair(ReadOnlyMemory<short> record, ReadOnlyMemory<short> other, int rate)
    {
        private readonly double _power = PowerOf(other.Span, rate);

        public int Samples(TimeSpan time) => (int)Math.Round(time.TotalSeconds * rate);

        /// <summary>How far the two are apart, as a share of the tones' power; those of a place beyond either are far
        /// apart.</summary>
        public double Deviation(int at, int place, int length, int step = 1)
        {
            if (at < 0 || at + place < 0 || at + length > other.Length || at + place + length > record.Length)
            {
                return double.PositiveInfinity;
            }
            var left = record.Span.Slice(at + place, length);
            var right = other.Span.Slice(at, length);
            double sum = 0;
            var count = 0;
            for (var i = 0; i < length; i += step, count++)
            {
                double difference = left[i] - right[i];
                sum += difference * difference;
            }

            return sum / count / _power;
        }

        /// <summary>Where the record goes on from here: at the same place, or at the nearest that fits.</summary>
        public int? PlaceAfter(int at, int place, int proof)
        {
            var farthest = Samples(FarthestMove);
            for (var step = 0; step <= 2 * farthest; step++)
            {
                var candidate = place + (step % 2 == 0 ? -step / 2 : (step + 1) / 2);
                // Silence fits everywhere: it proves no move.
                if (
                    Deviation(at, candidate, proof / 32, 8) <= Same
                    && Deviation(at, candidate, proof) <= Same
                    && (step == 0 || !IsSilent(at, proof))
                )
                {
                    return candidate;
                }
            }

            return null;
        }

        /// <summary>The nearest place right beside this one where the record fits, if there is one.</summary>
        public int? NextTo(int place, int at, int length, int step = 1)
        {
            for (var away = 1; away <= Following; away++)
            {
                if (Deviation(at, place - away, length, step) <= Same)
                {
                    return place - away;
                }
                if (Deviation(at, place + away, length, step) <= Same)
                {
                    return place + away;
                }
            }

            return null;
        }

        /// <summary>Where the other's first sample stands in the record, at the beginning.</summary>
        public int Place()
        {
            var farthest = Samples(FarthestStart);
            var probe = Samples(TimeSpan.FromMilliseconds(20));
            // At a tenth of the sound the page plays; a place where the tones are whole is found soon.
            for (var at = other.Length / 10; at + probe < other.Length; at += probe)
            {
                if (IsSilent(at, probe))
                {
                    continue;
                }
                var candidates = new List<int>();
                for (var place = -farthest; place <= farthest; place++)
                {
                    if (Deviation(at, place, 8, 4) < Same && Deviation(at, place, probe, 8) < Same)
                    {
                        candidates.Add(place);
                    }
                }

                // For a moment many places fit; with the rising tone only one does for long.
                if (candidates.Count > 0)
                {
                    return candidates.OrderBy(Math.Abs).MinBy(place => Misfit(at, place));
                }
            }

            throw new InvalidDataException("The two sounds have nothing in common.");
        }

        /// <summary>The share of what follows that does not fit, up to where nothing fits any more.</summary>
        private double Misfit(int from, int place)
        {
            var window = Samples(WindowLength);
            var (misfits, inARow, windows) = (0, 0, 0);
            for (
                var at = from;
                at + window <= other.Length && at + place + window <= record.Length && inARow < 1000;
                at += window, windows++
            )
            {
                if (Deviation(at, place, window, 8) <= Same)
                {
                    inARow = 0;
                }
                else if (NextTo(place, at, window, 8) is { } beside)
                {
                    (place, inARow) = (beside, 0);
                }
                else
                {
                    misfits++;
                    inARow++;
                }
            }

            return (double)(misfits - inARow) / Math.Max(1, windows - inARow);
        }

        public bool IsSilent(int at, int length)
        {
            double sum = 0;
            var stretch = other.Span.Slice(at, Math.Min(length, other.Length - at));
            foreach (var sample in stretch)
            {
                sum += (double)sample * sample;
            }
            return sum < 0.5 * _power * stretch.Length;
        }

        private static double PowerOf(ReadOnlySpan<short> samples, int rate)
        {
            // The median of whole tenths of seconds: steady tones, whatever the page did at its start.
            var powers = new List<double>();
            for (var at = 0; at + (rate / 10) <= samples.Length; at += rate / 10)
            {
                double sum = 0;
                foreach (var sample in samples.Slice(at, rate / 10))
                {
                    sum += (double)sample * sample;
                }
                powers.Add(sum / (rate / 10));
            }

            powers.Sort();
            var median = powers.Count == 0 ? 0 : powers[powers.Count / 2];
            return median > 100 * 100 ? median : throw new InvalidDataException("The other listener heard no tone.");
        }
    }
}
