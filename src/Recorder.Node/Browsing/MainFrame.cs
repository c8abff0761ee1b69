using System.Text.Json;

namespace Recorder.Node.Browsing;

/// <summary>
/// The content of a page's main frame, as the events of DevTools' <c>Page</c> domain report it
/// (https://chromedevtools.github.io/devtools-protocol/tot/Page/).
/// </summary>
/// <param name="Id">The frame's id.</param>
internal sealed record MainFrame(string Id)
{
    /// <summary>The id of the load that brought the shown document; empty before the first load.</summary>
    public string Loader { get; init; } = "";

    /// <summary>The document's address. For an error page of the browser, the address that could not be
    /// shown.</summary>
    public string Address { get; init; } = "";

    /// <summary>Whether the browser shows a page of its own that tells why the address could not be shown.</summary>
    public bool IsErrorPage { get; init; }

    /// <summary>Whether a document is being requested or loaded.</summary>
    public bool Loading { get; init; }

    /// <summary>Returns the frame after an event; an event about something else returns the same frame.</summary>
    /// <param name="method">The event's name.</param>
    /// <param name="data">The event's parameters.</param>
    public MainFrame After(string method, JsonElement data) =>
        method switch
        {
            "Page.frameStartedLoading" when IsMine(data) => this with { Loading = true },
            "Page.frameStoppedLoading" when IsMine(data) => this with { Loading = false },
            "Page.frameNavigated"
                when data.TryGetProperty("frame", out var frame) && TextOf(frame, "parentId").Length == 0 => Showing(
                frame
            ),
            "Page.navigatedWithinDocument" when IsMine(data) && TextOf(data, "url") is { Length: > 0 } url => this with
            {
                Address = url,
            },
            _ => this,
        };

    private static string TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    private MainFrame Showing(JsonElement frame)
    {
        var unreachable = TextOf(frame, "unreachableUrl");
        return this with
        {
            Id = TextOf(frame, "id"),
            Loader = TextOf(frame, "loaderId"),
            Address = unreachable.Length > 0 ? unreachable : TextOf(frame, "url"),
            IsErrorPage = unreachable.Length > 0,
        };
    }

    private bool IsMine(JsonElement data) => TextOf(data, "frameId") == Id;
}
