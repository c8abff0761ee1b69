using System.Runtime.InteropServices;

namespace Recorder.Worker.Sound;

/// <summary>Makes a piece of sound a little longer or shorter. The change is even, so the piece begins and ends as
/// before.</summary>
internal static class SoundStretch
{
    private const int Channels = 2;

    /// <summary>The piece with <paramref name="samples"/> more samples, or with fewer when the number is
    /// negative.</summary>
    /// <param name="piece">Sound in the format of <see cref="SoundFormat"/>, at least two samples.</param>
    /// <param name="samples">A small number compared to the piece's length.</param>
    public static byte[] By(ReadOnlySpan<byte> piece, int samples)
    {
        var from = MemoryMarshal.Cast<byte, short>(piece);
        var length = from.Length / Channels;
        var stretched = new byte[(length + samples) * SoundFormat.BytesPerSample];
        var to = MemoryMarshal.Cast<byte, short>(stretched.AsSpan());
        var step = (length - 1.0) / (length + samples - 1.0);
        for (var i = 0; i < length + samples; i++)
        {
            var before = Math.Min((int)(i * step), length - 2);
            var share = (i * step) - before;
            for (var channel = 0; channel < Channels; channel++)
            {
                var at = (before * Channels) + channel;
                to[(i * Channels) + channel] = (short)Math.Round(from[at] + (share * (from[at + Channels] - from[at])));
            }
        }

        return stretched;
    }
}
