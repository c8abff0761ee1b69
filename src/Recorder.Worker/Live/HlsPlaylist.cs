using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Live;

/// <summary>One finished segment.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Duration">Its length.</param>
/// <param name="Follows">Whether it goes on where the one before it ends; else something could not be written in
/// between.</param>
internal sealed record HlsSegment(int Index, TimeSpan Duration, bool Follows)
{
    /// <summary>When its first picture was captured; null where that is not known.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>The text of an EVENT playlist (RFC 8216): nothing in it is ever taken back, and its end is said.</summary>
internal static class HlsPlaylist
{
    /// <summary>
    /// Seconds of EXT-X-TARGETDURATION, which must not change: segments are cut at the first key frame after
    /// <see cref="HlsSegmenter.CutAfter"/>, and there is one every 4 s. A pause may make it come later by as much as
    /// <see cref="LiveKeyFrames.StreamSeconds"/>.
    /// </summary>
    public const int TargetDuration = 6;

    private const string SegmentTag = "#EXTINF:";
    private const string BreakTag = "#EXT-X-DISCONTINUITY\n";
    private const string EndTag = "#EXT-X-ENDLIST";

    /// <summary>The playlist of these segments.</summary>
    public static string Text(ImmutableList<HlsSegment> segments, bool ended)
    {
        // A segment that became longer all the same makes the playlist say so: a wrong number is worse than a changed
        // one.
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

    /// <summary>Writes the playlist in one step, so that who reads it never sees a part.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Write(string folder, string text)
    {
        var path = Path.Combine(folder, PlaylistNames.Playlist);
        var growing = path + HlsMuxer.GrowingSuffix;
        File.WriteAllText(growing, text);
        File.Move(growing, path, overwrite: true);
    }

    /// <summary>Ends the playlist that a worker has left behind when it died, and removes what it had not
    /// finished.</summary>
    /// <returns>What it holds; null if there is none.</returns>
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
