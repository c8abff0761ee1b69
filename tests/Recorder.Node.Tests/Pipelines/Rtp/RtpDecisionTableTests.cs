using System.Globalization;
using Recorder.Node.Pipelines.Rtp;

namespace Recorder.Node.Tests.Pipelines.Rtp;

/// <summary>What a worker that receives RTP decides: when it receives again, whether the disk keeps up, when a picture is decoded.</summary>
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
        foreach (double seconds in lasted.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)))
        {
            var now = retry.BeginsAt.AddSeconds(seconds);
            (retry, TimeSpan wait, bool told) = retry.Failed(now);
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
            (watch, bool stalled) = watch.Look(TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture)), Start.AddSeconds(second));
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

    // After a silence, and with the smallest steps.
    [InlineData(true, "0 40 80 5000 5040 5080 5120", "0 1 2 40 80 5000 5040")]
    [InlineData(false, "0 1 2 3 40", "0 1 2 3 40")]
    public void Pictures_are_decoded_in_the_order_they_come_and_before_they_are_shown(bool reorders, string shown, string decoded)
    {
        var times = reorders ? DecodingTimes.Empty.Reordering() : DecodingTimes.Empty;
        List<long> seen = [];
        foreach (long time in shown.Split(' ').Select(long.Parse))
        {
            (times, long next) = times.Picture(time * 1_000_000);
            seen.Add(next / 1_000_000);
        }

        Assert.Equal(decoded, string.Join(' ', seen));
    }
}
