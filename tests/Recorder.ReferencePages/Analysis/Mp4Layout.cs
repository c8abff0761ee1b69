using System.Buffers.Binary;
using System.Text;

namespace Recorder.ReferencePages;

/// <summary>The order of the top-level boxes of an ISO base media file (ISO/IEC 14496-12).</summary>
/// <param name="BoxTypes">Types in file order, such as ftyp, moov, mdat. A last box cut short by the file's end is
/// listed too.</param>
public sealed record Mp4Layout(IReadOnlyList<string> BoxTypes)
{
    /// <summary>The index (moov) stands before the media (mdat): a player can start before it has the whole
    /// file.</summary>
    public bool IsFastStart => Position("moov") is { } moov && Position("mdat") is { } mdat && moov < mdat;

    /// <summary>The media comes in movie fragments.</summary>
    public bool IsFragmented => Position("moof") is not null;

    private int? Position(string type)
    {
        for (var i = 0; i < BoxTypes.Count; i++)
        {
            if (BoxTypes[i] == type)
            {
                return i;
            }
        }

        return null;
    }

    /// <summary>Reads the boxes' headers; null where the file is no ISO base media file.</summary>
    internal static async Task<Mp4Layout?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            4096,
            useAsync: true
        );
        var types = new List<string>();
        var header = new byte[16];
        for (long position = 0; position + 8 <= file.Length;)
        {
            file.Position = position;
            var read = await file.ReadAtLeastAsync(header, 8, throwOnEndOfStream: false, cancellationToken);
            var type = Encoding.ASCII.GetString(header, 4, 4);
            if (read < 8 || (types.Count == 0 && type is not ("ftyp" or "styp" or "moov")))
            {
                break;
            }
            types.Add(type);
            long size = BinaryPrimitives.ReadUInt32BigEndian(header);
            // 1: the size follows in 64 bits; 0: the box runs to the end of the file.
            if (size == 1 && read >= 16)
            {
                size = (long)BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(8));
            }
            if (size < 8)
            {
                break;
            }
            position += size;
        }

        return types.Count == 0 ? null : new Mp4Layout(types);
    }
}
