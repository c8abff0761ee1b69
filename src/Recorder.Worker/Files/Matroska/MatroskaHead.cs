using Microsoft.Win32.SafeHandles;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Matroska;

/// <summary>
/// The head of the Matroska and WebM files that <see cref="MatroskaWriter"/> writes, before the media data. The head
/// always has the same length. The head has room for what is known later: the table of positions, the duration, and the
/// track of the pictures. Pictures are track 1, sound is track 2.
/// </summary>
internal sealed class MatroskaHead
{
    /// <summary>The pictures' track.</summary>
    public const int PictureTrack = 1;

    /// <summary>The sound's track.</summary>
    public const int SoundTrack = 2;

    // RFC 9559: times in milliseconds.
    private const ulong Scale = 1_000_000;
    private const int TableRoom = 128;
    private const int DurationRoom = 11;
    private const int TrackRoom = 8 << 10;

    // RFC 6716: an Opus decoder needs 80 ms until its sound is right.
    private const ulong OpusPreRoll = 80_000_000;
    private const string Application = "edumeet-recorder";

    // RFC 7845, 5.1: version 1, two channels, nothing to skip, 48 kHz, no gain, channel mapping 0.
    private static readonly byte[] OpusHead = [.. "OpusHead"u8, 1, 2, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0];

    private MatroskaHead(FileContainer container, bool sound, DateTimeOffset at)
    {
        EbmlWriter writer = new();
        writer.Master(
            MatroskaId.Header,
            () =>
            {
                writer.Number(MatroskaId.HeaderVersion, 1);
                writer.Number(MatroskaId.HeaderReadVersion, 1);
                writer.Number(MatroskaId.LongestId, 4);
                writer.Number(MatroskaId.LongestLength, 8);
                writer.Text(MatroskaId.DocumentType, container == FileContainer.Webm ? "webm" : "matroska");
                writer.Number(MatroskaId.DocumentTypeVersion, 4);
                writer.Number(MatroskaId.DocumentTypeReadVersion, 2);
            }
        );
        writer.Head(MatroskaId.Segment, EbmlWriter.UnknownLength);
        Segment = Table = writer.Length;
        writer.Room(TableRoom);
        Information = writer.Length;
        writer.Master(
            MatroskaId.Information,
            () =>
            {
                Mark = writer.Length;
                writer.Text(MatroskaId.MuxingApplication, Application);
                writer.Text(MatroskaId.WritingApplication, Application);
                writer.Number(MatroskaId.TimestampScale, Scale);
                writer.Number(
                    MatroskaId.Date,
                    (ulong)(
                        (at - new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)).Ticks
                        * TimeSpan.NanosecondsPerTick
                    )
                );
                Duration = writer.Length;
                writer.Room(DurationRoom);
            }
        );
        Tracks = writer.Length;
        writer.Master(
            MatroskaId.Tracks,
            () =>
            {
                Picture = writer.Length;
                writer.Room(TrackRoom);
                if (sound)
                {
                    writer.Master(MatroskaId.Track, () => WriteSound(writer));
                }
            }
        );
        Bytes = writer.ToArray();
    }

    /// <summary>The bytes of the head.</summary>
    public byte[] Bytes { get; }

    /// <summary>The position of the segment's content, from which positions within the file are counted.</summary>
    public long Segment { get; }

    /// <summary>The position of the room for the table of positions.</summary>
    public long Table { get; }

    /// <summary>The position of the element with the duration.</summary>
    public long Information { get; }

    /// <summary>The position of the room for the duration.</summary>
    public long Duration { get; private set; }

    /// <summary>The position of the tracks.</summary>
    public long Tracks { get; }

    /// <summary>The position of the room for the pictures' track.</summary>
    public long Picture { get; private set; }

    // The position of the part by which the recorder's own files are recognised.
    private int Mark { get; set; }

    /// <summary>Makes the head of a new file.</summary>
    /// <param name="container">Matroska or WebM.</param>
    /// <param name="sound">Whether sound is expected.</param>
    /// <param name="at">When the file is made.</param>
    public static MatroskaHead Of(FileContainer container, bool sound, DateTimeOffset at) => new(container, sound, at);

    /// <summary>The head, for its positions, of a file that <see cref="MatroskaWriter"/> wrote; null: another program
    /// wrote the file.</summary>
    public static MatroskaHead? Find(SafeFileHandle file, FileContainer container)
    {
        MatroskaHead head = new(container, sound: false, DateTimeOffset.UnixEpoch);
        var length = (int)head.Duration - head.Mark;
        var found = new byte[length];
        var read = RandomAccess.Read(file, found, head.Mark);
        var compared = length - (sizeof(ulong) + 3);
        return read == length && found.AsSpan(0, compared).SequenceEqual(head.Bytes.AsSpan(head.Mark, compared))
            ? head
            : null;
    }

    /// <summary>The bytes of the pictures' track, which fill its room. The part after the track's own head may be
    /// written first, because the room has no meaning before that head is written.</summary>
    /// <exception cref="InvalidDataException">The track is longer than its room.</exception>
    public static byte[] TrackOf(RecordPicture picture)
    {
        const int smallestRoom = 9;
        EbmlWriter writer = new();
        WritePicture(writer, picture);
        if (writer.Length > TrackRoom - smallestRoom)
        {
            throw new InvalidDataException(
                $"The sender's parameter sets are {picture.Configuration.Length} bytes long, for which a record has no room."
            );
        }

        writer.Room(TrackRoom - writer.Length);
        return writer.ToArray();
    }

    /// <summary>The bytes of the pictures' room without a track.</summary>
    public static byte[] NoTrack()
    {
        EbmlWriter writer = new();
        writer.Room(TrackRoom);
        return writer.ToArray();
    }

    /// <summary>The bytes of the duration, which fill its room.</summary>
    /// <param name="milliseconds">The record's duration.</param>
    public static byte[] DurationOf(double milliseconds)
    {
        EbmlWriter writer = new();
        writer.Float(MatroskaId.Duration, milliseconds);
        return writer.ToArray();
    }

    /// <summary>The bytes of the table of positions, which fill its room.</summary>
    /// <param name="cues">The position of the cues in the file.</param>
    public byte[] TableOf(long cues)
    {
        EbmlWriter writer = new();
        writer.Master(
            MatroskaId.SeekHead,
            () =>
            {
                WriteSeek(writer, MatroskaId.Information, Information);
                WriteSeek(writer, MatroskaId.Tracks, Tracks);
                WriteSeek(writer, MatroskaId.Cues, cues);
            }
        );
        writer.Room(TableRoom - writer.Length);
        return writer.ToArray();
    }

    private void WriteSeek(EbmlWriter writer, uint id, long position) =>
        writer.Master(
            MatroskaId.Seek,
            () =>
            {
                Span<byte> bytes = stackalloc byte[sizeof(uint)];
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, id);
                writer.Binary(MatroskaId.SeekId, bytes);
                writer.Number(MatroskaId.SeekPosition, (ulong)(position - Segment));
            }
        );

    private static void WritePicture(EbmlWriter writer, RecordPicture picture)
    {
        // The track's head is as long as that of the room, so that one write of nine bytes turns the room into the
        // track.
        EbmlWriter content = new();
        const ulong pictureType = 1;
        WriteTrack(
            content,
            PictureTrack,
            pictureType,
            picture.Codec switch
            {
                PictureCodec.Vp8 => "V_VP8",
                PictureCodec.Vp9 => "V_VP9",
                _ => "V_MPEG4/ISO/AVC",
            }
        );
        if (!picture.Configuration.IsEmpty)
        {
            content.Binary(MatroskaId.CodecPrivate, picture.Configuration.Span);
        }

        content.Master(
            MatroskaId.Video,
            () =>
            {
                content.Number(MatroskaId.PixelWidth, (ulong)picture.Width);
                content.Number(MatroskaId.PixelHeight, (ulong)picture.Height);
            }
        );
        writer.Head(MatroskaId.Track, EbmlWriter.Long(content.Length));
        writer.Bytes(content.ToArray());
    }

    private static void WriteSound(EbmlWriter writer)
    {
        const ulong soundType = 2;
        WriteTrack(writer, SoundTrack, soundType, "A_OPUS");
        writer.Binary(MatroskaId.CodecPrivate, OpusHead);
        writer.Number(MatroskaId.SeekPreRoll, OpusPreRoll);
        writer.Master(
            MatroskaId.Audio,
            () =>
            {
                writer.Float(MatroskaId.SamplingFrequency, RtpLegSettings.OpusClockRate);
                writer.Number(MatroskaId.Channels, 2);
            }
        );
    }

    private static void WriteTrack(EbmlWriter writer, int number, ulong type, string codec)
    {
        writer.Number(MatroskaId.TrackNumber, (ulong)number);
        writer.Number(MatroskaId.TrackUid, (ulong)number);
        writer.Number(MatroskaId.TrackType, type);
        writer.Number(MatroskaId.Lacing, 0);
        writer.Text(MatroskaId.Codec, codec);
    }
}
