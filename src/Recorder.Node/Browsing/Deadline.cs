using System.Diagnostics;

namespace Recorder.Node.Browsing;

/// <summary>A limit that several steps share.</summary>
/// <param name="limit">How long they may take together, from now on.</param>
internal sealed class Deadline(TimeSpan limit)
{
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>How long they may take together.</summary>
    public TimeSpan Limit => limit;

    /// <summary>What is left of it, at least a millisecond: who waits for less hears of no end that has come
    /// already.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = limit - Stopwatch.GetElapsedTime(_began);
            return left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
        }
    }

    /// <summary>Whether nothing is left of it.</summary>
    public bool Passed => Stopwatch.GetElapsedTime(_began) >= limit;
}
