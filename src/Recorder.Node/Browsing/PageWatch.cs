namespace Recorder.Node.Browsing;

/// <summary>What to do about a page's answers and missing answers.</summary>
internal enum PageVerdict
{
    /// <summary>Do nothing: the page answers, or has owed an answer for a short time only.</summary>
    Fine,

    /// <summary>Report that the page is busy. The browser still answers.</summary>
    Busy,

    /// <summary>Start the browser again: neither the browser nor its page answers.</summary>
    BrowserHangs,

    /// <summary>Start the browser again: the page hangs, and nothing of the page would be lost.</summary>
    PageHangs,
}

/// <summary>
/// Distinguishes a busy page from a dead page. A script that works for some seconds keeps a page from answering.
/// Meanwhile the page's videos, its sound and its place in the meeting go on, and loading the page anew would lose
/// them. The browser process still answers while its page is busy, but not while the browser itself hangs.
/// </summary>
/// <param name="Limit">How long a page may owe an answer before that is reported, and a browser before the browser is
/// started again.</param>
/// <param name="HangLimit">How long a page may owe an answer and show nothing new before the page is loaded
/// anew.</param>
internal sealed record PageWatch(TimeSpan Limit, TimeSpan HangLimit)
{
    /// <summary>The limit of a page that goes on painting is this many times the limit of a page that does
    /// not.</summary>
    public const int PatienceWithPictures = 10;

    /// <summary>The time since when the page has owed an answer; null: the page owes none.</summary>
    public DateTimeOffset? OwesSince { get; init; }

    /// <summary>The time since when the browser has owed an answer too; null: the browser owes none.</summary>
    public DateTimeOffset? BrowserOwesSince { get; init; }

    /// <summary>Whether the busy page has been reported.</summary>
    public bool Told { get; init; }

    /// <summary>How many different pictures were on the display so far.</summary>
    public long Pictures { get; init; }

    /// <summary>When the last new picture was seen.</summary>
    public DateTimeOffset? PictureAt { get; init; }

    /// <summary>Returns the watch with a new count of different pictures on the display.</summary>
    public PageWatch Seeing(long pictures, DateTimeOffset now) =>
        pictures == Pictures ? this : this with { Pictures = pictures, PictureAt = now };

    /// <summary>Returns the watch after a question.</summary>
    /// <param name="sign">The reaction to the question.</param>
    /// <param name="asked">The time of the question.</param>
    /// <param name="now">The present time.</param>
    public PageWatch Hearing(PageSign sign, DateTimeOffset asked, DateTimeOffset now) =>
        sign switch
        {
            PageSign.Alive => this with { OwesSince = null, BrowserOwesSince = null, Told = false },
            PageSign.Busy => this with
            {
                OwesSince = OwesSince ?? asked,
                BrowserOwesSince = null,
                Told = Told || Since(OwesSince ?? asked, now) >= Limit,
            },
            _ => this with { OwesSince = OwesSince ?? asked, BrowserOwesSince = BrowserOwesSince ?? asked },
        };

    /// <summary>Decides what to do.</summary>
    /// <param name="before">The watch before the last question.</param>
    /// <param name="now">The present time.</param>
    public PageVerdict Verdict(PageWatch before, DateTimeOffset now)
    {
        if (BrowserOwesSince is { } browser && Since(browser, now) >= Limit)
        {
            return PageVerdict.BrowserHangs;
        }
        if (OwesSince is not { } page)
        {
            return PageVerdict.Fine;
        }
        var owes = Since(page, now);
        var still = PictureAt is not { } at || Since(at, now) >= HangLimit;
        if ((owes >= HangLimit && still) || owes >= HangLimit * PatienceWithPictures)
        {
            return PageVerdict.PageHangs;
        }
        return Told && !before.Told ? PageVerdict.Busy : PageVerdict.Fine;
    }

    private static TimeSpan Since(DateTimeOffset then, DateTimeOffset now) => now - then;
}
