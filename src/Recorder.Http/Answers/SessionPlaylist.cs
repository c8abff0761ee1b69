using System.Globalization;
using System.Text;

using Recorder.Cluster.Sessions;

namespace Recorder.Http.Answers;

/// <summary>
/// A session's playlist, joined of those of its records (RFC 8216, section 6.2). Every edge numbers the segments alike, whenever it is asked, and no number is ever given
/// twice: what cannot be read any more is left out at the beginning, and counted. Pure.
/// </summary>
internal static class SessionPlaylist
{
    /// <summary>No segment but a record's last is shorter, in seconds.</summary>
    private const double ShortestSegment = 3.5;

    /// <summary>Segments that a record may have beyond its time: its last, and those of the seconds by which the clocks of two nodes differ.</summary>
    private const int Spare = 20;

    private const string SequenceTag = "#EXT-X-MEDIA-SEQUENCE:";

    /// <summary>One record of the session and its playlist.</summary>
    /// <param name="Record">The record.</param>
    /// <param name="Playlist">Its playlist, <see cref="RecordPlaylist.None"/> while it has none; null when it cannot be read.</param>
    internal sealed record Part(RecordSummary Record, RecordPlaylist? Playlist);

    /// <summary>The text of the playlist; null when there is none, or the newest part of it cannot be read.</summary>
    /// <param name="parts">The records that players were shown, in the order in which they were opened.</param>
    /// <param name="over">Whether nothing follows.</param>
    /// <param name="from">The number of the first segment that was told last: what was left out once is not listed again.</param>
    public static string? Compose(IReadOnlyList<Part> parts, bool over, long from = 0)
    {
        var last = parts.Count - 1;
        while (last >= 0 && parts[last].Playlist is { Segments.IsEmpty: true }) last--;
        if (last < 0 || parts[last].Playlist is null) return null;
        var first = last;
        while (first > 0 && !parts[first].Record.Apart && parts[first - 1].Playlist is not null) first--;
        while (parts[first].Playlist!.Segments.IsEmpty || (first < last && Before(parts, first).Segments < from)) first++;

        var listed = parts.Skip(first).Take(last - first + 1).ToList();
        var (sequence, breaks) = Before(parts, first);
        var text = new StringBuilder();
        text.Append("#EXTM3U\n#EXT-X-VERSION:3\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-TARGETDURATION:{listed.Max(part => part.Playlist!.TargetDuration)}\n");
        text.Append(CultureInfo.InvariantCulture, $"{SequenceTag}{sequence}\n#EXT-X-DISCONTINUITY-SEQUENCE:{breaks}\n");

        // An EVENT playlist promises that nothing was taken back.
        text.Append(sequence == 0 ? "#EXT-X-PLAYLIST-TYPE:EVENT\n" : "").Append("#EXT-X-INDEPENDENT-SEGMENTS\n");
        foreach (var (record, playlist) in listed)
        {
            var name = Path.GetFileName(record.Path);
            foreach (var (segment, index) in playlist!.Segments.Select((segment, index) => (segment, index)))
            {
                if (!segment.Follows || (index == 0 && record != listed[0].Record)) text.Append("#EXT-X-DISCONTINUITY\n");
                foreach (var tag in segment.Tags) text.Append(tag).Append('\n');
                text.Append(HlsFiles.ServedName(name, segment.File)).Append('\n');
            }
        }

        return text.Append(over ? "#EXT-X-ENDLIST\n" : "").ToString();
    }

    /// <summary>The number of the first segment of a playlist that was composed here.</summary>
    public static long FirstOf(string text) => long.Parse(text.Split(SequenceTag, 2)[1].Split('\n', 2)[0], CultureInfo.InvariantCulture);

    /// <summary>How many segments and discontinuities lie before a part; more than there were, but never fewer, where that is not known any more.</summary>
    private static (long Segments, long Breaks) Before(IReadOnlyList<Part> parts, int index)
    {
        var (segments, breaks) = (0L, 0L);
        for (var next = 1; next <= index; next++)
        {
            var (record, playlist) = parts[next - 1];
            if ((parts[next].Record.Apart ? null : record.Hls ?? playlist?.Length) is { } length)
            {
                segments += length.Segments;
                breaks += length.Breaks + (length.Segments > 0 ? 1 : 0);
            }
            else
            {
                var most = Most(record, parts[next].Record);
                segments += most;
                breaks += most;
            }
        }

        return (segments, breaks);
    }

    private static long Most(RecordSummary record, RecordSummary next)
    {
        var time = (next.OpenedAt - record.OpenedAt) ?? TimeSpan.Zero;
        return (long)Math.Max(0, time.TotalSeconds / ShortestSegment) + Spare;
    }
}
