using Recorder.Node.Browsing;

namespace Recorder.Node.Tests.Browsing;

/// <summary>When a page that does not answer is busy, and when it is dead.</summary>
public sealed class PageWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Each second a letter: A the page answers, b the browser alone, - neither; an upper-case B or a + the
    /// same with a new picture on the display.</summary>
    [Theory]
    [InlineData("AAAAAAAAAAAAAAA", "")]
    [InlineData("AbbAbbAbbAbbAbbA", "")]
    [InlineData("AbbbbbbbbbA", "6:Busy")]
    [InlineData("AbbbbbbbAbbbbbbb", "6:Busy 14:Busy")]
    [InlineData("Abbbbbbbbbbbbbbbbbbbbbb", "6:Busy 21:PageHangs")]
    [InlineData("ABBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB", "6:Busy")]
    [InlineData("ABBBBBBbbbbbbbbbbbbbbbbbbbbbb", "6:Busy 26:PageHangs")]
    [InlineData("A----A", "")]
    [InlineData("A------", "6:BrowserHangs")]
    [InlineData("A++++++", "6:BrowserHangs")]
    [InlineData("Abbbb------", "10:BrowserHangs")]
    [InlineData("Abbb--bbb--bbbA", "6:Busy")]
    public void A_busy_page_is_told_and_kept_and_a_dead_one_is_loaded_anew(string seconds, string told)
    {
        var watch = new PageWatch(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20));
        Assert.Equal(told, string.Join(' ', Follow(watch, seconds)));
    }

    [Fact]
    public void A_page_that_hangs_for_ever_is_loaded_anew_even_if_it_goes_on_painting()
    {
        var watch = new PageWatch(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20));
        Assert.Equal(["6:Busy", "201:PageHangs"], Follow(watch, "A" + new string('B', 300)));
    }

    private static List<string> Follow(PageWatch watch, string seconds)
    {
        var told = new List<string>();
        for (var second = 0; second < seconds.Length; second++)
        {
            var now = Start + TimeSpan.FromSeconds(second);
            if (seconds[second] is 'B' or '+')
            {
                watch = watch.Seeing(watch.Pictures + 1, now);
            }
            var sign = seconds[second] switch
            {
                'A' => PageSign.Alive,
                'b' or 'B' => PageSign.Busy,
                _ => PageSign.Silent,
            };
            var before = watch;
            watch = watch.Hearing(sign, now, now);
            var verdict = watch.Verdict(before, now);
            if (verdict != PageVerdict.Fine)
            {
                told.Add(FormattableString.Invariant($"{second}:{verdict}"));
            }
            if (verdict is PageVerdict.BrowserHangs or PageVerdict.PageHangs)
            {
                break;
            }
        }

        return told;
    }
}
