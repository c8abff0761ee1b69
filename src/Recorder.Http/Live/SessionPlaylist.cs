using System.Globalization;
using System.Text;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Http.Live;

/// <summary>
/// A session's playlist, joined from the playlists of its records (RFC 8216, section 6.2). Every edge numbers the
/// segments alike at any time, and no number is given twice. Segments that can no longer be read are left out at the
/// beginning, and still counted. Pure.
/// </summary>
internal static class SessionPlaylist
{
    /// <summary>The length of the shortest segment other than a record's last, in seconds.</summary>
    private const double ShortestSegment = 3.5;

    /// <summary>How many segments a record may have beyond those of its time: its last segment, and segments for the
    /// seconds by which the clocks of two nodes differ.</summary>
    private const int Spare = 20;

    private const string SequenceTag = "#EXT-X-MEDIA-SEQUENCE:";
    private const string BreaksTag = "#EXT-X-DISCONTINUITY-SEQUENCE:";

    /// <summary>One record of the session and its playlist.</summary>
    /// <param name="Record">The record.</param>
    /// <param name="Playlist">The record's playlist; <see cref="RecordPlaylist.None"/> while the record has none; null
    /// when the playlist cannot be read.</param>
    internal sealed record Part(RecordSummary Record, RecordPlaylist? Playlist);

    /// <summary>The text of the playlist. Null when there is no playlist, when the newest part cannot be read, or when
    /// numbers would decrease.</summary>
    /// <param name="parts">The records that players were shown, in the order of their opening.</param>
    /// <param name="over">Whether nothing follows.</param>
    /// <param name="told">The last playlist that was served, or null. Segments that were left out once are not listed
    /// again, and no number decreases.</param>
    public static string? Compose(IReadOnlyList<Part> parts, bool over, string? told = null)
    {
        var from = told is null ? 0 : NumberAfter(SequenceTag, told);
        var last = parts.Count - 1;
        while (last >= 0 && parts[last].Playlist is { Segments.IsEmpty: true })
        {
            last--;
        }
        if (last < 0 || parts[last].Playlist is null)
        {
            return null;
        }
        var first = last;
        while (first > 0 && !parts[first].Record.Apart && parts[first - 1].Playlist is not null)
        {
            first--;
        }
        while (parts[first].Playlist!.Segments.IsEmpty || (first < last && Before(parts, first).Segments < from))
        {
            first++;
        }

        var listed = parts.Skip(first).Take(last - first + 1).ToList();
        var (sequence, breaks) = Before(parts, first);
        if (sequence < from)
        {
            // An exact number has replaced a larger estimate. The segments keep the numbers with which they were
            // served.
            if (!over && FirstSegment(told!) != NameOf(listed[0].Record, listed[0].Playlist!.Segments[0]))
            {
                return null;
            }
            (sequence, breaks) = (from, NumberAfter(BreaksTag, told!));
        }

        var text = new StringBuilder();
        text.Append("#EXTM3U\n#EXT-X-VERSION:3\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"#EXT-X-TARGETDURATION:{listed.Max(part => part.Playlist!.TargetDuration)}\n"
        );
        text.Append(CultureInfo.InvariantCulture, $"{SequenceTag}{sequence}\n{BreaksTag}{breaks}\n");

        // An EVENT playlist promises that no segment was removed.
        text.Append(sequence == 0 ? "#EXT-X-PLAYLIST-TYPE:EVENT\n" : "").Append("#EXT-X-INDEPENDENT-SEGMENTS\n");
        foreach (var (record, playlist) in listed)
        {
            foreach (var (segment, index) in playlist!.Segments.Select((segment, index) => (segment, index)))
            {
                if (!segment.Follows || (index == 0 && record != listed[0].Record))
                {
                    text.Append("#EXT-X-DISCONTINUITY\n");
                }
                foreach (var tag in segment.Tags)
                {
                    text.Append(tag).Append('\n');
                }
                text.Append(NameOf(record, segment)).Append('\n');
            }
        }

        return text.Append(over ? "#EXT-X-ENDLIST\n" : "").ToString();
    }

    private static string NameOf(RecordSummary record, RecordPlaylist.Segment segment) =>
        HlsFiles.ServedName(Path.GetFileName(record.Path), segment.File);

    private static long NumberAfter(string tag, string text) =>
        long.Parse(text.Split(tag, 2)[1].Split('\n', 2)[0], CultureInfo.InvariantCulture);

    private static string FirstSegment(string text) =>
        text.Split('\n').First(line => line.Length > 0 && line[0] != '#');

    /// <summary>How many segments and discontinuities lie before a part. When the exact number is no longer known, the
    /// result is too large, but never too small.</summary>
    private static (long Segments, long Breaks) Before(IReadOnlyList<Part> parts, int index)
    {
        var (segments, breaks) = (0L, 0L);
        if (parts[0].Record is { LostSince: { } since } first)
        {
            // Lost records are not among the parts. Everything between two parts is estimated from the parts' times.
            var most = Most(since, first.OpenedAt);
            (segments, breaks) = (most, most);
        }

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
                var most = Most(record.OpenedAt, parts[next].Record.OpenedAt);
                segments += most;
                breaks += most;
            }
        }

        return (segments, breaks);
    }

    private static long Most(DateTimeOffset? from, DateTimeOffset? to)
    {
        var time = (to - from) ?? TimeSpan.Zero;
        return (long)Math.Max(0, time.TotalSeconds / ShortestSegment) + Spare;
    }
}
