namespace Recorder.Worker.Picture;

/// <summary>The settings of x264 in addition to the session's own settings.</summary>
/// <param name="Threads">Number of encoder threads.</param>
/// <param name="LookAhead">Frames the rate control looks ahead; each is a frame of delay.</param>
internal sealed record VideoEncoding(int Threads, int LookAhead)
{
    /// <summary>The profile without CABAC.</summary>
    public const string Baseline = "baseline";

    /// <summary>The profile with transforms of 8x8.</summary>
    public const string High = "high";

    // x264 needs a frame in flight for each thread and some frames of its own. The pool of frames must have these to
    // spare.
    private const int OwnFrames = 4;

    /// <summary>
    /// Milliseconds of one core for a 1920x1080 frame at 6000 kbit/s with one thread and no B-frames. The higher of a
    /// moving test pattern and the reference clip, on an EPYC of 2.6 GHz (2026-11). The last three rows were not
    /// measured: these presets are too slow for a live picture of this size anyway.
    /// </summary>
    private static readonly (string Preset, double Cost)[] Presets =
    [
        ("ultrafast", 7),
        ("superfast", 11),
        ("veryfast", 16),
        ("faster", 24),
        ("fast", 35),
        ("medium", 40),
        ("slow", 74),
        ("slower", 180),
        ("veryslow", 350),
        ("placebo", 900),
    ];

    /// <summary>Number of frames that may be inside the encoder at a time.</summary>
    public int FramesInFlight => Threads + LookAhead + OwnFrames;

    /// <summary>True for one of x264's speed presets.</summary>
    public static bool IsPreset(string name) => Presets.Any(preset => preset.Preset == name);

    /// <summary>True for a profile that the recorder offers.</summary>
    public static bool IsProfile(string name) => name is Baseline or "main" or High;

    /// <summary>
    /// One thread, as long as one thread keeps up with room to spare for a busier picture. Each further thread is a
    /// frame of delay. Otherwise as many threads as the work needs, at most one a core.
    /// </summary>
    public static VideoEncoding For(string preset, int width, int height, int framerate, int cores)
    {
        const double fullHighDefinition = 1920.0 * 1080.0;
        const double fullestThread = 0.6;
        var cost = Presets.First(known => known.Preset == preset).Cost;
        var load = cost / 1000 * framerate * width * height / fullHighDefinition;
        var threads = Math.Clamp((int)Math.Ceiling(load / fullestThread), 1, Math.Max(1, cores));

        // x264's own look-ahead of up to 60 frames would delay the start of a record by seconds.
        var lookAhead = preset is "ultrafast" or "superfast" ? 0 : 10;
        return new VideoEncoding(threads, lookAhead);
    }
}
