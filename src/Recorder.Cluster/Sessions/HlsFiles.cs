using System.Globalization;
using System.Text.RegularExpressions;

namespace Recorder.Cluster.Sessions;

/// <summary>Names of the files of an HLS output: a folder beside the record, a playlist in it, and segments that count from 0.</summary>
public static partial class HlsFiles
{
    /// <summary>The name of the playlist.</summary>
    public const string Playlist = "playlist.m3u8";

    /// <summary>
    /// The most bytes of a file that cross nodes in one message. A message that large holds up the heartbeats behind it for no longer than some milliseconds.
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

    [GeneratedRegex(@"\Asegment-[0-9]{5,9}\.ts\z", RegexOptions.CultureInvariant)]
    private static partial Regex SegmentName();
}
