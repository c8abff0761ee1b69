namespace Recorder.Node.Browsing;

/// <summary>What a page asked for and did not get: told at once, and from then on counted and told at most once a
/// minute.</summary>
internal sealed record RefusedRequests
{
    /// <summary>Nothing so far.</summary>
    public static RefusedRequests None { get; } = new();

    /// <summary>How often it is told at most.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Dialogs that have not been told yet.</summary>
    public long Dialogs { get; init; }

    /// <summary>Windows that have not been told yet.</summary>
    public long Windows { get; init; }

    /// <summary>Downloads that have not been told yet.</summary>
    public long Downloads { get; init; }

    /// <summary>When something was told.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>The number of dialogs that the document told last.</summary>
    public int DialogsOfDocument { get; init; }

    /// <summary>With one more.</summary>
    public RefusedRequests With(PageRequest request) =>
        request switch
        {
            PageRequest.Dialog => this with { Dialogs = Dialogs + 1 },
            PageRequest.Window => this with { Windows = Windows + 1 },
            _ => this with { Downloads = Downloads + 1 },
        };

    /// <summary>With the dialogs that the document has counted. It begins anew with each document, and the page may
    /// have changed it: only a growth counts.</summary>
    public RefusedRequests WithDialogs(int ofDocument) =>
        this with
        {
            Dialogs =
                Dialogs + Math.Max(0, ofDocument < DialogsOfDocument ? ofDocument : ofDocument - DialogsOfDocument),
            DialogsOfDocument = Math.Max(0, ofDocument),
        };

    /// <summary>What is to be told now, and what is left; null: nothing.</summary>
    /// <param name="now">The time.</param>
    /// <param name="atTheEnd">Whether this is the last time: then nothing waits for its minute.</param>
    public (RefusedRequests Left, string? Sentence) Tell(DateTimeOffset now, bool atTheEnd = false)
    {
        if (Dialogs + Windows + Downloads == 0 || (!atTheEnd && now - ToldAt < Pause))
        {
            return (this, null);
        }
        string[] parts = [.. Parts()];
        return (
            this with
            {
                Dialogs = 0,
                Windows = 0,
                Downloads = 0,
                ToldAt = now,
            },
            FormattableString.Invariant(
                $"The page asked for {string.Join(" and ", parts)}{(ToldAt is { } told ? $" in the last {(now - told).TotalSeconds:0} s" : "")}, and was refused."
            )
        );
    }

    private IEnumerable<string> Parts()
    {
        foreach (var (count, name) in new[] { (Dialogs, "dialog"), (Windows, "window"), (Downloads, "download") })
        {
            if (count > 0)
            {
                yield return FormattableString.Invariant($"{count} {name}{(count == 1 ? "" : "s")}");
            }
        }
    }
}
