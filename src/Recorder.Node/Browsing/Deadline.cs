using System.Diagnostics;

namespace Recorder.Node.Browsing;

/// <summary>A limit that several steps share.</summary>
/// <param name="limit">How long the steps may take together, from now on.</param>
internal sealed class Deadline(TimeSpan limit)
{
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>How long the steps may take together.</summary>
    public TimeSpan Limit => limit;

    /// <summary>The time left, at least a millisecond: a wait of less would not notice an end that has already
    /// come.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = limit - Stopwatch.GetElapsedTime(_began);
            return left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
        }
    }

    /// <summary>Whether no time is left.</summary>
    public bool Passed => Stopwatch.GetElapsedTime(_began) >= limit;
}
