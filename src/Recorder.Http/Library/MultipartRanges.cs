using System.Collections.Immutable;
using System.Text;

namespace Recorder.Http.Library;

/// <summary>The form of an answer with several parts of a file: RFC 9110, section 14.6. Pure.</summary>
/// <param name="Boundary">Separates the parts.</param>
/// <param name="ContentType">The type of the file.</param>
/// <param name="FileLength">The length of the file in bytes.</param>
internal sealed record MultipartRanges(string Boundary, string ContentType, long FileLength)
{
    /// <summary>The type of the answer.</summary>
    public string AnswerType => $"multipart/byteranges; boundary={Boundary}";

    /// <summary>The end of the answer.</summary>
    public byte[] End => Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n");

    /// <summary>What stands before a part.</summary>
    public byte[] HeadOf(ByteRange range) =>
        Encoding.ASCII.GetBytes(
            $"\r\n--{Boundary}\r\nContent-Type: {ContentType}\r\nContent-Range: {ContentRange(range, FileLength)}\r\n\r\n"
        );

    /// <summary>The length of the answer in bytes.</summary>
    public long LengthOf(ImmutableList<ByteRange> ranges) =>
        ranges.Sum(range => HeadOf(range).Length + range.Length) + End.Length;

    /// <summary>The value of the header <c>Content-Range</c>.</summary>
    public static string ContentRange(ByteRange range, long fileLength) =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"bytes {range.From}-{range.End - 1}/{fileLength}"
        );
}
