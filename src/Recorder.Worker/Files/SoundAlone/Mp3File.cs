using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Files.SoundAlone;

/// <summary>
/// The MP3 files that this program writes: frames of one length from the first byte on, since the bit rate is constant
/// and a rate of 48 kHz needs no padding (ISO 11172-3, 2.4.2.3). Such a file plays as it grows, and its length tells
/// its duration.
/// </summary>
internal static class Mp3File
{
    /// <summary>Samples of a frame.</summary>
    public const int FrameSamples = 1152;

    private const int Rate = 48000;
    private const int HeadBytes = 4;

    // Kilobits a second of MPEG-1 layer 3.
    private static readonly int[] Bitrates =
    [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0,
    ];

    /// <summary>Cuts an incomplete frame off the end. Null: nothing plays.</summary>
    /// <exception cref="IOException">The file cannot be read or shortened.</exception>
    public static FileSummary? Trim(string path) => SoundLength.Trim(path, Read);

    /// <summary>What plays of a file; null when the file does not begin with a frame.</summary>
    public static SoundLength? Read(SafeFileHandle file)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        if (RandomAccess.Read(file, head, 0) < HeadBytes || head[0] != 0xFF || (head[1] & 0xFE) != 0xFA)
        {
            return null;
        }

        var bitrate = Bitrates[head[2] >> 4];
        if (bitrate == 0 || (head[2] >> 2 & 3) != 1)
        {
            return null;
        }

        var frame = FrameSamples / 8 * bitrate * 1000 / Rate;
        var frames = RandomAccess.GetLength(file) / frame;
        return new SoundLength(frames * FrameSamples, Rate, frames * frame);
    }
}
