using Recorder.Worker.GStreamer;
using Recorder.Worker.Loop;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Sound;

/// <summary>Takes the samples of a sound track. Used by one thread.</summary>
internal interface ISoundTarget
{
    /// <summary>Takes a piece, in the format of <see cref="SoundFormat"/>, which follows the piece before.</summary>
    /// <param name="first">The number of the piece's first sample in the track, from 0.</param>
    /// <param name="piece">The samples, valid during the call.</param>
    void Push(long first, ReadOnlySpan<byte> piece);

    /// <summary>Ends the track.</summary>
    void End();
}

/// <summary>Gives an encoder every sample.</summary>
/// <param name="encoder">The encoder's input.</param>
internal sealed class WholeSound(AppSrc encoder) : ISoundTarget
{
    /// <inheritdoc/>
    public void Push(long first, ReadOnlySpan<byte> piece)
    {
        var buffer = Buffer.NewAllocate(piece.Length);
        buffer.Fill(0, piece);
        buffer.Pts = SoundFormat.TimeOf(first);
        buffer.Duration = SoundFormat.TimeOf(first + (piece.Length / SoundFormat.BytesPerSample)) - buffer.Pts;
        _ = encoder.PushBuffer(buffer);
    }

    /// <inheritdoc/>
    public void End() => _ = encoder.EndOfStream();
}

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
