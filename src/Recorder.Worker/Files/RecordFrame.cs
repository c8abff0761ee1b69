using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Files;

/// <summary>One encoded frame on a record's own timeline. Times are nanoseconds since the beginning of the
/// record.</summary>
/// <param name="Track">Picture or sound.</param>
/// <param name="Time">The presentation time.</param>
/// <param name="Decoded">The decoding time, later than that of the previous frame of the track.</param>
/// <param name="Duration">The length of a piece of sound; 0 for a picture, which is shown until the next
/// picture.</param>
/// <param name="IsKey">Whether the frame can be decoded alone.</param>
/// <param name="Content">The frame in the container's form: H.264 with lengths before its units, not with start
/// codes.</param>
internal sealed record RecordFrame(
    EncodedTrack Track,
    long Time,
    long Decoded,
    long Duration,
    bool IsKey,
    ReadOnlyMemory<byte> Content
)
{
    /// <summary>The least time between the decoding times of two pictures, in nanoseconds. A finer step is lost in
    /// Matroska.</summary>
    public const long SmallestStep = 1_000_000;

    /// <summary>Whether this is a key frame of the picture.</summary>
    public bool IsKeyPicture => Track == EncodedTrack.Video && IsKey;
}

/// <summary>The description of a record's pictures in their track. Later changes, such as the size, are written in the
/// pictures themselves.</summary>
/// <param name="Codec">The pictures' codec.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Configuration">The decoder's configuration. For H.264 the AVCDecoderConfigurationRecord (ISO/IEC
/// 14496-15, 5.3.3.1); otherwise empty.</param>
internal sealed record RecordPicture(PictureCodec Codec, int Width, int Height, ReadOnlyMemory<byte> Configuration)
{
    /// <summary>The longest <see cref="Configuration"/> that a record has room for, in bytes.</summary>
    public const int MostConfiguration = 7 << 10;
}

/// <summary>
/// Writes a growing record. When the writer is killed, the file holds all frames up to the frame that is being written.
/// No track waits for another track, and the picture may be described after sound has been written. Blocks its thread
/// while it writes.
/// </summary>
internal interface IRecordWriter : IDisposable
{
    /// <summary>Describes the pictures, before the first picture.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="InvalidDataException">The description does not fit into the file.</exception>
    void Describe(RecordPicture picture);

    /// <summary>Writes frames, about in the order of their times. Has to be called now and then without frames too, so
    /// that a frame that waits for its successor is written.</summary>
    /// <returns>Whether anything was written to the file.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    bool Write(IReadOnlyList<RecordFrame> frames);

    /// <summary>Ends the file.</summary>
    /// <returns>The content of the file; null: the file still has to be finalised by
    /// <c>RecordFormat.Repair</c>.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    FileSummary? Finish();
}
