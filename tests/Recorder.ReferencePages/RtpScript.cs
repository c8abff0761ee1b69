using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Recorder.ReferencePages;

/// <summary>A datagram that is to be sent.</summary>
/// <param name="At">When, from the script's start.</param>
/// <param name="IsPicture">Whether to the picture's ports.</param>
/// <param name="IsRtcp">Whether to the port for RTCP.</param>
/// <param name="Content">Its bytes.</param>
public sealed record RtpDatagram(TimeSpan At, bool IsPicture, bool IsRtcp, ReadOnlyMemory<byte> Content);

/// <summary>
/// The reference clip as RTP packets of VP8 and Opus, for senders that do what no well-behaved program does: what is
/// sent is a list of datagrams with times, which a test puts together.
/// </summary>
public sealed class RtpScript
{
    /// <summary>The payload type of the picture.</summary>
    public const byte PicturePayloadType = 96;

    /// <summary>The payload type of the sound.</summary>
    public const byte SoundPayloadType = 111;

    private const int LargestPayload = 1100;
    private const int PictureRate = 90_000;
    private const int SoundRate = 48_000;

    // Some moment since 1900, in seconds: the sender's own clock is no one's business.
    private const double ClockStart = 3_000_000_000;
    private static readonly TimeSpan SoundPiece = TimeSpan.FromMilliseconds(20);

    private readonly IReadOnlyList<byte[]> _pictures;
    private readonly IReadOnlyList<byte[]> _pieces;
    private readonly double _frameRate;

    private RtpScript(IReadOnlyList<byte[]> pictures, IReadOnlyList<byte[]> pieces, double frameRate) =>
        (this._pictures, this._pieces, this._frameRate) = (pictures, pieces, frameRate);

    /// <summary>Reads what <see cref="RtpSender.EncodeAsync"/> made with <c>libvpx</c>.</summary>
    /// <param name="clip">The clip.</param>
    /// <exception cref="InvalidOperationException">ffmpeg failed; the message carries its words.</exception>
    public static async Task<RtpScript> ReadAsync(ReferenceClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        var path = await RtpSender.EncodeAsync(clip, "libvpx");
        var picture = await UnpackAsync(path, "v", "ivf");
        var sound = await UnpackAsync(path, "a", "ogg");
        return new RtpScript(ReadIvf(picture), ReadOgg(sound), clip.Format.FrameRate);
    }

    /// <summary>The packets of the picture of a part of the clip, sent at their own times.</summary>
    /// <param name="ssrc">The sender.</param>
    /// <param name="from">The first picture's time in the clip, in seconds; whole seconds begin with a key
    /// frame.</param>
    /// <param name="to">The end, in seconds.</param>
    public IEnumerable<RtpDatagram> Picture(uint ssrc, double from, double to)
    {
        ushort sequence = 0;
        for (var i = 0; i < _pictures.Count; i++)
        {
            var at = TimeSpan.FromSeconds(i / _frameRate);
            var parts = (_pictures[i].Length + LargestPayload - 1) / LargestPayload;
            for (var part = 0; part < parts; part++, sequence++)
            {
                if (at.TotalSeconds < from || at.TotalSeconds >= to)
                {
                    continue;
                }
                var content = _pictures[i]
                    .AsSpan(
                        part * LargestPayload,
                        Math.Min(LargestPayload, _pictures[i].Length - (part * LargestPayload))
                    );
                var packet = new byte[13 + content.Length];
                WriteHead(packet, part == parts - 1, PicturePayloadType, sequence, Timestamp(at, PictureRate), ssrc);

                // The payload's descriptor (RFC 7741, 4.2) tells the first packet of a picture.
                packet[12] = part == 0 ? (byte)0x10 : (byte)0;
                content.CopyTo(packet.AsSpan(13));
                yield return new RtpDatagram(at, true, false, packet);
            }
        }
    }

    /// <summary>The packets of the sound of a part of the clip, sent at their own times.</summary>
    /// <param name="ssrc">The sender.</param>
    /// <param name="from">The beginning in the clip, in seconds.</param>
    /// <param name="to">The end, in seconds.</param>
    public IEnumerable<RtpDatagram> Sound(uint ssrc, double from, double to)
    {
        for (var i = 0; i < _pieces.Count; i++)
        {
            var at = i * SoundPiece;
            if (at.TotalSeconds < from || at.TotalSeconds >= to)
            {
                continue;
            }
            var packet = new byte[12 + _pieces[i].Length];
            WriteHead(packet, false, SoundPayloadType, (ushort)i, Timestamp(at, SoundRate), ssrc);
            _pieces[i].CopyTo(packet, 12);
            yield return new RtpDatagram(at, false, false, packet);
        }
    }

    /// <summary>A sender's report of its clock, with its name.</summary>
    /// <param name="isPicture">Of which medium.</param>
    /// <param name="ssrc">The sender.</param>
    /// <param name="at">When it is sent, in seconds.</param>
    public static RtpDatagram Report(bool isPicture, uint ssrc, double at)
    {
        var packet = new byte[28 + 20];
        WriteRtcpHead(packet.AsSpan(0, 28), 0, 200, ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(packet.AsSpan(8), (ulong)((ClockStart + at) * 4_294_967_296d));
        BinaryPrimitives.WriteUInt32BigEndian(
            packet.AsSpan(16),
            Timestamp(TimeSpan.FromSeconds(at), isPicture ? PictureRate : SoundRate)
        );
        var description = packet.AsSpan(28);
        WriteRtcpHead(description, 1, 202, ssrc);
        (description[8], description[9]) = (1, 9);
        Encoding.ASCII.GetBytes("reference", description[10..]);
        return new RtpDatagram(TimeSpan.FromSeconds(at), isPicture, true, packet);
    }

    /// <summary>A sender's good-bye.</summary>
    /// <param name="isPicture">Of which medium.</param>
    /// <param name="ssrc">The sender.</param>
    /// <param name="at">When it is sent, in seconds.</param>
    public static RtpDatagram Goodbye(bool isPicture, uint ssrc, double at)
    {
        // Compound RTCP begins with a report.
        var packet = new byte[8 + 8];
        WriteRtcpHead(packet.AsSpan(0, 8), 0, 201, ssrc);
        WriteRtcpHead(packet.AsSpan(8), 1, 203, ssrc);
        return new RtpDatagram(TimeSpan.FromSeconds(at), isPicture, true, packet);
    }

    /// <summary>Sends datagrams at their times, each sender from ports of its own.</summary>
    /// <param name="datagrams">What is sent, in any order.</param>
    /// <param name="rtpPort">The picture's port.</param>
    /// <param name="rtcpPort">The picture's port for RTCP.</param>
    /// <param name="audioRtpPort">The sound's port.</param>
    /// <param name="audioRtcpPort">The sound's port for RTCP.</param>
    public static async Task PlayAsync(
        IEnumerable<RtpDatagram> datagrams,
        int rtpPort,
        int rtcpPort,
        int? audioRtpPort = null,
        int? audioRtcpPort = null
    )
    {
        using var picture = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var sound = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var start = TimeProvider.System.GetTimestamp();
        foreach (var datagram in datagrams.OrderBy(each => each.At))
        {
            var wait = datagram.At - TimeProvider.System.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait);
            }
            var port = (datagram.IsPicture, datagram.IsRtcp) switch
            {
                (true, false) => rtpPort,
                (true, true) => rtcpPort,
                (false, false) => audioRtpPort!.Value,
                (false, true) => audioRtcpPort!.Value,
            };
            await (datagram.IsPicture ? picture : sound).SendToAsync(
                datagram.Content,
                new IPEndPoint(IPAddress.Loopback, port)
            );
        }
    }

    private static uint Timestamp(TimeSpan at, int rate) =>
        (uint)(4_294_000_000L + (at.Ticks * rate / TimeSpan.TicksPerSecond));

    private static void WriteHead(
        Span<byte> packet,
        bool isLast,
        byte payloadType,
        ushort sequence,
        uint timestamp,
        uint ssrc
    )
    {
        (packet[0], packet[1]) = (0x80, (byte)(payloadType | (isLast ? 0x80 : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc);
    }

    private static void WriteRtcpHead(Span<byte> packet, int count, byte type, uint ssrc)
    {
        (packet[0], packet[1]) = ((byte)(0x80 | count), type);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)((packet.Length / 4) - 1));
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
    }

    private static async Task<byte[]> UnpackAsync(string path, string track, string format)
    {
        var unpacked = $"{path}.{Guid.NewGuid():N}.{format}";
        try
        {
            var result = await MediaTool.RunAsync(
                "ffmpeg",
                ["-y", "-v", "error", "-i", path, "-map", $"0:{track}", "-c", "copy", unpacked]
            );
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException($"ffmpeg could not unpack {path}: {result.LastErrorLines}");
            }
            return await File.ReadAllBytesAsync(unpacked);
        }
        finally
        {
            File.Delete(unpacked);
        }
    }

    private static List<byte[]> ReadIvf(ReadOnlySpan<byte> file)
    {
        var frames = new List<byte[]>();
        for (int at = BinaryPrimitives.ReadUInt16LittleEndian(file[6..]); at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(file[at..]);
            frames.Add(file.Slice(at + 12, length).ToArray());
            at += 12 + length;
        }

        return frames;
    }

    /// <summary>The packets of Ogg (RFC 3533), without the two of the head.</summary>
    private static List<byte[]> ReadOgg(ReadOnlySpan<byte> file)
    {
        var packets = new List<byte[]>();
        var packet = new List<byte>();
        for (var at = 0; at < file.Length;)
        {
            int segments = file[at + 26];
            var content = at + 27 + segments;
            for (var i = 0; i < segments; i++)
            {
                int length = file[at + 27 + i];
                packet.AddRange(file.Slice(content, length));
                content += length;
                if (length < 255)
                {
                    packets.Add([.. packet]);
                    packet.Clear();
                }
            }

            at = content;
        }

        return packets[2..];
    }
}
