using Recorder.Benchmarks.Processes;

namespace Recorder.Benchmarks.Measuring;

/// <summary>What a process of a session is there for.</summary>
internal enum SessionPart
{
    /// <summary>The X server.</summary>
    Display,

    /// <summary>The sound server.</summary>
    Sound,

    /// <summary>Chromium with all its processes.</summary>
    Browser,

    /// <summary>What grabs, encodes and writes.</summary>
    Capture,

    /// <summary>
    /// What is left: the recorder's node process, which one farm node has once for all its sessions and which is
    /// counted here to one session alone. The peers run without theirs (Jibri's JVM and chromedriver, LiveKit's
    /// service), in their favour.
    /// </summary>
    Control,
}

/// <summary>Sorts processes into parts by what they run.</summary>
internal static class SessionParts
{
    /// <summary>The part a process belongs to, whichever system started it.</summary>
    public static SessionPart Of(ProcessState process) =>
        process.Executable switch
        {
            "Xvfb" or "xrandr" or "xkbcomp" => SessionPart.Display,
            "pulseaudio" or "pactl" => SessionPart.Sound,
            "ffmpeg" or "gst-launch-1.0" => SessionPart.Capture,
            var name when name.StartsWith("chrom", StringComparison.Ordinal) => SessionPart.Browser,
            // The product's worker is its own executable again, told apart by its command.
            _ when process.Arguments.Skip(1).Take(2).Contains("pipeline", StringComparer.Ordinal) =>
                SessionPart.Capture,
            _ => SessionPart.Control,
        };
}
