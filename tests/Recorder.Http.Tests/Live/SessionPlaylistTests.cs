using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Live;

namespace Recorder.Http.Tests.Live;

/// <summary>One playlist of a session's records: who may see what, and that no number or name stands for two
/// segments.</summary>
public sealed class SessionPlaylistTests
{
    private const string A = "akka.tcp://recorder@10.0.0.1:34569";
    private const string B = "akka.tcp://recorder@10.0.0.2:34569";

    private static readonly DateTimeOffset Time = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Records_follow_each_other_with_a_discontinuity_between_and_each_segment_has_a_name_of_its_own()
    {
        var text = SessionPlaylist.Compose([Part(0, A, 2), Part(60, A, 1)], over: true);

        Assert.Equal(
            """
            #EXTM3U
            #EXT-X-VERSION:3
            #EXT-X-TARGETDURATION:6
            #EXT-X-MEDIA-SEQUENCE:0
            #EXT-X-DISCONTINUITY-SEQUENCE:0
            #EXT-X-PLAYLIST-TYPE:EVENT
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-PROGRAM-DATE-TIME:2026-11-30T08:00:00.000Z
            #EXTINF:4.000000,
            segment-20261130080000-00000.ts
            #EXT-X-PROGRAM-DATE-TIME:2026-11-30T08:00:04.000Z
            #EXTINF:4.000000,
            segment-20261130080000-00001.ts
            #EXT-X-DISCONTINUITY
            #EXT-X-PROGRAM-DATE-TIME:2026-11-30T08:01:00.000Z
            #EXTINF:4.000000,
            segment-20261130080100-00000.ts
            #EXT-X-ENDLIST

            """,
            text
        );
    }

    [Theory]
    // The worker died: its record is repaired at some time, the next one has no segment yet, then it has.
    [InlineData("2", "0: 0/0 0/1 | 0 breaks")]
    [InlineData("2, 0", "0: 0/0 0/1 | 0 breaks")]
    [InlineData("2, 1", "0: 0/0 0/1 1/0 | 0 breaks")]
    [InlineData("closed 2, 1", "0: 0/0 0/1 1/0 | 0 breaks")]
    [InlineData("2, none", "0: 0/0 0/1 | 0 breaks")]
    [InlineData("none, 1", "0: 1/0 | 0 breaks")]
    [InlineData("closed 2, 0, 1", "0: 0/0 0/1 2/0 | 0 breaks")]
    // The session changed nodes, then the first node left: its segments are no longer listed, and the others keep their
    // numbers.
    [InlineData("closed 2, 2", "0: 0/0 0/1 1/0 1/1 | 0 breaks")]
    [InlineData("closed 2 away, 2", "2: 1/0 1/1 | 1 breaks")]
    [InlineData("closed 2 away, closed 3, 1", "2: 1/0 1/1 1/2 2/0 | 1 breaks")]
    [InlineData("closed 2 away, closed 3 away, 1", "5: 2/0 | 2 breaks")]
    [InlineData("closed 2, closed 3 away, 1", "5: 2/0 | 2 breaks")]
    [InlineData("closed 0 away, 1", "0: 1/0 | 0 breaks")]
    // The node died: how much it had listed is not known, and never becomes so for these numbers.
    [InlineData("2 away, apart 1", "37: 1/0 | 37 breaks")]
    [InlineData("closed 2, apart 1", "37: 1/0 | 37 breaks")]
    [InlineData("closed 2, apart 1 away, apart 1", "74: 2/0 | 74 breaks")]
    [InlineData("2, apart 0", "0: 0/0 0/1 | 0 breaks")]
    // Of an older journal: the length was not written down.
    [InlineData("2 away, 1", "37: 1/0 | 37 breaks")]
    // Nothing to tell, or nothing newer than what was told.
    [InlineData("", null)]
    [InlineData("0", null)]
    [InlineData("none", null)]
    [InlineData("2 away", null)]
    [InlineData("closed 2, 1 away", null)]
    public void What_can_be_read_is_listed_and_what_cannot_is_counted(string records, string? expected)
    {
        var parts = records
            .Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .Select((text, index) => Part(60 * index, A, text))
            .ToList();

        var text = SessionPlaylist.Compose(parts, over: false);

        Assert.Equal(expected, text is null ? null : Told(text));
        Assert.DoesNotContain("ENDLIST", text ?? "", StringComparison.Ordinal);
        if (text is not null)
        {
            Assert.Equal(
                text.Contains("SEQUENCE:0\n#EXT-X-DISC", StringComparison.Ordinal),
                text.Contains("PLAYLIST-TYPE:EVENT", StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public void Numbers_never_go_back_whatever_a_node_does_to_its_clock_and_however_many_segments_there_were()
    {
        // As many as there can be: one each 3.5 s, and a short one at the end.
        foreach (var seconds in new[] { 0, 1, 3, 4, 60, 3600, 12 * 3600 })
        {
            var most = (int)(seconds / 3.5) + 2;
            var text = SessionPlaylist.Compose(
                [
                    Part(0, A, 0) with
                    {
                        Playlist = null,
                    },
                    Part(seconds, B, 1) with
                    {
                        Record = Record(seconds, B) with { Apart = true },
                    },
                ],
                over: false
            );
            Assert.InRange(Sequence(text!), most, long.MaxValue);
        }

        Assert.InRange(
            Sequence(
                SessionPlaylist.Compose(
                    [
                        Part(10, A, 0) with
                        {
                            Playlist = null,
                        },
                        Part(0, B, 1) with
                        {
                            Record = Record(0, B) with { Apart = true },
                        },
                    ],
                    over: false
                )!
            ),
            5,
            50
        );
    }

    [Fact]
    public void What_was_left_out_once_is_not_listed_again()
    {
        var away = SessionPlaylist.Compose([Part(0, A, "closed 2 away"), Part(60, B, "1")], over: false)!;
        var back = SessionPlaylist.Compose([Part(0, A, "closed 2"), Part(60, B, "1")], over: false, away);

        Assert.Equal((2, away), (Sequence(away), back));
    }

    [Fact]
    public void Numbers_do_not_go_back_when_a_true_number_takes_the_place_of_an_estimate()
    {
        var estimated = SessionPlaylist.Compose([Part(0, A, "2 away"), Part(60, B, "1")], over: false)!;
        Assert.Equal("37: 1/0 | 37 breaks", Told(estimated));

        // The segments that were told keep their numbers; others cannot have one of theirs, unless nothing follows.
        Assert.Equal(
            "37: 1/0 1/1 | 37 breaks",
            Told(SessionPlaylist.Compose([Part(0, A, "closed 2"), Part(60, B, "2")], over: false, estimated)!)
        );
        Assert.Null(
            SessionPlaylist.Compose(
                [Part(0, A, "closed 2"), Part(60, B, "closed 2 away"), Part(120, B, "1")],
                over: false,
                estimated
            )
        );
        Assert.Equal(
            "37: 2/0 | 37 breaks",
            Told(
                SessionPlaylist.Compose(
                    [Part(0, A, "closed 2"), Part(60, B, "closed 2 away"), Part(120, B, "1")],
                    over: true,
                    estimated
                )!
            )
        );
    }

    [Fact]
    public void Numbers_go_on_over_a_first_record_that_was_lost()
    {
        var told = SessionPlaylist.Compose([Part(0, A, "2")], over: false)!;
        Assert.Equal("0: 0/0 0/1 | 0 breaks", Told(told));

        // The file was removed: the record is none of the session's any more, but players were shown it.
        var next = Part(60, A, "apart 1");
        next = next with { Record = next.Record with { LostSince = Time } };
        Assert.Equal("37: 1/0 | 37 breaks", Told(SessionPlaylist.Compose([next], over: false, told)!));
        Assert.Equal("37: 1/0 | 37 breaks", Told(SessionPlaylist.Compose([next], over: false)!));
        Assert.Equal(
            "37: 1/0 2/0 | 37 breaks",
            Told(
                SessionPlaylist.Compose(
                    [
                        next with
                        {
                            Record = next.Record with { Finished = true, Hls = new HlsLength(1, 0) },
                        },
                        Part(120, A, "1"),
                    ],
                    over: false,
                    told
                )!
            )
        );
        Assert.DoesNotContain("PLAYLIST-TYPE", SessionPlaylist.Compose([next], over: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Holes_within_a_record_are_kept_and_counted()
    {
        var playlist = RecordPlaylist.Parse(
            "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:4.0,\nsegment-00000.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4.0,\nsegment-00001.ts\n#EXT-X-ENDLIST\n"
        );
        Assert.Equal((9, new HlsLength(2, 1), true), (playlist.TargetDuration, playlist.Length, playlist.Ended));

        var first = Part(0, A, 0) with { Playlist = playlist };
        Assert.Equal(
            2,
            SessionPlaylist.Compose([first, Part(60, A, 1)], over: false)!.Split("#EXT-X-DISCONTINUITY\n").Length - 1
        );
        Assert.Contains(
            "#EXT-X-DISCONTINUITY-SEQUENCE:2\n",
            SessionPlaylist.Compose(
                [first with { Record = first.Record with { Hls = playlist.Length }, Playlist = null }, Part(60, A, 1)],
                over: false
            ),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("segment-20210922075600-00007.ts", "20210922075600", "segment-00007.ts")]
    [InlineData("segment-00007.ts", null, null)]
    [InlineData("segment-20210922075600-7.ts", null, null)]
    [InlineData("segment-2021:09-00007.ts", null, null)]
    [InlineData("segment-a/..-00007.ts", null, null)]
    [InlineData("segment-20210922075600-00007.ts\n", null, null)]
    [InlineData("playlist.m3u8", null, null)]
    public void A_served_name_tells_record_and_file(string name, string? mark, string? file)
    {
        Assert.Equal(((string, string)?)(mark is null ? null : (mark, file!)), HlsFiles.Served(name));
        if (mark is not null)
        {
            Assert.Equal(name, HlsFiles.ServedName("2021-09-22_07:56:00__0.mp4", file!));
        }
    }

    private static SessionPlaylist.Part Part(int second, string node, string text)
    {
        var words = text.Split(' ');
        var count = words.Select(word => int.TryParse(word, out var number) ? number : 0).Sum();
        var part = Part(second, node, count);
        return part with
        {
            Record = part.Record with
            {
                Finished = words.Contains("closed"),
                Hls = words.Contains("closed") ? new HlsLength(count, 0) : null,
                Apart = words.Contains("apart"),
            },
            Playlist =
                words.Contains("away") ? null
                : words.Contains("none") ? RecordPlaylist.None
                : part.Playlist,
        };
    }

    private static SessionPlaylist.Part Part(int second, string node, int segments) =>
        new(
            Record(second, node),
            new RecordPlaylist(
                6,
                [
                    .. Enumerable
                        .Range(0, segments)
                        .Select(index => new RecordPlaylist.Segment(
                            [
                                $"#EXT-X-PROGRAM-DATE-TIME:{Time.AddSeconds(second + (4 * index)):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}",
                                "#EXTINF:4.000000,",
                            ],
                            HlsFiles.Segment(index),
                            Follows: true
                        )),
                ],
                Ended: false
            )
        );

    private static RecordSummary Record(int second, string node) =>
        new(
            $"/records/{Time.AddSeconds(second):yyyy-MM-dd_HH':'mm':'ss}__0.mp4",
            1,
            false,
            Time.AddSeconds(second),
            null,
            null,
            false,
            0,
            0
        )
        {
            Node = node,
        };

    /// <summary>The number of the first segment, each as minute/index, and the discontinuities before.</summary>
    private static string Told(string text)
    {
        var lines = text.Split('\n');
        var names = lines
            .Where(line => line.StartsWith("segment-", StringComparison.Ordinal))
            .Select(line => $"{int.Parse(line[18..20], null)}/{int.Parse(line[23..28], null)}");
        return $"{Sequence(text)}: {string.Join(' ', names)} | {lines.Single(line => line.StartsWith("#EXT-X-DISCONTINUITY-SEQUENCE:", StringComparison.Ordinal))[30..]} breaks";
    }

    private static long Sequence(string text) =>
        long.Parse(text.Split("#EXT-X-MEDIA-SEQUENCE:")[1].Split('\n')[0], null);
}
