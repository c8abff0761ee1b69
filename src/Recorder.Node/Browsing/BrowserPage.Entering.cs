using System.Text.Json;
using Akka.Event;
using PuppeteerSharp;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Browsing;

/// <summary>What the page is asked before its record begins.</summary>
internal sealed partial class BrowserPage
{
    /// <summary>The greatest width of a picture of the page.</summary>
    private const int PictureWidth = 1280;

    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(20);

    /// <summary>The pause after a question that the page could not run.</summary>
    private static readonly TimeSpan AskAgainAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>How often a page may change before changes are asked for less often.</summary>
    private const int FreeChanges = 6;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>The most words of a page that are heard at once, and the longest text of a word, in characters. The
    /// page's own script has the same limits, but the page can replace that script.</summary>
    private const int MostWords = 20;

    private const int LongestWord = 200;

    private static readonly string WordsQuestion = PageReply.Pairs(PageWords.Take, MostWords);

    /// <summary>The pause between two questions for words, so that a page says at most <see cref="MostWords"/> in
    /// that time.</summary>
    private static readonly TimeSpan WordPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Waits until the page says that its record may begin. Tells each change on the way, and a failure of the caller's
    /// script or selector. Goes on over navigations. Ends without a word when the page is gone.
    /// </summary>
    /// <param name="rule">The rule for the beginning.</param>
    /// <param name="tell">Receives what the page says.</param>
    /// <param name="ended">Ends the wait.</param>
    public async Task EnterAsync(BeginRule rule, Action<EntranceNews> tell, CancellationToken ended)
    {
        bool? inLobby = null;
        string? failure = null;
        var changes = 0;
        while (!ended.IsCancellationRequested)
        {
            try
            {
                var question = PageReply.Fields(
                    PageEntrance.Question(rule, inLobby, failure),
                    awaits: true,
                    "entered",
                    "inLobby",
                    "failure"
                );
                var news = PageEntrance.Read(await EvaluateAsync(question, Longest, awaitPromise: true));
                tell(news);
                if (news.Entered)
                {
                    return;
                }
                (inLobby, var failedBefore, failure) = (news.InLobby, failure, news.Failure ?? failure);
                if (news.Failure is not null && failedBefore == news.Failure)
                {
                    await Task.Delay(AskAgainAfterFailure, ended);
                }
                else if (++changes > FreeChanges)
                {
                    // A page may change to and fro without end, and each change is written down.
                    await Task.Delay(LongestPause * Math.Min(1, (changes - FreeChanges) / 10.0), ended);
                }
            }
            catch (MessageException error) when (IsNavigation(error.Message))
            {
                // The next document begins without words.
                await Task.Delay(AskAgain, CancellationToken.None);
            }
            catch (Exception error)
                when (error
                        is PuppeteerException
                            or TimeoutException
                            or NullReferenceException
                            or ObjectDisposedException
                            or OperationCanceledException
                            or InvalidOperationException
                )
            {
                _log.Debug("The page is not asked any more whether its record may begin: {0}", error.Message);
                return;
            }
        }
    }

    /// <summary>The address that the page shows now; empty before the first.</summary>
    public string Address => _frame.Address;

    private static DateTimeOffset? TimeOf(JsonElement word) =>
        word.GetArrayLength() == 3
        && word[2].TryGetInt64(out var milliseconds)
        && milliseconds > 0
        && milliseconds < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;

    /// <summary>Tells the words of the page, until the page is gone.</summary>
    /// <param name="tell">Receives the word, its text, and when the page said the word.</param>
    /// <param name="ended">Ends the hearing.</param>
    public async Task HearWordsAsync(Action<string, string, DateTimeOffset?> tell, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                var words = await EvaluateAsync(WordsQuestion, Longest, awaitPromise: true);
                if (words.ValueKind != JsonValueKind.Array)
                {
                    await Task.Delay(AskAgainAfterFailure, CancellationToken.None);
                    continue;
                }
                foreach (var word in words.EnumerateArray().Take(MostWords))
                {
                    if (
                        word.ValueKind == JsonValueKind.Array
                        && word.GetArrayLength() is 2 or 3
                        && word[0].ValueKind == JsonValueKind.String
                        && word[1].ValueKind == JsonValueKind.String
                    )
                    {
                        var text = word[1].GetString()!;
                        tell(word[0].GetString()!, text[..Math.Min(text.Length, LongestWord)], TimeOf(word));
                    }
                }
                await Task.Delay(WordPause, CancellationToken.None);
            }
            catch (MessageException error) when (IsNavigation(error.Message))
            {
                await Task.Delay(AskAgain, CancellationToken.None);
            }
            catch (Exception error)
                when (error
                        is PuppeteerException
                            or TimeoutException
                            or NullReferenceException
                            or ObjectDisposedException
                            or InvalidOperationException
                )
            {
                _log.Debug("The words of the page are not heard any more: {0}", error.Message);
                return;
            }
        }
    }

    /// <summary>What the page shows of the things that may end its session; null when the page does not say.</summary>
    /// <param name="question">The question of <see cref="PageEndSight"/>.</param>
    /// <param name="limit">How long the page may take.</param>
    public async Task<PageEndSight?> SeeTheEndAsync(string question, TimeSpan limit)
    {
        try
        {
            return PageEndSight.Read(
                await EvaluateAsync(
                    PageReply.Fields(question, awaits: false, "selector", "text", "others", "failure"),
                    limit
                )
            );
        }
        catch (MessageException error) when (IsNavigation(error.Message))
        {
            return null;
        }
    }

    /// <summary>A JPEG of the page, at most 1280 pixels wide; null when the page gave none.</summary>
    /// <param name="width">The width of the window, in pixels.</param>
    /// <param name="height">The height of the window, in pixels.</param>
    public async Task<byte[]?> PictureAsync(int width, int height)
    {
        var answer = await Connection.AskPageAsync(
            "Page.captureScreenshot",
            SecondLook,
            ("format", "jpeg"),
            ("quality", 75),
            (
                "clip",
                new
                {
                    x = 0,
                    y = 0,
                    width,
                    height,
                    scale = Math.Min(1, (double)PictureWidth / width),
                }
            )
        );
        return
            TextOf(answer, "data") is { Length: > 0 } data
            && Convert.FromBase64String(data) is { Length: <= SessionThumbnail.MaximumBytes } jpeg
            ? jpeg
            : null;
    }
}
