using System.Collections.Immutable;

namespace Recorder.Worker.Loop;

/// <summary>
/// The pauses of the record's timeline within the encoders' timeline, both in nanoseconds since the beginning. A unit
/// inside a pause is left out. Each later unit moves up by the length of all pauses before it. Both tracks follow the
/// same rule, which keeps the tracks together.
/// </summary>
internal sealed record PauseTimeline
{
    private readonly ImmutableList<(ulong From, ulong Until)> _pauses;

    private PauseTimeline(ImmutableList<(ulong From, ulong Until)> pauses) => this._pauses = pauses;

    /// <summary>A timeline without a pause.</summary>
    public static PauseTimeline Unbroken { get; } = new([]);

    /// <summary>Whether the last pause has no end yet.</summary>
    public bool IsPaused => !_pauses.IsEmpty && _pauses[^1].Until == ulong.MaxValue;

    /// <summary>Begins a pause at <paramref name="time"/>, but not before the end of the last pause. A timeline that is
    /// paused already stays as it is.</summary>
    public PauseTimeline PauseFrom(ulong time) =>
        IsPaused
            ? this
            : new(_pauses.Add((_pauses.IsEmpty ? time : Math.Max(time, _pauses[^1].Until), ulong.MaxValue)));

    /// <summary>Ends the pause at <paramref name="time"/>, but not before the beginning of the pause. A timeline that
    /// is not paused stays as it is.</summary>
    public PauseTimeline UnpauseAt(ulong time) =>
        IsPaused ? new(_pauses.SetItem(_pauses.Count - 1, (_pauses[^1].From, Math.Max(time, _pauses[^1].From)))) : this;

    /// <summary>Whether a unit of this time is left out.</summary>
    public bool LeavesOut(ulong time) => _pauses.Exists(pause => pause.From <= time && time < pause.Until);

    /// <summary>The parts of a stretch of time that are not left out, in order.</summary>
    /// <param name="from">The beginning of the stretch.</param>
    /// <param name="until">The end of the stretch, which does not belong to the stretch.</param>
    public ImmutableList<(ulong From, ulong Until)> Kept(ulong from, ulong until)
    {
        var kept = ImmutableList.CreateBuilder<(ulong, ulong)>();
        foreach (var pause in _pauses)
        {
            if (pause.From > from)
            {
                var end = Math.Min(pause.From, until);
                if (end > from)
                {
                    kept.Add((from, end));
                }
            }

            from = Math.Max(from, Math.Min(pause.Until, until));
        }

        if (from < until)
        {
            kept.Add((from, until));
        }

        return kept.ToImmutable();
    }

    /// <summary>How much of the encoders' timeline before <paramref name="time"/> is not in the record.</summary>
    public ulong PausedBefore(ulong time)
    {
        ulong sum = 0;
        foreach ((var from, var until) in _pauses)
        {
            sum += time > from ? Math.Min(time, until) - from : 0;
        }

        return sum;
    }

    /// <summary>Converts a time of the record to the encoders' time. Where a pause was cut out, the result is the time
    /// of the content after the pause.</summary>
    public ulong EncodersTimeOf(ulong recordTime)
    {
        ulong sum = 0;
        foreach ((var from, var until) in _pauses)
        {
            sum += until != ulong.MaxValue && recordTime + sum >= from ? until - from : 0;
        }

        return recordTime + sum;
    }
}
