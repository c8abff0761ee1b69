using System.Globalization;

namespace Recorder.Worker.Protocol;

/// <summary>Names of the files of a live playlist: a folder beside the record, a playlist in it, and segments that
/// count from 0.</summary>
public static class PlaylistNames
{
    /// <summary>The name of the playlist.</summary>
    public const string Playlist = "playlist.m3u8";

    /// <summary>The folder of a record's playlist.</summary>
    /// <param name="recordPath">The absolute path of the record.</param>
    public static string FolderOf(string recordPath) => recordPath + ".hls";

    /// <summary>The name of a segment, <c>segment-00000.ts</c>.</summary>
    /// <param name="index">The segment's number, from 0.</param>
    public static string Segment(int index) => string.Create(CultureInfo.InvariantCulture, $"segment-{index:D5}.ts");
}

/// <summary>The size of a record's finished playlist. The next record's segments are numbered on from here.</summary>
/// <param name="Segments">Number of segments, 0 or more.</param>
/// <param name="Breaks">Number of discontinuities: holes that could not be written.</param>
public readonly record struct PlaylistLength(int Segments, int Breaks);
