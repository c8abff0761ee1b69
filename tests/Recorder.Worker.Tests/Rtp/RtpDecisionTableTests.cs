using System.Globalization;
using Recorder.Worker.Files;
using Recorder.Worker.Rtp;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>What a worker that receives RTP decides: when it receives again, whether the disk keeps up, when a picture
/// is decoded.</summary>
public class RtpDecisionTableTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("5", "0t")]
    [InlineData("0 0 0 0 0 0 0 0 0", "0t 0.5 1 2 4 8 15t 15 15")]
    [InlineData("0 0 59 0", "0t 0.5 1 2")]
    [InlineData("0 0 60 0", "0t 0.5 0t 0.5")]
    public void A_reception_that_failed_waits_longer_each_time_unless_it_lasted(string lasted, string expected)
    {
        ReceptionRetry retry = new(0, Start);
        List<string> waits = [];
        foreach (var seconds in lasted.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)))
        {
            var now = retry.BeginsAt.AddSeconds(seconds);
            (retry, var wait, var told) = retry.Failed(now);
            Assert.Equal(now + wait, retry.BeginsAt);
            waits.Add(string.Create(CultureInfo.InvariantCulture, $"{wait.TotalSeconds:0.#}{(told ? "t" : "")}"));
        }

        Assert.Equal(expected, string.Join(' ', waits));
    }

    [Theory]
    [InlineData("0 1 2 3 3 2 1 0", null)]
    [InlineData("4 4 4 4 4", null)]
    [InlineData("4 4 4 4 4 4", 5)]
    [InlineData("4 9 1 4 9 9 9 9 9 9", 8)]
    [InlineData("30 30 30 0 30 30 30 30 30", null)]
    public void A_record_stands_still_when_too_much_has_waited_for_five_seconds(string waiting, int? stalledAt)
    {
        WriteWatch watch = new(BehindSince: null);
        int? seen = null;
        foreach (var (second, text) in waiting.Split(' ').Index())
        {
            (watch, var stalled) = watch.Look(
                TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture)),
                Start.AddSeconds(second)
            );
            seen ??= stalled ? second : null;
        }

        Assert.Equal(stalledAt, seen);
    }

    [Theory]
    // Without B-frames.
    [InlineData(false, "0 40 80 120 160", "0 40 80 120 160")]
    [InlineData(true, "0 40 80 120 160 200", "0 1 2 40 80 120")]
    // One B-frame between two others, and a pyramid of three.
    [InlineData(true, "0 80 40 160 120 240 200", "0 1 2 40 80 120 160")]
    [InlineData(true, "0 160 80 40 120 320 240 200 280", "0 1 2 40 80 120 160 200 240")]
    // More than is usual: decoded too late at first, and in time from then on.
    [InlineData(false, "0 160 80 40 120 320 240 200 280", "0 160 161 162 163 164 165 200 240")]
    [InlineData(false, "0 40 120 80 160 240 200 280", "0 40 120 121 122 160 200 240")]
    // Pictures that begin when there is sound already.
    [InlineData(true, "4000 4080 4040 4160", "4000 4001 4002 4040")]
    [InlineData(false, "4000 4040", "4000 4040")]
    // After a silence, and with the smallest steps.
    [InlineData(true, "0 40 80 5000 5040 5080 5120", "0 1 2 40 80 5000 5040")]
    [InlineData(false, "0 1 2 3 40", "0 1 2 3 40")]
    public void Pictures_are_decoded_in_the_order_they_come_and_before_they_are_shown(
        bool reorders,
        string shown,
        string decoded
    )
    {
        var times = reorders ? DecodingTimes.Empty.Reordering() : DecodingTimes.Empty;
        List<long> seen = [];
        foreach (var time in shown.Split(' ').Select(long.Parse))
        {
            (times, var next) = times.Picture(time * 1_000_000);
            seen.Add(next / 1_000_000);
        }

        Assert.Equal(decoded, string.Join(' ', seen));
    }

    // A letter is what comes, v a picture and a sound, with its time; a dash is a look. What a look lets go stands in
    // brackets.
    [Theory]
    [InlineData(true, "v0 a0 v40 a20 -", "[v0 a0 a20]")]
    [InlineData(true, "v0 a0 v40 a20 a40 -", "[v0 a0 a20 v40 a40]")]
    [InlineData(true, "v40 v80 a0 a20 a40 a60 a80 -", "[a0 a20 v40 a40 a60 v80 a80]")]
    // A medium that does not come holds the other medium up for a look.
    [InlineData(true, "a0 a20 - a40 - a60 - -", "[] [a0 a20] [a40] [a60]")]
    [InlineData(true, "v0 v40 - v80 - -", "[] [v0 v40] [v80]")]
    [InlineData(true, "a0 - - v10 a20 - -", "[] [a0] [v10] [a20]")]
    // A medium that comes late is written late, and nothing is lost.
    [InlineData(true, "a0 - a20 - v0 v10 - a40 v40 -", "[] [a0] [v0 v10 a20] [v40 a40]")]
    [InlineData(false, "v0 v40 - v80 -", "[v0 v40] [v80]")]
    public void Two_tracks_are_written_in_order_and_neither_waits_long_for_the_other(
        bool hasSound,
        string come,
        string written
    )
    {
        var waiting = hasSound ? Interleaving.Both : Interleaving.PicturesOnly;
        List<string> seen = [];
        List<string> all = [];
        foreach (var text in come.Split(' '))
        {
            if (text == "-")
            {
                (waiting, var frames) = waiting.Look();
                all.AddRange(frames.Select(Name));
                seen.Add($"[{string.Join(' ', frames.Select(Name))}]");
            }
            else
            {
                waiting = waiting.Put(Frame(text));
            }
        }

        Assert.Equal(written, string.Join(' ', seen));
        Assert.Equal(
            come.Split(' ').Where(text => text != "-").Order(),
            all.Concat(waiting.All().Select(Name)).Order()
        );
    }

    // As above, with the reception's times; k is a key frame. The number before is when it comes, in milliseconds.
    [Theory]
    [InlineData(true, "0:k1000 10:a1010", 10, "k1000 a1010", 0)]
    [InlineData(true, "0:k1000 10:v1040 30:a800 40:a820", 30, "a800 a820 k1000 v1040", -200)]
    [InlineData(true, "0:a1000 20:a1020 400:k900 420:a1040", 400, "k900 a1000 a1020 a1040", -100)]
    [InlineData(true, "0:a1000 20:a1020", 500, "a1000 a1020", 0)]
    [InlineData(true, "0:v960 40:k1000 80:v1040", 540, "k1000 v1040", 40)]
    [InlineData(false, "0:v960 40:k1000", 40, "k1000", 40)]
    [InlineData(true, "0:k1000 5:v1160 6:v1080 7:v1040 9:a1041", 9, "k1000 a1041 v1160 v1080 v1040", 0)]
    public void A_record_begins_with_the_earliest_of_what_comes_first(
        bool hasSound,
        string come,
        int over,
        string order,
        int began
    )
    {
        var opening = RtpOpening.Empty;
        List<int> lasts = [];
        foreach (var text in come.Split(' ').Select(text => text.Split(':')))
        {
            var at = int.Parse(text[0], CultureInfo.InvariantCulture);
            var frame = new RtpFrame(
                text[1][0] == 'a' ? EncodedTrack.Audio : EncodedTrack.Video,
                1,
                Milliseconds(text[1]),
                0,
                text[1][0] != 'v',
                System.Text.Encoding.ASCII.GetBytes(text[1])
            );
            opening = opening.Put(frame, Start.AddMilliseconds(at));
            lasts.Add(at);
        }

        Assert.True(opening.HasBegun);
        Assert.True(opening.IsOver(hasSound, Start.AddMilliseconds(Math.Max(over, lasts[^1]))));
        Assert.False(RtpOpening.Empty.IsOver(hasSound, Start));
        Assert.Equal(
            order,
            string.Join(' ', opening.Frames().Select(frame => System.Text.Encoding.ASCII.GetString(frame.Content.Span)))
        );
        Assert.Equal(Start.AddMilliseconds(began), opening.BeganAt);
        var both =
            come.Contains('k', StringComparison.Ordinal) && (!hasSound || come.Contains('a', StringComparison.Ordinal));
        Assert.Equal(both, opening.IsOver(hasSound, Start.AddMilliseconds(lasts[^1])));
    }

    private static RecordFrame Frame(string text)
    {
        var track = text[0] == 'a' ? EncodedTrack.Audio : EncodedTrack.Video;
        return new RecordFrame(track, Milliseconds(text), Milliseconds(text), 0, IsKey: true, default);
    }

    private static string Name(RecordFrame frame) =>
        FormattableString.Invariant($"{(frame.Track == EncodedTrack.Audio ? 'a' : 'v')}{frame.Time / 1_000_000}");

    private static long Milliseconds(string text) => long.Parse(text[1..], CultureInfo.InvariantCulture) * 1_000_000;
}
