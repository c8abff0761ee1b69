using Microsoft.Win32.SafeHandles;

namespace Recorder.Node.Pipelines.Files;

/// <summary>An MPEG transport stream needs no index; at most its last packet is cut off.</summary>
internal static class TransportStream
{
    private const int Packet = 188;
    private const int Block = Packet * 4096;
    private const double TicksPerSecond = 90_000;
    private const long TimestampRange = 1L << 33;

    /// <summary>Cuts an incomplete packet off and tells what is in the file. Null: no picture.</summary>
    /// <exception cref="IOException">The file cannot be read or shortened.</exception>
    public static FileSummary? Trim(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        long length = RandomAccess.GetLength(file);
        long whole = length - (length % Packet);
        PictureTimes times = Scan(file, whole);
        if (times.Frames == 0)
        {
            return null;
        }

        if (whole != length)
        {
            RandomAccess.SetLength(file, whole);
        }

        return new FileSummary(times.Seconds, whole, times.Frames);
    }

    private static PictureTimes Scan(SafeFileHandle file, long length)
    {
        PictureTimes times = new();
        byte[] block = new byte[Block];
        for (long at = 0; at < length; at += Block)
        {
            int count = RandomAccess.Read(file, block.AsSpan(0, (int)Math.Min(Block, length - at)), at);
            for (int packet = 0; packet + Packet <= count; packet += Packet)
            {
                times.Look(block.AsSpan(packet, Packet));
            }
        }

        return times;
    }

    private sealed class PictureTimes
    {
        private long first;
        private long last;
        private long shortest = long.MaxValue;

        public long Frames { get; private set; }

        public double Seconds => Frames == 1 ? 0 : (last - first + shortest) / TicksPerSecond;

        // A picture begins with a PES header (ISO/IEC 13818-1, 2.4.3.6): start code, stream id 0xE0 and a time stamp of 33 bits.
        public void Look(ReadOnlySpan<byte> packet)
        {
            const int stampOffset = 9;
            bool unitStart = packet[0] == 0x47 && (packet[1] & 0x40) != 0;
            int payload = 4 + ((packet[3] & 0x20) != 0 ? packet[4] + 1 : 0);
            if (!unitStart || payload + stampOffset + 5 > Packet)
            {
                return;
            }

            ReadOnlySpan<byte> header = packet[payload..];
            if (header[0] != 0 || header[1] != 0 || header[2] != 1 || (header[3] & 0xF0) != 0xE0 || (header[7] & 0x80) == 0)
            {
                return;
            }

            ReadOnlySpan<byte> stamp = header[stampOffset..];
            long time = ((stamp[0] & 0x0EL) << 29) | ((long)stamp[1] << 22) | ((stamp[2] & 0xFEL) << 14) | ((long)stamp[3] << 7) | ((long)stamp[4] >> 1);
            if (Frames++ == 0)
            {
                first = last = time;
                return;
            }

            // The stamps start over after 26.5 hours.
            while (time < last - (TimestampRange / 2))
            {
                time += TimestampRange;
            }

            shortest = Math.Min(shortest, Math.Max(1, time - last));
            last = time;
        }
    }
}
