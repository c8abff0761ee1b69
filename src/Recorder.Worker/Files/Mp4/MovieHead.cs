using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Mp4;

/// <summary>
/// The head of an MP4 that <see cref="FragmentWriter"/> writes (ISO/IEC 14496-12), before the fragments. The head is an
/// index with room for the track of the pictures, which is only known with the first picture.
/// </summary>
internal sealed class MovieHead
{
    /// <summary>The pictures' track.</summary>
    public const uint PictureTrack = 1;

    /// <summary>The sound's track.</summary>
    public const uint SoundTrack = 2;

    /// <summary>Units a second of the pictures' track. The units of the sound's track are its samples.</summary>
    public const int PictureTimescale = 90_000;

    private const uint MovieTimescale = 1000;
    private const int TrackRoom = 8 << 10;
    private const int BoxHead = 8;
    private const uint Wide = 1 << 24;
    private const uint Unity = 1 << 16;
    private const uint Undetermined = 0x55C40000;

    private readonly ulong _made;

    private MovieHead(bool sound, DateTimeOffset at)
    {
        _made = (ulong)(at - new DateTimeOffset(1904, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalSeconds;
        Mp4Writer writer = new();
        writer.Box(
            "ftyp",
            () =>
            {
                writer.Bytes("isom"u8);
                writer.UInt32(0x200);
                writer.Bytes("isomiso5avc1mp41"u8);
            }
        );
        writer.Box(
            "moov",
            () =>
            {
                writer.Box("mvhd", () => WriteMovieHeader(writer));
                Picture = writer.Length;
                writer.Box("free", () => writer.Zeros(TrackRoom - BoxHead));
                if (sound)
                {
                    writer.Box(
                        "trak",
                        () => WriteTrack(writer, SoundTrack, RtpLegSettings.OpusClockRate, picture: null)
                    );
                }

                writer.Box(
                    "mvex",
                    () =>
                    {
                        WriteDefaults(writer, PictureTrack);
                        if (sound)
                        {
                            WriteDefaults(writer, SoundTrack);
                        }
                    }
                );
            }
        );
        Bytes = writer.ToArray();
    }

    /// <summary>The bytes of the head.</summary>
    public byte[] Bytes { get; }

    /// <summary>The position of the room for the pictures' track.</summary>
    public long Picture { get; private set; }

    /// <summary>Makes the head of a new file.</summary>
    /// <param name="sound">Whether sound is expected.</param>
    /// <param name="at">When the file is made.</param>
    public static MovieHead Of(bool sound, DateTimeOffset at) => new(sound, at);

    /// <summary>The bytes of the pictures' track, which fill its room. The part after the track's own head may be
    /// written first, because the room has no meaning before that head is written.</summary>
    /// <exception cref="InvalidDataException">The track is longer than its room.</exception>
    public byte[] TrackOf(RecordPicture picture)
    {
        Mp4Writer writer = new();
        writer.Box("trak", () => WriteTrack(writer, PictureTrack, PictureTimescale, picture));
        if (writer.Length > TrackRoom - BoxHead)
        {
            throw new InvalidDataException(
                $"The sender's parameter sets are {picture.Configuration.Length} bytes long, for which a record has no room."
            );
        }

        var rest = TrackRoom - writer.Length;
        writer.Box("free", () => writer.Zeros(rest - BoxHead));
        return writer.ToArray();
    }

    private void WriteMovieHeader(Mp4Writer writer)
    {
        const ushort fullVolume = 0x0100;
        const uint nextTrack = 3;
        writer.UInt32(Wide);
        writer.UInt64(_made);
        writer.UInt64(_made);
        writer.UInt32(MovieTimescale);
        writer.UInt64(0);
        writer.UInt32(Unity);
        writer.UInt16(fullVolume);
        writer.Zeros(10);
        WriteMatrix(writer);
        writer.Zeros(24);
        writer.UInt32(nextTrack);
    }

    private static void WriteDefaults(Mp4Writer writer, uint track) =>
        writer.Box(
            "trex",
            () =>
            {
                writer.UInt32(0);
                writer.UInt32(track);
                writer.UInt32(1);
                writer.Zeros(12);
            }
        );

    private void WriteTrack(Mp4Writer writer, uint track, int timescale, RecordPicture? picture)
    {
        const uint enabledInMovie = 3;
        const ushort fullVolume = 0x0100;
        writer.Box(
            "tkhd",
            () =>
            {
                writer.UInt32(Wide | enabledInMovie);
                writer.UInt64(_made);
                writer.UInt64(_made);
                writer.UInt32(track);
                writer.Zeros(4);
                writer.UInt64(0);
                writer.Zeros(12);
                writer.UInt16(picture is null ? fullVolume : (ushort)0);
                writer.Zeros(2);
                WriteMatrix(writer);
                writer.UInt32((uint)(picture?.Width ?? 0) << 16);
                writer.UInt32((uint)(picture?.Height ?? 0) << 16);
            }
        );
        writer.Box(
            "mdia",
            () =>
            {
                writer.Box(
                    "mdhd",
                    () =>
                    {
                        writer.UInt32(Wide);
                        writer.UInt64(_made);
                        writer.UInt64(_made);
                        writer.UInt32((uint)timescale);
                        writer.UInt64(0);
                        writer.UInt32(Undetermined);
                    }
                );
                writer.Box(
                    "hdlr",
                    () =>
                    {
                        writer.Zeros(8);
                        writer.Bytes(picture is null ? "soun"u8 : "vide"u8);
                        writer.Zeros(12);
                        writer.Bytes(picture is null ? "SoundHandler\0"u8 : "VideoHandler\0"u8);
                    }
                );
                writer.Box("minf", () => WriteMedia(writer, picture));
            }
        );
    }

    private static void WriteMedia(Mp4Writer writer, RecordPicture? picture)
    {
        if (picture is null)
        {
            writer.Box("smhd", () => writer.Zeros(8));
        }
        else
        {
            writer.Box(
                "vmhd",
                () =>
                {
                    writer.UInt32(1);
                    writer.Zeros(8);
                }
            );
        }

        writer.Box(
            "dinf",
            () =>
                writer.Box(
                    "dref",
                    () =>
                    {
                        writer.UInt32(0);
                        writer.UInt32(1);

                        // The media are in the file itself.
                        writer.Box("url ", () => writer.UInt32(1));
                    }
                )
        );
        writer.Box(
            "stbl",
            () =>
            {
                writer.Box(
                    "stsd",
                    () =>
                    {
                        writer.UInt32(0);
                        writer.UInt32(1);
                        if (picture is null)
                        {
                            writer.Box("Opus", () => WriteOpus(writer));
                        }
                        else
                        {
                            writer.Box("avc1", () => WriteAvc(writer, picture));
                        }
                    }
                );
                writer.Box("stts", () => writer.Zeros(8));
                writer.Box("stsc", () => writer.Zeros(8));
                writer.Box("stsz", () => writer.Zeros(12));
                writer.Box("stco", () => writer.Zeros(8));
            }
        );
    }

    // "Encapsulation of Opus in ISO Base Media File Format", 4.3: version 0, two channels, nothing to skip, 48 kHz, no
    // gain, channel mapping 0.
    private static void WriteOpus(Mp4Writer writer)
    {
        const ushort channels = 2,
            bits = 16;
        WriteSampleEntry(writer);
        writer.Zeros(8);
        writer.UInt16(channels);
        writer.UInt16(bits);
        writer.Zeros(4);
        writer.UInt32((uint)RtpLegSettings.OpusClockRate << 16);
        writer.Box(
            "dOps",
            () =>
            {
                writer.Bytes([0, (byte)channels]);
                writer.UInt16(0);
                writer.UInt32((uint)RtpLegSettings.OpusClockRate);
                writer.Zeros(3);
            }
        );
    }

    private static void WriteAvc(Mp4Writer writer, RecordPicture picture)
    {
        const uint dotsPerInch72 = 72 << 16;
        const ushort depth = 24;
        WriteSampleEntry(writer);
        writer.Zeros(16);
        writer.UInt16((ushort)picture.Width);
        writer.UInt16((ushort)picture.Height);
        writer.UInt32(dotsPerInch72);
        writer.UInt32(dotsPerInch72);
        writer.Zeros(4);
        writer.UInt16(1);
        writer.Zeros(32);
        writer.UInt16(depth);
        writer.UInt16(ushort.MaxValue);
        writer.Box("avcC", () => writer.Bytes(picture.Configuration.Span));
    }

    private static void WriteSampleEntry(Mp4Writer writer)
    {
        writer.Zeros(6);
        writer.UInt16(1);
    }

    private static void WriteMatrix(Mp4Writer writer)
    {
        const uint fixedOne = 1 << 30;
        foreach (var value in (ReadOnlySpan<uint>)[Unity, 0, 0, 0, Unity, 0, 0, 0, fixedOne])
        {
            writer.UInt32(value);
        }
    }
}
