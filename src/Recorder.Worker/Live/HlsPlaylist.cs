using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Live;

/// <summary>One finished segment.</summary>
/// <param name="Index">The segment's number, from 0.</param>
/// <param name="Duration">The segment's length.</param>
/// <param name="Follows">Whether the segment begins where the previous segment ends. False: a part in between could not
/// be written.</param>
internal sealed record HlsSegment(int Index, TimeSpan Duration, bool Follows)
{
    /// <summary>When the segment's first picture was captured; null when the time is not known.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>The text of an EVENT playlist (RFC 8216): no entry is ever removed, and the end is marked.</summary>
internal static class HlsPlaylist
{
    /// <summary>
    /// Seconds of EXT-X-TARGETDURATION, which must not change. Segments are cut at the first key frame after
    /// <see cref="HlsSegmenter.CutAfter"/>, and a key frame comes every 4 s. A pause may delay the key frame by as much
    /// as <see cref="LiveKeyFrames.StreamSeconds"/>.
    /// </summary>
    public const int TargetDuration = 6;

    private const string SegmentTag = "#EXTINF:";
    private const string BreakTag = "#EXT-X-DISCONTINUITY\n";
    private const string EndTag = "#EXT-X-ENDLIST";

    /// <summary>The playlist of these segments.</summary>
    public static string Text(ImmutableList<HlsSegment> segments, bool ended)
    {
        // A longer segment raises the playlist's target duration: a wrong number is worse than a changed number.
        var longest = segments.IsEmpty ? 0 : segments.Max(segment => segment.Duration.TotalSeconds);
        var target = Math.Max(TargetDuration, (int)Math.Round(longest, MidpointRounding.AwayFromZero));
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{target}\n");
        text.Append("#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEPENDENT-SEGMENTS\n");
        foreach (var segment in segments)
        {
            text.Append(segment.Follows ? "" : BreakTag);
            if (segment.At is { } at)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"#EXT-X-PROGRAM-DATE-TIME:{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\n"
                );
            }

            text.Append(
                CultureInfo.InvariantCulture,
                $"{SegmentTag}{segment.Duration.TotalSeconds:0.000000},\n{PlaylistNames.Segment(segment.Index)}\n"
            );
        }

        return text.Append(ended ? EndTag + "\n" : "").ToString();
    }

    /// <summary>Writes the playlist in one step, so that a reader never sees a part.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Write(string folder, string text)
    {
        var path = Path.Combine(folder, PlaylistNames.Playlist);
        var growing = path + HlsMuxer.GrowingSuffix;
        File.WriteAllText(growing, text);
        File.Move(growing, path, overwrite: true);
    }

    /// <summary>Ends the playlist of a worker that died, and removes the worker's unfinished files.</summary>
    /// <returns>The content of the playlist; null if there is no folder of a playlist.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public static PlaylistLength? End(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        foreach (var growing in Directory.GetFiles(folder, "*" + HlsMuxer.GrowingSuffix))
        {
            File.Delete(growing);
        }

        var path = Path.Combine(folder, PlaylistNames.Playlist);
        if (!File.Exists(path))
        {
            return default(PlaylistLength);
        }

        var text = File.ReadAllText(path);
        if (!text.Contains(EndTag, StringComparison.Ordinal))
        {
            Write(folder, text + EndTag + "\n");
        }

        return new PlaylistLength(text.AsSpan().Count(SegmentTag), text.AsSpan().Count(BreakTag));
    }
}
