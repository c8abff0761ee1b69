using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Files.Matroska;

/// <summary>
/// Writes a Matroska or WebM file. Whatever comes is in it at once, in clusters that are open until the next one begins; the picture's track
/// takes the room that <see cref="MatroskaHead"/> has kept, so that sound need not wait for a picture.
/// </summary>
internal sealed class MatroskaWriter : IRecordWriter
{
    private readonly SafeFileHandle file;
    private readonly MatroskaHead head;
    private readonly MatroskaClusters clusters = new();
    private readonly TrackEnd pictures = new();
    private readonly TrackEnd sound = new();
    private readonly EbmlWriter writer = new();
    private long position;

    /// <summary>Takes over an empty file.</summary>
    /// <param name="file">The file, to be written from its start.</param>
    /// <param name="container">Matroska or WebM.</param>
    /// <param name="hasSound">Whether sound is expected.</param>
    /// <param name="at">When the file is made.</param>
    public MatroskaWriter(SafeFileHandle file, FileContainer container, bool hasSound, DateTimeOffset at)
    {
        this.file = file;
        head = MatroskaHead.Of(container, hasSound, at);
    }

    /// <inheritdoc/>
    public void Describe(RecordPicture picture)
    {
        const int roomHead = 9;
        WriteHead();
        byte[] track = MatroskaHead.TrackOf(picture);
        RandomAccess.Write(file, track.AsSpan(roomHead), head.Picture + roomHead);
        RandomAccess.Write(file, track.AsSpan(0, roomHead), head.Picture);
    }

    /// <inheritdoc/>
    public bool Write(IReadOnlyList<RecordFrame> frames)
    {
        if (frames.Count == 0)
        {
            return false;
        }

        WriteHead();
        writer.Clear();
        int closed = clusters.Count;
        foreach (RecordFrame frame in frames)
        {
            long time = Milliseconds(frame.Time);
            if (clusters.IsDue(time, frame.IsKeyPicture))
            {
                clusters.Begin(position + writer.Length, time);
                writer.Head(MatroskaId.Cluster, EbmlWriter.UnknownLength);
                writer.Number(MatroskaId.Timestamp, (ulong)time);
            }

            bool isPicture = frame.Track == EncodedTrack.Video;
            clusters.Add(isPicture, frame.IsKey, time);
            (isPicture ? pictures : sound).Add(time, Milliseconds(frame.Time + frame.Duration) - time);
            WriteBlock(isPicture, frame, time - clusters.Time);
        }

        RandomAccess.Write(file, writer.Written, position);
        position += writer.Length;
        MatroskaTail.CloseClusters(file, clusters, Math.Max(0, closed - 1), clusters.Count - 1, position);
        return true;
    }

    /// <inheritdoc/>
    public FileSummary Finish()
    {
        WriteHead();
        double milliseconds = Math.Max(pictures.End, sound.End);
        long length = MatroskaTail.Write(file, head, clusters, position, milliseconds);
        return new FileSummary(milliseconds / 1000, length, pictures.Frames);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void WriteHead()
    {
        if (position == 0)
        {
            RandomAccess.Write(file, head.Bytes, 0);
            position = head.Bytes.Length;
        }
    }

    // RFC 9559: the track, the time within the cluster, and whether it can be decoded alone.
    private void WriteBlock(bool isPicture, RecordFrame frame, long time)
    {
        const int blockHead = 4;
        const byte trackMark = 0x80;
        const byte keyFrame = 0x80;
        Span<byte> start = [(byte)(trackMark | (isPicture ? MatroskaHead.PictureTrack : MatroskaHead.SoundTrack)), 0, 0, frame.IsKey ? keyFrame : (byte)0];
        BinaryPrimitives.WriteInt16BigEndian(start[1..], (short)time);
        writer.Head(MatroskaId.SimpleBlock, EbmlWriter.Long(blockHead + frame.Content.Length));
        writer.Bytes(start);
        writer.Bytes(frame.Content.Span);
    }

    private static long Milliseconds(long nanoseconds) => (long)Math.Round(nanoseconds / 1e6);
}
