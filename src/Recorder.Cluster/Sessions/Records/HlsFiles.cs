using System.Globalization;
using System.Text.RegularExpressions;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>Names of the files of an HLS output: a folder beside the record, a playlist in it, and segments that count
/// from 0.</summary>
public static partial class HlsFiles
{
    /// <summary>The name of the playlist.</summary>
    public const string Playlist = "playlist.m3u8";

    /// <summary>
    /// The most bytes of a file that cross nodes in one message. A message that large holds up the heartbeats behind it
    /// for no longer than some milliseconds.
    /// </summary>
    public const int ChunkBytes = 256 << 10;

    /// <summary>The path of the actor that takes <see cref="ReadHlsFile"/> on a node with the role recorder.</summary>
    /// <param name="node">The node's cluster address, or nothing for this one.</param>
    public static string ServiceOn(string node) => $"{node}/user/{HlsFilesActor.Name}";

    /// <summary>The folder of a record's playlist.</summary>
    /// <param name="recordPath">The absolute path of the record.</param>
    public static string FolderOf(string recordPath) => recordPath + ".hls";

    /// <summary>The name of a segment, <c>segment-00000.ts</c>.</summary>
    /// <param name="index">From 0.</param>
    public static string Segment(int index) => string.Create(CultureInfo.InvariantCulture, $"segment-{index:D5}.ts");

    /// <summary>Whether a name is one of a playlist or of a segment, and so of nothing outside the folder.</summary>
    public static bool IsName(string name) => name == Playlist || SegmentName().IsMatch(name);

    /// <summary>
    /// What a record's segments are told apart by from those of the session's other records: the time in its name,
    /// <c>20210922075600</c>. Two records of a session differ in it.
    /// </summary>
    /// <param name="record">The name of the record's file, without a folder.</param>
    public static string MarkOf(string record) => string.Concat(record.Split("__")[0].Where(char.IsAsciiLetterOrDigit));

    /// <summary>The name by which a segment is served, <c>segment-20210922075600-00000.ts</c>: it names one content for
    /// ever.</summary>
    /// <param name="record">The name of the record's file, without a folder.</param>
    /// <param name="segment">The segment's name in the record's folder, as <see cref="Segment"/> gives it.</param>
    public static string ServedName(string record, string segment) =>
        segment.Insert(SegmentPrefix.Length, MarkOf(record) + "-");

    /// <summary>The mark and the name in the record's folder of a segment that is served by this name; null if it is no
    /// such name.</summary>
    public static (string Mark, string Segment)? Served(string name) =>
        ServedSegmentName().Match(name) is { Success: true } match
            ? (match.Groups["mark"].Value, SegmentPrefix + match.Groups["rest"].Value)
            : null;

    private const string SegmentPrefix = "segment-";

    [GeneratedRegex(@"\Asegment-[0-9]{5,9}\.ts\z", RegexOptions.CultureInvariant)]
    private static partial Regex SegmentName();

    [GeneratedRegex(@"\Asegment-(?<mark>[0-9A-Za-z]{1,64})-(?<rest>[0-9]{5,9}\.ts)\z", RegexOptions.CultureInvariant)]
    private static partial Regex ServedSegmentName();
}
