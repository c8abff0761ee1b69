using Recorder.Worker.GStreamer;
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
