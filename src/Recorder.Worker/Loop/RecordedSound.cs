using Recorder.Worker.Sound;

namespace Recorder.Worker.Loop;

/// <summary>
/// Gives an encoder the samples that belong to the record, without those of a pause. A pause is cut out before the
/// encoder, because Ogg, MP3 and FLAC number their frames, and a missing frame would be heard as a fault.
/// </summary>
/// <param name="target">Where the samples go.</param>
/// <param name="gate">Knows the pauses.</param>
internal sealed class RecordedSound(ISoundTarget target, PauseGate gate) : ISoundTarget
{
    private long _written;

    /// <summary>Number of samples that were given to the encoder. From any thread.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <inheritdoc/>
    public void Push(long first, ReadOnlySpan<byte> piece)
    {
        var last = first + (piece.Length / SoundFormat.BytesPerSample);
        foreach (var (from, until) in gate.Kept(SoundFormat.TimeOf(first), SoundFormat.TimeOf(last)))
        {
            var begin = Math.Max(first, SoundFormat.SamplesBefore(from));
            var end = Math.Min(last, SoundFormat.SamplesBefore(until));
            if (end > begin)
            {
                target.Push(
                    _written,
                    piece[
                        (int)((begin - first) * SoundFormat.BytesPerSample)..(int)(
                            (end - first) * SoundFormat.BytesPerSample
                        )
                    ]
                );
                Volatile.Write(ref _written, _written + end - begin);
            }
        }
    }

    /// <inheritdoc/>
    public void End() => target.End();
}
