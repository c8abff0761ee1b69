namespace Recorder.Node.Browsing;

/// <summary>A request of a page that is always refused.</summary>
internal enum PageRequest
{
    /// <summary>A dialog.</summary>
    Dialog,

    /// <summary>Another window.</summary>
    Window,

    /// <summary>A download.</summary>
    Download,
}

/// <summary>An event of a page.</summary>
internal abstract record PageEvent
{
    private PageEvent() { }

    /// <summary>The page's renderer is gone.</summary>
    public sealed record Crashed : PageEvent;

    /// <summary>The page has gone to another document.</summary>
    public sealed record Went : PageEvent;

    /// <summary>The page has changed its address within its document, as by <c>history.pushState</c>.</summary>
    public sealed record Moved : PageEvent;

    /// <summary>The page has closed itself.</summary>
    public sealed record Closed : PageEvent;

    /// <summary>The page made a request that is always refused.</summary>
    public sealed record Asked(PageRequest Request) : PageEvent;

    /// <summary>The page answered how many dialogs its document has wanted to show.</summary>
    public sealed record DialogsCounted(int Count) : PageEvent;
}
