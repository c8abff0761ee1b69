namespace Recorder.Node.Delivery.S3;

/// <summary>Where the parts of a file begin and end. Pure.</summary>
/// <param name="PartSize">The length of every part but the first and the last, in bytes.</param>
/// <param name="FirstLength">The length of the first part, in bytes; at least <see cref="PartSize"/>.</param>
internal readonly record struct PartLayout(int PartSize, long FirstLength)
{
    /// <summary>The most parts of an object, by S3.</summary>
    public const int MostParts = 10_000;

    /// <summary>The parts of a file that is complete when its upload begins.</summary>
    /// <param name="partSize">The length of a part in the options, in bytes.</param>
    /// <param name="length">The length of the file, in bytes.</param>
    public static PartLayout Of(long partSize, long length)
    {
        var size = (int)Math.Max(partSize, (length + MostParts - 1) / MostParts);
        return new PartLayout(size, size);
    }

    /// <summary>The parts of a file that was sent while it grew.</summary>
    /// <param name="partSize">The length of a part of the growing file, in bytes.</param>
    /// <param name="inserted">How many bytes were put before the file when it was closed.</param>
    public static PartLayout OfGrown(int partSize, long inserted) => new(partSize, partSize + inserted);

    /// <summary>How many parts a file has.</summary>
    /// <param name="length">The length of the file, in bytes; above 0.</param>
    public long Count(long length) =>
        length <= FirstLength ? 1 : 1 + ((length - FirstLength + PartSize - 1) / PartSize);

    /// <summary>The length of a part, in bytes.</summary>
    /// <param name="at">Where the part begins.</param>
    /// <param name="length">The length of the file, in bytes.</param>
    public int LengthAt(long at, long length) => (int)Math.Min(at == 0 ? FirstLength : PartSize, length - at);
}
