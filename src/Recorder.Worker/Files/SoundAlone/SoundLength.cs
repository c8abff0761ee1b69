using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Files.SoundAlone;

/// <summary>What plays of a file of sound alone.</summary>
/// <param name="Samples">Number of samples that play.</param>
/// <param name="Rate">Samples a second.</param>
/// <param name="WholeBytes">Length of the file without an incomplete end.</param>
internal readonly record struct SoundLength(long Samples, int Rate, long WholeBytes)
{
    /// <summary>Cuts an incomplete end off a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Reads the file; null: the file holds nothing playable.</param>
    /// <returns>The content of the file; null when nothing plays.</returns>
    public static FileSummary? Trim(string path, Func<SafeFileHandle, SoundLength?> read)
    {
        using var file = File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        if (read(file) is not { Samples: > 0 } length)
        {
            return null;
        }

        if (length.WholeBytes < RandomAccess.GetLength(file))
        {
            RandomAccess.SetLength(file, length.WholeBytes);
        }

        return new FileSummary((double)length.Samples / length.Rate, length.WholeBytes, 0);
    }

    /// <summary>Reads a part of a file, shorter at the end of the file.</summary>
    public static byte[] Part(SafeFileHandle file, long from, int length)
    {
        var part = new byte[Math.Clamp(RandomAccess.GetLength(file) - from, 0, length)];
        var read = 0;
        while (read < part.Length && RandomAccess.Read(file, part.AsSpan(read), from + read) is > 0 and var more)
        {
            read += more;
        }

        return part[..read];
    }
}
