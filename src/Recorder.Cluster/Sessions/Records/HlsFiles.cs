using System.Globalization;
using System.Text.RegularExpressions;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>Names of the files of an HLS output: a folder beside the record, with a playlist and segments numbered
/// from 0.</summary>
public static partial class HlsFiles
{
    /// <summary>The name of the playlist.</summary>
    public const string Playlist = "playlist.m3u8";

    /// <summary>
    /// The most bytes of a file that cross nodes in one message. A message of this size delays the heartbeats behind
    /// it by only a few milliseconds.
    /// </summary>
    public const int ChunkBytes = 256 << 10;

    /// <summary>The path of the actor that takes <see cref="ReadHlsFile"/> on a node with the role recorder.</summary>
    /// <param name="node">The node's cluster address, or an empty text for this node.</param>
    public static string ServiceOn(string node) => $"{node}/user/{HlsFilesActor.Name}";

    /// <summary>The folder of a record's playlist.</summary>
    /// <param name="recordPath">The absolute path of the record.</param>
    public static string FolderOf(string recordPath) => recordPath + ".hls";

    /// <summary>The name of a segment, <c>segment-00000.ts</c>.</summary>
    /// <param name="index">From 0.</param>
    public static string Segment(int index) => string.Create(CultureInfo.InvariantCulture, $"segment-{index:D5}.ts");

    /// <summary>Whether a name is a playlist's or a segment's, and so cannot lead outside the folder.</summary>
    public static bool IsName(string name) => name == Playlist || SegmentName().IsMatch(name);

    /// <summary>
    /// The mark that distinguishes a record's segments from those of the session's other records: the time in the
    /// record's name, <c>20210922075600</c>. No two records of a session have the same mark.
    /// </summary>
    /// <param name="record">The name of the record's file, without a folder.</param>
    public static string MarkOf(string record) => string.Concat(record.Split("__")[0].Where(char.IsAsciiLetterOrDigit));

    /// <summary>The name by which a segment is served, <c>segment-20210922075600-00000.ts</c>. The name always means
    /// the same content.</summary>
    /// <param name="record">The name of the record's file, without a folder.</param>
    /// <param name="segment">The segment's name in the record's folder, in the form of <see cref="Segment"/>.</param>
    public static string ServedName(string record, string segment) =>
        segment.Insert(SegmentPrefix.Length, MarkOf(record) + "-");

    /// <summary>The mark of a served segment and its name in the record's folder; null when the name is not a served
    /// segment's.</summary>
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
