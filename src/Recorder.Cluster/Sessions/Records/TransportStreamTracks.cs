using Microsoft.Win32.SafeHandles;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>What a transport stream says about its tracks: the tables of ISO/IEC 13818-1, sections 2.4.4.3 and
/// 2.4.4.8.</summary>
internal static class TransportStreamTracks
{
    private const int Packet = 188;

    // The tables are repeated several times a second.
    private const int Window = 5000 * Packet;

    /// <summary>Whether the stream announces a picture; null when the stream announces nothing.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool? HasPicture(SafeFileHandle file)
    {
        var start = new byte[Math.Min(Window, RandomAccess.GetLength(file))];
        return HasPicture(start.AsSpan(0, RandomAccess.Read(file, start, 0)));
    }

    /// <summary>Whether the stream announces a picture; null when the stream announces nothing. Pure.</summary>
    /// <param name="stream">The stream from its beginning.</param>
    public static bool? HasPicture(ReadOnlySpan<byte> stream)
    {
        var map = -1;
        for (; stream.Length >= Packet && stream[0] == 0x47; stream = stream[Packet..])
        {
            var packet = stream[..Packet];
            var id = ((packet[1] & 0x1F) << 8) | packet[2];
            if ((packet[1] & 0x40) == 0 || (id != 0 && id != map) || Section(packet) is not { Length: >= 12 } section)
            {
                continue;
            }
            if (id == 0)
            {
                map = ((section[10] & 0x1F) << 8) | section[11];
                continue;
            }
            return IsPictureIn(section);
        }
        return null;
    }

    /// <summary>The section that begins in a packet, without its check sum; empty when the section goes on in the next
    /// packet.</summary>
    private static ReadOnlySpan<byte> Section(ReadOnlySpan<byte> packet)
    {
        const int checkSum = 4;
        var at = 4 + ((packet[3] & 0x20) != 0 ? packet[4] + 1 : 0);
        at += at < Packet ? packet[at] + 1 : 0;
        if (at + 3 > Packet)
        {
            return default;
        }
        var length = 3 + (((packet[at + 1] & 0x0F) << 8) | packet[at + 2]);
        return at + length <= Packet && length > checkSum ? packet.Slice(at, length - checkSum) : default;
    }

    private static bool IsPictureIn(ReadOnlySpan<byte> section)
    {
        // MPEG-1, MPEG-2, MPEG-4, H.264, H.265.
        ReadOnlySpan<byte> pictures = [0x01, 0x02, 0x10, 0x1B, 0x24];
        var at = 12 + (((section[10] & 0x0F) << 8) | section[11]);
        while (at + 5 <= section.Length)
        {
            if (pictures.Contains(section[at]))
            {
                return true;
            }
            at += 5 + (((section[at + 3] & 0x0F) << 8) | section[at + 4]);
        }
        return false;
    }
}
