using System.Collections.Immutable;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Live;

/// <summary>The frames of one segment.</summary>
/// <param name="Start">Time of the segment's first picture, in nanoseconds of the record's timeline.</param>
/// <param name="End">Time of the next segment's first picture, or the end of the record.</param>
/// <param name="Pictures">The segment's pictures; the first is a key frame.</param>
/// <param name="Sound">The sound from the segment's start to its end.</param>
internal sealed record SegmentUnits<T>(ulong Start, ulong End, ImmutableList<T> Pictures, ImmutableList<T> Sound);

/// <summary>
/// Cuts two tracks into segments at key frames. The sound before a cut may come later than the key frame at the cut. So
/// a segment is complete when sound from behind the cut has come, or pictures of more than a second from there.
/// </summary>
/// <typeparam name="T">An encoded frame.</typeparam>
internal sealed class HlsSegmenter<T>
{
    private readonly List<Unit> _pictures = [];
    private readonly List<Unit> _sound = [];
    private ulong? _cut;

    /// <summary>Adds a unit of the record.</summary>
    /// <returns>The segment that the unit completes; null if no segment is complete.</returns>
    public SegmentUnits<T>? Add(EncodedTrack track, ulong time, ulong duration, bool isDelta, T content)
    {
        Unit unit = new(time, duration, content);
        if (track == EncodedTrack.Audio)
        {
            _sound.Add(unit);
        }
        else if (_pictures.Count > 0 || !isDelta)
        {
            _pictures.Add(unit);
            _cut ??= !isDelta && time >= _pictures[0].Time + HlsSegmenter.CutAfter ? time : null;
        }

        var until = _cut ?? ulong.MaxValue;
        return
            _cut is not null
            && (
                (_sound.Count > 0 && _sound[^1].Time >= until)
                || _pictures[^1].Time >= until + HlsSegmenter.SoundPatience
            )
            ? Take(until)
            : null;
    }

    /// <summary>Whether the key frame for the next cut is overdue.</summary>
    public bool WantsKeyFrame =>
        _cut is null && _pictures.Count > 0 && _pictures[^1].Time >= _pictures[0].Time + HlsSegmenter.Overdue;

    /// <summary>The segments that are left at the end, at most two.</summary>
    public IEnumerable<SegmentUnits<T>> End()
    {
        if (_cut is { } until)
        {
            yield return Take(until);
        }

        if (_pictures.Count > 0)
        {
            yield return Take(_pictures[^1].Time + _pictures[^1].Duration);
        }
    }

    private SegmentUnits<T> Take(ulong until)
    {
        var start = _pictures[0].Time;
        SegmentUnits<T> segment = new(
            start,
            until,
            [.. _pictures.Where(unit => unit.Time < until).Select(unit => unit.Content)],
            [.. _sound.Where(unit => unit.Time < until).Select(unit => unit.Content)]
        );
        _pictures.RemoveAll(unit => unit.Time < until);
        _sound.RemoveAll(unit => unit.Time < until);
        _cut = null;
        return segment;
    }

    private readonly record struct Unit(ulong Time, ulong Duration, T Content);
}

/// <summary>Lengths of segments, in nanoseconds.</summary>
internal static class HlsSegmenter
{
    /// <summary>A segment ends at the first key frame that is this far from its start. <see cref="LiveKeyFrames"/>
    /// provides a key frame after some 4 s.</summary>
    public const ulong CutAfter = 3_500_000_000;

    /// <summary>At this distance from a segment's start, one more key frame is requested, as after a pause.</summary>
    public const ulong Overdue = 4_300_000_000;

    /// <summary>How far pictures may be ahead of a sound track that has stopped.</summary>
    public const ulong SoundPatience = 1_000_000_000;
}
