using System.Collections.Immutable;

namespace Recorder.Worker.Loop;

/// <summary>
/// Where the record's timeline stands still within that of the encoders, both in nanoseconds since the beginning. A
/// unit inside a pause is left out, each later one moves up by the length of all pauses before it, whichever track it
/// is of: that keeps the tracks together.
/// </summary>
internal sealed record PauseTimeline
{
    private readonly ImmutableList<(ulong From, ulong Until)> _pauses;

    private PauseTimeline(ImmutableList<(ulong From, ulong Until)> pauses) => this._pauses = pauses;

    /// <summary>Without a pause.</summary>
    public static PauseTimeline Unbroken { get; } = new([]);

    /// <summary>Whether the last pause has no end yet.</summary>
    public bool IsPaused => !_pauses.IsEmpty && _pauses[^1].Until == ulong.MaxValue;

    /// <summary>Stands still from that time on, at the earliest from the end of the last pause; the same if it stands
    /// still already.</summary>
    public PauseTimeline PauseFrom(ulong time) =>
        IsPaused
            ? this
            : new(_pauses.Add((_pauses.IsEmpty ? time : Math.Max(time, _pauses[^1].Until), ulong.MaxValue)));

    /// <summary>Goes on at that time, at the earliest when the pause begins; the same if it does not stand
    /// still.</summary>
    public PauseTimeline UnpauseAt(ulong time) =>
        IsPaused ? new(_pauses.SetItem(_pauses.Count - 1, (_pauses[^1].From, Math.Max(time, _pauses[^1].From)))) : this;

    /// <summary>Whether what has that time is left out.</summary>
    public bool LeavesOut(ulong time) => _pauses.Exists(pause => pause.From <= time && time < pause.Until);

    /// <summary>How much of the encoders' timeline before that time is not in the record.</summary>
    public ulong PausedBefore(ulong time)
    {
        ulong sum = 0;
        foreach ((var from, var until) in _pauses)
        {
            sum += time > from ? Math.Min(time, until) - from : 0;
        }

        return sum;
    }

    /// <summary>The encoders' time of what stands at a time of the record: where a pause was cut out, that of what
    /// follows it.</summary>
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
