using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Files.TransportStream;

/// <summary>The file of an MPEG transport stream. The file needs no index; only the picture that was being written when
/// the writer died is cut off.</summary>
internal static class TransportStreamFile
{
    private const int Packet = 188;
    private const int Block = Packet * 4096;
    private const double TicksPerSecond = 90_000;
    private const long TimestampRange = 1L << 33;

    /// <summary>Cuts off the last picture, which may be incomplete, and tells the content of the file. Null: no whole
    /// picture.</summary>
    /// <exception cref="IOException">The file cannot be read or shortened.</exception>
    public static FileSummary? Trim(string path)
    {
        using var file = File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        var length = RandomAccess.GetLength(file);
        var times = Scan(file, length - (length % Packet));
        if (times.WholeFrames == 0)
        {
            return null;
        }

        RandomAccess.SetLength(file, times.LastStart);
        return new FileSummary(times.Seconds, times.LastStart, times.WholeFrames);
    }

    private static PictureTimes Scan(SafeFileHandle file, long length)
    {
        PictureTimes times = new();
        var block = new byte[Block];
        for (long at = 0; at < length; at += Block)
        {
            var count = RandomAccess.Read(file, block.AsSpan(0, (int)Math.Min(Block, length - at)), at);
            for (var packet = 0; packet + Packet <= count; packet += Packet)
            {
                times.Look(block.AsSpan(packet, Packet), at + packet);
            }
        }

        return times;
    }

    private sealed class PictureTimes
    {
        private long _first;
        private long _last;
        private long _frames;

        /// <summary>Number of pictures that another picture follows.</summary>
        public long WholeFrames => Math.Max(0, _frames - 1);

        /// <summary>Position of the packet with which the last picture begins.</summary>
        public long LastStart { get; private set; }

        /// <summary>Seconds from the first picture to the start of the last.</summary>
        public double Seconds => (_last - _first) / TicksPerSecond;

        // A picture begins with a PES header (ISO/IEC 13818-1, 2.4.3.6): start code, stream id 0xE0 and a time stamp of
        // 33 bits.
        public void Look(ReadOnlySpan<byte> packet, long position)
        {
            const int stampOffset = 9;
            var unitStart = packet[0] == 0x47 && (packet[1] & 0x40) != 0;
            var payload = 4 + ((packet[3] & 0x20) != 0 ? packet[4] + 1 : 0);
            if (!unitStart || payload + stampOffset + 5 > Packet)
            {
                return;
            }

            var header = packet[payload..];
            if (
                header[0] != 0
                || header[1] != 0
                || header[2] != 1
                || (header[3] & 0xF0) != 0xE0
                || (header[7] & 0x80) == 0
            )
            {
                return;
            }

            var stamp = header[stampOffset..];
            var time =
                ((stamp[0] & 0x0EL) << 29)
                | ((long)stamp[1] << 22)
                | ((stamp[2] & 0xFEL) << 14)
                | ((long)stamp[3] << 7)
                | ((long)stamp[4] >> 1);
            if (_frames++ == 0)
            {
                _first = time;
            }

            // The stamps start over after 26.5 hours.
            while (_frames > 1 && time < _last - (TimestampRange / 2))
            {
                time += TimestampRange;
            }

            _last = time;
            LastStart = position;
        }
    }
}
