namespace Recorder.Node.Browsing;

/// <summary>What a page asks for that it does not get.</summary>
internal enum PageRequest
{
    /// <summary>A dialog.</summary>
    Dialog,

    /// <summary>Another window.</summary>
    Window,

    /// <summary>A download.</summary>
    Download,
}

/// <summary>What happens to a page.</summary>
internal abstract record PageEvent
{
    private PageEvent() { }

    /// <summary>Its renderer has gone.</summary>
    public sealed record Crashed : PageEvent;

    /// <summary>It has gone to another document.</summary>
    public sealed record Went : PageEvent;

    /// <summary>It has closed itself.</summary>
    public sealed record Closed : PageEvent;

    /// <summary>It asked for something that it does not get.</summary>
    public sealed record Asked(PageRequest Request) : PageEvent;

    /// <summary>It answered that its document has wanted to show so many dialogs.</summary>
    public sealed record DialogsCounted(int Count) : PageEvent;
}
