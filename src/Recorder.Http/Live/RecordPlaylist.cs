using System.Collections.Immutable;
using System.Globalization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Http.Live;

/// <summary>One record's live playlist, as written by the record's worker (RFC 8216, section 4). Pure.</summary>
/// <param name="TargetDuration">The target duration in seconds.</param>
/// <param name="Segments">The segments, in order.</param>
/// <param name="Ended">Whether the playlist says that nothing follows.</param>
internal sealed record RecordPlaylist(int TargetDuration, ImmutableList<RecordPlaylist.Segment> Segments, bool Ended)
{
    private const string TargetDurationTag = "#EXT-X-TARGETDURATION:";
    private const string BreakTag = "#EXT-X-DISCONTINUITY";
    private const string EndTag = "#EXT-X-ENDLIST";

    private static readonly string[] SegmentTags = ["#EXTINF:", "#EXT-X-PROGRAM-DATE-TIME:"];

    /// <summary>The playlist of a record that has none.</summary>
    public static RecordPlaylist None { get; } = new(0, [], Ended: false);

    /// <summary>The number of segments and of breaks in the playlist.</summary>
    public HlsLength Length => new(Segments.Count, Segments.Count(segment => !segment.Follows));

    /// <summary>Reads a playlist that the recorder wrote; unknown lines are skipped.</summary>
    public static RecordPlaylist Parse(string text)
    {
        var segments = ImmutableList.CreateBuilder<Segment>();
        var tags = ImmutableList<string>.Empty;
        var (target, follows, ended) = (0, true, false);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith(TargetDurationTag, StringComparison.Ordinal))
            {
                target = int.TryParse(
                    line.AsSpan(TargetDurationTag.Length),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var seconds
                )
                    ? seconds
                    : target;
            }
            else if (Array.Exists(SegmentTags, tag => line.StartsWith(tag, StringComparison.Ordinal)))
            {
                tags = tags.Add(line);
            }
            else if (HlsFiles.IsName(line) && line != HlsFiles.Playlist)
            {
                segments.Add(new Segment(tags, line, follows));
                (tags, follows) = ([], true);
            }
            else
            {
                follows &= line != BreakTag;
                ended |= line == EndTag;
            }
        }

        return new RecordPlaylist(target, segments.ToImmutable(), ended);
    }

    /// <summary>One segment.</summary>
    /// <param name="Tags">The lines with the segment's length and time.</param>
    /// <param name="File">The segment's name in the record's folder.</param>
    /// <param name="Follows">Whether the segment continues the segment before it in the record.</param>
    internal sealed record Segment(ImmutableList<string> Tags, string File, bool Follows);
}
