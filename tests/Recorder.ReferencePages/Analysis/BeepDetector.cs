namespace Recorder.ReferencePages;

/// <summary>
/// Finds where bursts of <see cref="ReferenceClip.BeepFrequency"/> begin. The signal is multiplied by a complex tone of
/// that frequency and averaged over a window of 5 ms: 5 cycles of the beep and, on either side of it, whole cycles of
/// the pages' 200 Hz tone, which therefore vanishes. The window is centred, so the average of a tone that starts
/// abruptly passes half its height exactly at the start.
/// </summary>
internal static class BeepDetector
{
    private const double WindowSeconds = 0.005;

    /// <summary>The envelope is kept for every so many samples; a finer step gains nothing after
    /// interpolation.</summary>
    private const int Step = 8;

    /// <summary>Amplitude, of full scale, under which nothing is a beep: −46 dBFS.</summary>
    private const double LowestAmplitude = 0.005;

    /// <summary>Beeps come once a second: what follows sooner is the same beep, torn by lost sound.</summary>
    private const double DeadSeconds = 0.3;

    /// <returns>The sample, with a fraction, at which each beep begins.</returns>
    public static IReadOnlyList<double> Onsets(ReadOnlySpan<short> samples, int sampleRate)
    {
        var envelope = Envelope(samples, sampleRate);
        if (envelope.Length == 0)
        {
            return [];
        }

        // A beep fills a tenth of the time: this percentile lies on its plateau even where many beeps are lost.
        var sorted = (float[])envelope.Clone();
        Array.Sort(sorted);
        var plateau = sorted[(int)(0.98 * (sorted.Length - 1))];
        if (plateau < LowestAmplitude)
        {
            return [];
        }

        var onsets = new List<double>();
        var half = plateau / 2;
        for (var i = 1; i < envelope.Length; i++)
        {
            if (envelope[i - 1] >= half || envelope[i] < half)
            {
                continue;
            }
            var fraction = (half - envelope[i - 1]) / (envelope[i] - envelope[i - 1]);
            var onset = (i - 1 + fraction) * Step;
            if (onsets.Count == 0 || onset - onsets[^1] > DeadSeconds * sampleRate)
            {
                onsets.Add(onset);
            }
        }

        return onsets;
    }

    /// <summary>Amplitude of the tone (1 is full scale) around every <see cref="Step"/>th sample.</summary>
    private static float[] Envelope(ReadOnlySpan<short> samples, int sampleRate)
    {
        var window = (int)Math.Round(WindowSeconds * sampleRate);
        var before = window / 2;
        var period = sampleRate / (int)Gcd(sampleRate, ReferenceClip.BeepFrequency);
        var tone = new (double Cos, double Sin)[period];
        for (var i = 0; i < period; i++)
        {
            var angle = 2 * Math.PI * ReferenceClip.BeepFrequency * i / sampleRate;
            tone[i] = (Math.Cos(angle), Math.Sin(angle));
        }

        var envelope = new float[samples.Length / Step];
        double inPhase = 0,
            quadrature = 0;
        // The running window covers [centre − before, centre − before + window).
        for (var head = 0; head - window + before < samples.Length; head++)
        {
            if (head < samples.Length)
            {
                Add(samples[head], head, 1);
            }
            if (head >= window)
            {
                Add(samples[head - window], head - window, -1);
            }
            var centre = head - window + 1 + before;
            if (centre >= 0 && centre % Step == 0 && centre / Step < envelope.Length)
            {
                envelope[centre / Step] = (float)(
                    2 * Math.Sqrt(inPhase * inPhase + quadrature * quadrature) / window / 32768
                );
            }
        }

        return envelope;

        void Add(short sample, int index, int sign)
        {
            var (cos, sin) = tone[index % period];
            inPhase += sign * sample * cos;
            quadrature += sign * sample * sin;
        }
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
