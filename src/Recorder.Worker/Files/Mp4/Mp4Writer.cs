namespace Recorder.Worker.Files.Mp4;

/// <summary>Writes boxes into memory.</summary>
internal sealed class Mp4Writer : ByteWriter
{
    /// <summary>Writes a box whose content is written by <paramref name="write"/>.</summary>
    public void Box(string letters, Action write)
    {
        var start = Length;
        UInt32(0);
        UInt32(Mp4Box.Code(letters));
        write();
        Correct(start, (uint)(Length - start));
    }

    /// <summary>Writes a full box of version 0 with the number of entries and the entries.</summary>
    public void Table<T>(string letters, IReadOnlyList<T> entries, Action<T> write) =>
        Box(
            letters,
            () =>
            {
                UInt32(0);
                UInt32((uint)entries.Count);
                foreach (var entry in entries)
                {
                    write(entry);
                }
            }
        );
}
