using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Files;

/// <summary>One encoded frame on a record's own timeline. Times are nanoseconds since its beginning.</summary>
/// <param name="Track">Picture or sound.</param>
/// <param name="Time">When it is shown or heard.</param>
/// <param name="Decoded">When it is decoded, later than the frame of its track before.</param>
/// <param name="Duration">How long a piece of sound is; 0 for a picture, which is shown until the next.</param>
/// <param name="IsKey">Whether it can be decoded alone.</param>
/// <param name="Content">The frame as the container holds it: H.264 with lengths before its units, not with start
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
    /// <summary>The least time between the decoding of two pictures, in nanoseconds: a finer step is lost in
    /// Matroska.</summary>
    public const long SmallestStep = 1_000_000;

    /// <summary>A key frame of the picture.</summary>
    public bool IsKeyPicture => Track == EncodedTrack.Video && IsKey;
}

/// <summary>What a record's pictures are, as its track tells; what changes later, such as the size, stands in the
/// pictures themselves.</summary>
/// <param name="Codec">How they are encoded.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Configuration">What the decoder needs beside them: of H.264 the AVCDecoderConfigurationRecord (ISO/IEC
/// 14496-15, 5.3.3.1); else empty.</param>
internal sealed record RecordPicture(PictureCodec Codec, int Width, int Height, ReadOnlyMemory<byte> Configuration)
{
    /// <summary>The longest <see cref="Configuration"/> that a record has room for, in bytes.</summary>
    public const int MostConfiguration = 7 << 10;
}

/// <summary>
/// Writes a growing record: at any moment the file holds all that was given, up to the frame that is being written when
/// its writer is killed. No track waits for another one, and the picture may be described when there is sound already.
/// Blocks its thread while it writes.
/// </summary>
internal interface IRecordWriter : IDisposable
{
    /// <summary>Says what the pictures are, before the first of them.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="InvalidDataException">The description does not fit into the file.</exception>
    void Describe(RecordPicture picture);

    /// <summary>Writes frames, about in the order of their times. To be called now and then with none too: what waits
    /// for the frame after it is written then.</summary>
    /// <returns>Whether anything went into the file.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    bool Write(IReadOnlyList<RecordFrame> frames);

    /// <summary>Ends the file.</summary>
    /// <returns>What is in it; null: it still has to be finalised by <c>RecordFormat.Repair</c>.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    FileSummary? Finish();
}
