namespace Recorder.ReferencePages;

/// <summary>A stretch of the recording.</summary>
public readonly record struct Stretch(TimeSpan From, TimeSpan Length);

/// <summary>
/// The sound of a recording mixed to mono. Where the file's timestamps leave a hole, the hole is filled with silence,
/// so that sample n is heard at <see cref="Start"/> + n / <see cref="SampleRate"/>.
/// </summary>
/// <param name="Samples">Signed 16 bit.</param>
/// <param name="SampleRate">Hz.</param>
/// <param name="Start">When the first sample is heard, from the start of the file.</param>
/// <param name="Holes">Where the file holds no samples at all.</param>
public sealed record SoundTrack(
    ReadOnlyMemory<short> Samples,
    int SampleRate,
    TimeSpan Start,
    IReadOnlyList<Stretch> Holes
)
{
    /// <summary>Below this a window counts as silent unless told otherwise, dBFS.</summary>
    public const double DefaultSilence = -60;

    /// <summary>How long the sound is.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Samples.Length / SampleRate);

    /// <summary>The largest sample, dBFS; negative infinity for digital silence.</summary>
    public double PeakLevel
    {
        get
        {
            var peak = 0;
            foreach (var sample in Samples.Span)
            {
                peak = Math.Max(peak, Math.Abs((int)sample));
            }
            return Decibels(peak);
        }
    }

    /// <summary>The root mean square of all samples, dBFS; negative infinity for digital silence.</summary>
    public double RmsLevel => Decibels(Rms(Samples.Span));

    /// <summary>No sample is louder than <see cref="DefaultSilence"/>.</summary>
    public bool IsSilent => PeakLevel < DefaultSilence;

    /// <summary>
    /// Stretches whose level stays below <paramref name="below"/> dBFS, measured in windows of 10 ms. The reference
    /// pages' quiet tone (about −37 dBFS) never pauses, so any such stretch on them is sound that was lost.
    /// </summary>
    /// <param name="atLeast">Shorter stretches are left out.</param>
    /// <param name="below">dBFS.</param>
    public IReadOnlyList<Stretch> SilentStretches(TimeSpan atLeast, double below = DefaultSilence)
    {
        var stretches = new List<Stretch>();
        var window = Math.Max(1, SampleRate / 100);
        int? silentFrom = null;
        for (var at = 0; at < Samples.Length; at += window)
        {
            var silent = Decibels(Rms(Samples.Span.Slice(at, Math.Min(window, Samples.Length - at)))) < below;
            if (silent)
            {
                silentFrom ??= at;
            }
            else
            {
                Close(at);
            }
        }

        Close(Samples.Length);
        return stretches;

        void Close(int end)
        {
            if (silentFrom is not { } from)
            {
                return;
            }
            silentFrom = null;
            var length = TimeSpan.FromSeconds((double)(end - from) / SampleRate);
            if (length >= atLeast)
            {
                stretches.Add(new Stretch(TimeAt(from), length));
            }
        }
    }

    /// <summary>When each 1 kHz beep begins, to well under a millisecond.</summary>
    public IReadOnlyList<TimeSpan> BeepOnsets() =>
        [
            .. BeepDetector
                .Onsets(Samples.Span, SampleRate)
                .Select(sample => Start + TimeSpan.FromSeconds(sample / SampleRate)),
        ];

    private TimeSpan TimeAt(int sample) => Start + TimeSpan.FromSeconds((double)sample / SampleRate);

    private static double Rms(ReadOnlySpan<short> samples)
    {
        double sum = 0;
        foreach (var sample in samples)
        {
            sum += (double)sample * sample;
        }
        return samples.Length == 0 ? 0 : Math.Sqrt(sum / samples.Length);
    }

    private static double Decibels(double amplitude) => 20 * Math.Log10(amplitude / 32768);
}
