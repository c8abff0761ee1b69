using System.Numerics;

namespace Recorder.ReferencePages;

/// <summary>
/// Finds where steady tones are not steady: where sound was left out, put in or silenced, however briefly. A stretch
/// that is left out moves the phase of what follows; tones whose periods do not fit into each other show every length.
/// </summary>
public static class ToneBreaks
{
    /// <summary>The frequencies of the page <c>tone</c> that stay, in Hz.</summary>
    public static readonly IReadOnlyList<double> OfThePage = [440, 997, 1780];

    private const double WindowSeconds = 0.02;
    private const int HopsInAWindow = 4;
    private const double LeastPhase = 0.6;
    private const double LeastShare = 0.7;
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(60);

    /// <summary>The times of the breaks, from the start of the sound on, to about 20 ms.</summary>
    /// <param name="sound">Sound that holds nothing but the tones.</param>
    /// <param name="frequencies">The tones, in Hz.</param>
    public static IReadOnlyList<TimeSpan> In(SoundTrack sound, IReadOnlyList<double> frequencies)
    {
        var breaks = new SortedSet<TimeSpan>();
        foreach (var frequency in frequencies)
        {
            var seen = Windows(sound, frequency);
            if (seen.Length <= HopsInAWindow)
            {
                continue;
            }
            var usual = seen.Select(window => window.Magnitude).Order().ElementAt(seen.Length / 2);
            for (var i = HopsInAWindow; i < seen.Length; i++)
            {
                var turned = Math.Abs((seen[i] * Complex.Conjugate(seen[i - HopsInAWindow])).Phase);
                if (turned > LeastPhase || seen[i].Magnitude < LeastShare * usual)
                {
                    breaks.Add(sound.Start + TimeSpan.FromSeconds(i * WindowSeconds / HopsInAWindow));
                }
            }
        }

        var apart = new List<TimeSpan>();
        TimeSpan? last = null;
        foreach (var at in breaks)
        {
            if (last is not { } before || at - before > Together)
            {
                apart.Add(at);
            }
            last = at;
        }

        return apart;
    }

    /// <summary>The tone in each window, its own turning taken away: of a steady tone all are the same.</summary>
    private static Complex[] Windows(SoundTrack sound, double frequency)
    {
        var samples = sound.Samples.Span;
        var length = (int)(WindowSeconds * sound.SampleRate);
        var hop = length / HopsInAWindow;
        var turn = -2 * Math.PI * frequency / sound.SampleRate;
        var weights = new Complex[length];
        for (var i = 0; i < length; i++)
        {
            weights[i] = Complex.FromPolarCoordinates((1 - Math.Cos(2 * Math.PI * i / length)) / length, turn * i);
        }
        var windows = new Complex[Math.Max(0, (samples.Length - length) / hop)];
        for (var window = 0; window < windows.Length; window++)
        {
            var sum = Complex.Zero;
            for (var i = 0; i < length; i++)
            {
                sum += samples[(window * hop) + i] * weights[i];
            }
            windows[window] = sum * Complex.FromPolarCoordinates(1, turn * (window * hop % (double)sound.SampleRate));
        }

        return windows;
    }
}
