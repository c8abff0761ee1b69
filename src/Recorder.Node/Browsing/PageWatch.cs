namespace Recorder.Node.Browsing;

/// <summary>What a page's answers, and those it owes, ask for.</summary>
internal enum PageVerdict
{
    /// <summary>Nothing: it answers, or has owed an answer for a short time only.</summary>
    Fine,

    /// <summary>To be told that the page is busy. The browser answers for it.</summary>
    Busy,

    /// <summary>To start the browser again: neither it nor its page answers.</summary>
    BrowserHangs,

    /// <summary>To start the browser again: the page hangs, and nothing of it would be lost.</summary>
    PageHangs,
}

/// <summary>
/// Tells a page that is busy from one that is dead. A script that works for some seconds keeps a page from answering,
/// while its videos, its sound and its place in the meeting go on: to load it anew would lose them. The browser process
/// answers for a busy page, not for itself.
/// </summary>
/// <param name="Limit">How long a page may owe an answer before that is told, and a browser before it is started
/// again.</param>
/// <param name="HangLimit">How long a page may owe an answer and show nothing new before it is loaded anew.</param>
internal sealed record PageWatch(TimeSpan Limit, TimeSpan HangLimit)
{
    /// <summary>A page that goes on painting gets so many times the limit of one that does not.</summary>
    public const int PatienceWithPictures = 10;

    /// <summary>Since when the page owes an answer; null: it owes none.</summary>
    public DateTimeOffset? OwesSince { get; init; }

    /// <summary>Since when the browser owes one too.</summary>
    public DateTimeOffset? BrowserOwesSince { get; init; }

    /// <summary>Whether it was told that the page is busy.</summary>
    public bool Told { get; init; }

    /// <summary>How many different pictures were on the display so far.</summary>
    public long Pictures { get; init; }

    /// <summary>When the last of them was new.</summary>
    public DateTimeOffset? PictureAt { get; init; }

    /// <summary>The watch once it is known how many different pictures were on the display.</summary>
    public PageWatch Seeing(long pictures, DateTimeOffset now) =>
        pictures == Pictures ? this : this with { Pictures = pictures, PictureAt = now };

    /// <summary>The watch after a question.</summary>
    /// <param name="sign">What came of it.</param>
    /// <param name="asked">When it was asked.</param>
    /// <param name="now">When that is.</param>
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

    /// <summary>What is to be done.</summary>
    /// <param name="before">The watch before the last question.</param>
    /// <param name="now">When that is.</param>
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
