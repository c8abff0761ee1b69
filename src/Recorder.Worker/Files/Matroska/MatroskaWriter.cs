using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Files.Matroska;

/// <summary>
/// Writes a Matroska or WebM file. Each frame is in the file at once, in a cluster that stays open until the next
/// cluster begins. The picture's track takes the room that <see cref="MatroskaHead"/> has kept, so that sound need not
/// wait for a picture.
/// </summary>
internal sealed class MatroskaWriter : IRecordWriter
{
    private readonly SafeFileHandle _file;
    private readonly MatroskaHead _head;
    private readonly MatroskaClusters _clusters = new();
    private readonly TrackEnd _pictures = new();
    private readonly TrackEnd _sound = new();
    private readonly EbmlWriter _writer = new();
    private long _position;

    /// <summary>Takes ownership of an empty file.</summary>
    /// <param name="file">The file, to be written from its start.</param>
    /// <param name="container">Matroska or WebM.</param>
    /// <param name="hasSound">Whether sound is expected.</param>
    /// <param name="at">When the file is made.</param>
    public MatroskaWriter(SafeFileHandle file, FileContainer container, bool hasSound, DateTimeOffset at)
    {
        this._file = file;
        _head = MatroskaHead.Of(container, hasSound, at);
    }

    /// <inheritdoc/>
    public void Describe(RecordPicture picture)
    {
        const int roomHead = 9;
        WriteHead();
        var track = MatroskaHead.TrackOf(picture);
        RandomAccess.Write(_file, track.AsSpan(roomHead), _head.Picture + roomHead);
        RandomAccess.Write(_file, track.AsSpan(0, roomHead), _head.Picture);
    }

    /// <inheritdoc/>
    public bool Write(IReadOnlyList<RecordFrame> frames)
    {
        if (frames.Count == 0)
        {
            return false;
        }

        WriteHead();
        _writer.Clear();
        var closed = _clusters.Count;
        foreach (var frame in frames)
        {
            var time = Milliseconds(frame.Time);
            if (_clusters.IsDue(time, frame.IsKeyPicture))
            {
                _clusters.Begin(_position + _writer.Length, time);
                _writer.Head(MatroskaId.Cluster, EbmlWriter.UnknownLength);
                _writer.Number(MatroskaId.Timestamp, (ulong)time);
            }

            var isPicture = frame.Track == EncodedTrack.Video;
            _clusters.Add(isPicture, frame.IsKey, time);
            (isPicture ? _pictures : _sound).Add(time, Milliseconds(frame.Time + frame.Duration) - time);
            WriteBlock(isPicture, frame, time - _clusters.Time);
        }

        RandomAccess.Write(_file, _writer.Written, _position);
        _position += _writer.Length;
        MatroskaTail.CloseClusters(_file, _clusters, Math.Max(0, closed - 1), _clusters.Count - 1, _position);
        return true;
    }

    /// <inheritdoc/>
    public FileSummary Finish()
    {
        WriteHead();
        double milliseconds = Math.Max(_pictures.End, _sound.End);
        var length = MatroskaTail.Write(_file, _head, _clusters, _position, milliseconds);
        return new FileSummary(milliseconds / 1000, length, _pictures.Frames);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void WriteHead()
    {
        if (_position == 0)
        {
            RandomAccess.Write(_file, _head.Bytes, 0);
            _position = _head.Bytes.Length;
        }
    }

    // RFC 9559: the track, the time within the cluster, and whether the frame can be decoded alone.
    private void WriteBlock(bool isPicture, RecordFrame frame, long time)
    {
        const int blockHead = 4;
        const byte trackMark = 0x80;
        const byte keyFrame = 0x80;
        Span<byte> start =
        [
            (byte)(trackMark | (isPicture ? MatroskaHead.PictureTrack : MatroskaHead.SoundTrack)),
            0,
            0,
            frame.IsKey ? keyFrame : (byte)0,
        ];
        BinaryPrimitives.WriteInt16BigEndian(start[1..], (short)time);
        _writer.Head(MatroskaId.SimpleBlock, EbmlWriter.Long(blockHead + frame.Content.Length));
        _writer.Bytes(start);
        _writer.Bytes(frame.Content.Span);
    }

    private static long Milliseconds(long nanoseconds) => (long)Math.Round(nanoseconds / 1e6);
}
