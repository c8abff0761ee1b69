using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.ReferencePages;

/// <summary>The measuring tool can fail: it finds what a record has lost, put in or silenced, and passes over what the
/// page itself did not play.</summary>
public sealed class SoundComparisonTests
{
    private const int Rate = 48000;
    private const int At = 4 * Rate;

    [Fact]
    public void A_record_that_begins_before_the_other_listener_has_no_difference() =>
        Assert.Empty(Differences(Stumbling(), Stumbling()[7000..]));

    [Fact]
    public void A_record_that_begins_after_the_other_listener_has_no_difference() =>
        Assert.Empty(Differences(Stumbling()[7000..], Stumbling()));

    [Theory]
    [InlineData(30)]
    [InlineData(434)]
    [InlineData(557)]
    [InlineData(1637)]
    [InlineData(1920)]
    [InlineData(5700)]
    public void What_the_record_left_out_is_found(int length)
    {
        var heard = Stumbling();
        var found = Assert.Single(Differences([.. heard[..At], .. heard[(At + length)..]], heard));

        Assert.InRange(found.At.TotalSeconds, 3.99, 4.01);
        Assert.Equal(-length, found.Moved.TotalSeconds * Rate, 1.0);
    }

    [Fact]
    public void A_record_that_follows_the_servers_clock_by_a_sample_at_a_time_has_no_difference()
    {
        var heard = Stumbling();
        Assert.Empty(
            Differences([.. heard.Chunk(480).SelectMany((piece, i) => i % 40 == 7 ? Shorter(piece) : piece)], heard)
        );
    }

    [Fact]
    public void What_the_record_holds_twice_is_found()
    {
        var heard = Stumbling();
        var found = Assert.Single(Differences([.. heard[..At], .. heard[(At - 512)..]], heard));

        Assert.Equal(512, found.Moved.TotalSeconds * Rate, 1.0);
    }

    [Theory]
    [InlineData(96)]
    [InlineData(557)]
    [InlineData(9600)]
    public void What_the_record_silenced_is_found(int length)
    {
        var record = Stumbling();
        record.AsSpan(At, length).Clear();
        var found = Assert.Single(Differences(record, Stumbling()));

        Assert.InRange(found.At.TotalSeconds, 3.99, 4.01);
        Assert.InRange(found.Length.TotalSeconds * Rate, length - 96, length + 192);
        Assert.Equal(TimeSpan.Zero, found.Moved);
    }

    [Fact]
    public void Sounds_that_have_nothing_in_common_are_refused()
    {
        var random = new Random(1);
        Assert.Throws<InvalidDataException>(() =>
            Differences([.. Stumbling().Select(_ => (short)random.Next(-9000, 9000))], Stumbling())
        );
    }

    private static IReadOnlyList<SoundDifference> Differences(short[] record, short[] other)
    {
        var differences = SoundComparison.Of(Track(record), Track(other), out var compared);
        Assert.InRange(compared.TotalSeconds, 7.5, 8);
        return differences;
    }

    private static IEnumerable<short> Shorter(short[] piece)
    {
        var step = (piece.Length - 1.0) / (piece.Length - 2.0);
        for (var at = 0.0; at < piece.Length - 1.5; at += step)
        {
            yield return (short)(piece[(int)at] + ((at % 1) * (piece[(int)at + 1] - piece[(int)at])));
        }
        yield return piece[^1];
    }

    private static SoundTrack Track(short[] samples) => new(samples, Rate, TimeSpan.Zero, []);

    /// <summary>What the page <c>tone</c> plays.</summary>
    private static short Tones(double time) =>
        (short)(
            5000
            * (
                ToneBreaks.OfThePage.Sum(hertz => Math.Sin(2 * Math.PI * hertz * time))
                + Math.Sin(2 * Math.PI * (600 + (0.25 * time)) * time)
            )
        );

    /// <summary>Eight seconds of what a page plays that pauses twice for a moment.</summary>
    private static short[] Stumbling()
    {
        var tones = Enumerable.Range(0, 9 * Rate).Select(i => Tones((double)i / Rate)).ToArray();
        return
        [
            .. tones[..(2 * Rate)],
            .. new short[1000],
            .. tones[(2 * Rate)..(6 * Rate)],
            .. new short[480],
            .. tones[((6 * Rate) + 300)..((8 * Rate) - 1180)],
        ];
    }
}
