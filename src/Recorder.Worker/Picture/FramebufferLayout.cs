using System.Buffers.Binary;

namespace Recorder.Worker.Picture;

/// <summary>
/// The positions of the pixels in the shared memory of <c>Xvfb -shmem</c>: an XWD header (X11/XWDFile.h, big endian), a
/// colour map, then the pixels. A pixel has four bytes: blue, green, red, unused.
/// </summary>
/// <param name="Offset">Bytes before the first pixel.</param>
/// <param name="Stride">Bytes from one line to the next.</param>
/// <param name="Width">Pixels in a line.</param>
/// <param name="Height">Lines.</param>
internal sealed record FramebufferLayout(int Offset, int Stride, int Width, int Height)
{
    /// <summary>Length of the XWD header without the window's name.</summary>
    public const int HeaderLength = 100;

    private const int FileVersion = 7;
    private const int ColourLength = 12;

    /// <summary>Number of bytes that the segment must have.</summary>
    public long Length => Offset + ((long)Stride * Height);

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">The header is not that of the frame buffer of an Xvfb of depth
    /// 24.</exception>
    public static FramebufferLayout Parse(ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderLength || Field(header, 1) != FileVersion)
        {
            throw new InvalidDataException(
                "The shared memory does not begin with an XWD header; is it the one that Xvfb -shmem printed?"
            );
        }

        var bitsPerPixel = Field(header, 11);
        var redMask = Field(header, 14);
        if (bitsPerPixel != 32 || redMask != 0xFF0000)
        {
            throw new InvalidDataException(
                $"The display has {bitsPerPixel} bits a pixel with red in {redMask:x}; start Xvfb with depth 24."
            );
        }

        return new FramebufferLayout(
            Offset: checked((int)(Field(header, 0) + (Field(header, 19) * ColourLength))),
            Stride: checked((int)Field(header, 12)),
            Width: checked((int)Field(header, 4)),
            Height: checked((int)Field(header, 5))
        );
    }

    private static uint Field(ReadOnlySpan<byte> header, int index) =>
        BinaryPrimitives.ReadUInt32BigEndian(header[(index * 4)..]);
}
