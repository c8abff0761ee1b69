namespace Recorder.Node.Browsing;

/// <summary>The refused requests of a page. The first is told at once; later ones are counted and told at most once a
/// minute.</summary>
internal sealed record RefusedRequests
{
    /// <summary>No refused request so far.</summary>
    public static RefusedRequests None { get; } = new();

    /// <summary>The shortest time between two reports.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Refused dialogs that have not been told yet.</summary>
    public long Dialogs { get; init; }

    /// <summary>Refused windows that have not been told yet.</summary>
    public long Windows { get; init; }

    /// <summary>Refused downloads that have not been told yet.</summary>
    public long Downloads { get; init; }

    /// <summary>The time of the last report.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>The last number of dialogs that the document reported.</summary>
    public int DialogsOfDocument { get; init; }

    /// <summary>Returns the requests with one more.</summary>
    public RefusedRequests With(PageRequest request) =>
        request switch
        {
            PageRequest.Dialog => this with { Dialogs = Dialogs + 1 },
            PageRequest.Window => this with { Windows = Windows + 1 },
            _ => this with { Downloads = Downloads + 1 },
        };

    /// <summary>Returns the requests with the dialogs that the document has counted. The count begins anew with each
    /// document, and the page may have changed the count. Only a growth counts.</summary>
    public RefusedRequests WithDialogs(int ofDocument) =>
        this with
        {
            Dialogs =
                Dialogs + Math.Max(0, ofDocument < DialogsOfDocument ? ofDocument : ofDocument - DialogsOfDocument),
            DialogsOfDocument = Math.Max(0, ofDocument),
        };

    /// <summary>Returns the sentence to tell now, and the state after that. The sentence is null when there is nothing
    /// to tell.</summary>
    /// <param name="now">The time.</param>
    /// <param name="atTheEnd">Whether this is the last call, which does not wait for the minute to pass.</param>
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
