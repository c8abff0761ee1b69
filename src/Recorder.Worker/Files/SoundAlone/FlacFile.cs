using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Files.SoundAlone;

/// <summary>
/// FLAC files (RFC 9639). A growing file says 0 samples in its head, which means an unknown number, and plays so. The
/// end writes the number; <see cref="Trim"/> does so for a writer that died.
/// </summary>
internal static class FlacFile
{
    // "fLaC", the head of the first block, and in the block: 2 + 2 + 3 + 3 bytes of sizes, then 20 bits of rate, 3 of
    // channels, 5 of bits a sample, and 36 of samples (RFC 9639, 8.2).
    private const int BlocksAt = 4;
    private const int BlockHead = 4;
    private const int StreamInformation = BlocksAt + BlockHead;
    private const int RateAt = StreamInformation + 10;
    private const int HeadBytes = StreamInformation + 34;
    private const ulong SamplesMask = (1UL << 36) - 1;

    // The longest frame of stereo sound of 16 bits with 4608 samples, and a further one, with room to spare.
    private const int TailBytes = 128 << 10;

    /// <summary>Cuts an incomplete frame off the end and writes the number of samples into the head. Null: nothing
    /// plays.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static FileSummary? Trim(string path)
    {
        var summary = SoundLength.Trim(path, Read);
        if (summary is not null)
        {
            using var file = File.OpenHandle(
                path,
                FileMode.Open,
                FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete
            );
            WriteSamples(file);
        }

        return summary;
    }

    /// <summary>What plays of a file; null when the file has no whole head.</summary>
    public static SoundLength? Read(SafeFileHandle file)
    {
        if (Head(file) is not var (facts, block, audio))
        {
            return null;
        }

        var length = RandomAccess.GetLength(file);
        var rate = (int)(facts >> 44);
        if (rate == 0)
        {
            return null;
        }

        if ((facts & SamplesMask) is > 0 and var known)
        {
            return new SoundLength((long)known, rate, length);
        }

        var from = Math.Max(audio, length - TailBytes);
        var tail = SoundLength.Part(file, from, (int)(length - from));
        for (var at = tail.Length - 2; at >= 0; at--)
        {
            if (FlacFrame.TryRead(tail.AsSpan(at), block, out var frame))
            {
                // The last frame counts when its check sum says that the frame is whole.
                var whole = FlacFrame.IsWhole(tail.AsSpan(at));
                return new SoundLength(
                    frame.First + (whole ? frame.Samples : 0),
                    rate,
                    whole ? length : from + at
                );
            }
        }

        return new SoundLength(0, rate, audio);
    }

    private static void WriteSamples(SafeFileHandle file)
    {
        if (Head(file) is not var (facts, _, _) || (facts & SamplesMask) != 0 || Read(file) is not { } length)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, facts | ((ulong)length.Samples & SamplesMask));
        RandomAccess.Write(file, bytes, RateAt);
    }

    /// <summary>The eight bytes with rate and samples, the samples of a block, and where the frames begin.</summary>
    private static (ulong Facts, int Block, long Audio)? Head(SafeFileHandle file)
    {
        var head = SoundLength.Part(file, 0, HeadBytes);
        if (head.Length < HeadBytes || !head.AsSpan(0, 4).SequenceEqual("fLaC"u8))
        {
            return null;
        }

        long at = BlocksAt;
        for (var last = false; !last;)
        {
            var block = SoundLength.Part(file, at, BlockHead);
            if (block.Length < BlockHead)
            {
                return null;
            }

            last = (block[0] & 0x80) != 0;
            at += BlockHead + (block[1] << 16 | block[2] << 8 | block[3]);
        }

        return (
            BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(RateAt)),
            BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(StreamInformation)),
            at
        );
    }
}
