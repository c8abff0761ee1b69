namespace Recorder.Worker.Picture;

/// <summary>The news of a picture source.</summary>
internal enum PaintSignal
{
    /// <summary>Nothing new.</summary>
    None,

    /// <summary>The display was painted since the last call.</summary>
    Painted,

    /// <summary>The source is gone; its last picture can still be read.</summary>
    Lost,
}

/// <summary>The planes of one I420 frame in native memory.</summary>
/// <param name="Data">Address of the first byte.</param>
/// <param name="Format">The positions of the planes.</param>
internal readonly record struct PictureMemory(nint Data, PictureFormat Format);

/// <summary>GStreamer's default layout of an I420 frame (video-info.c): lines are multiples of 4 bytes, and the number
/// of lines is even.</summary>
/// <param name="Width">Pixels in a line, even.</param>
/// <param name="Height">Number of lines, even.</param>
internal readonly record struct PictureFormat(int Width, int Height)
{
    /// <summary>Bytes of a line of luma.</summary>
    public int LumaStride => (Width + 3) & ~3;

    /// <summary>Bytes of a line of one chroma plane.</summary>
    public int ChromaStride => ((Width / 2) + 3) & ~3;

    /// <summary>Bytes before the first chroma plane.</summary>
    public int BlueOffset => LumaStride * Height;

    /// <summary>Bytes before the second chroma plane.</summary>
    public int RedOffset => BlueOffset + (ChromaStride * (Height / 2));

    /// <summary>Bytes of a frame.</summary>
    public int Length => RedOffset + (ChromaStride * (Height / 2));
}

/// <summary>A source of pictures: a display, or a test's own frame buffer. Used by one thread.</summary>
internal interface IPictureSource : IDisposable
{
    /// <summary>A descriptor that a poll reports as readable when <see cref="Drain"/> may have news; valid until the
    /// source is lost.</summary>
    int Descriptor { get; }

    /// <summary>Takes all news, without waiting.</summary>
    PaintSignal Drain();

    /// <summary>Converts the picture that is painted now.</summary>
    void Convert(PictureMemory target);
}
