namespace Recorder.Http.Settings;

/// <summary>
/// Everything that can be set about the HTTP edge. Bound from the configuration section <see cref="Section"/>; a value
/// that makes no sense keeps the process from starting, with a sentence that says which and why.
/// </summary>
public sealed class HttpOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Http";

    /// <summary>
    /// The address or addresses to listen on, parted by semicolons. Default <c>http://127.0.0.1:34568</c>, the original
    /// recorder's port. An address that is not loopback needs <see cref="Keys"/>. This is the only place that says where
    /// to listen: <c>ASPNETCORE_URLS</c> and its relatives are not looked at, so that the rule about keys cannot be missed.
    /// </summary>
    public string Listen { get; set; } = "http://127.0.0.1:34568";

    /// <summary>The longest body a call may have, in bytes, 1024 to 16777216. A longer one is answered 413. Default 65536.</summary>
    public int MaximumBodyBytes { get; set; } = 64 * 1024;

    /// <summary>How long the placement may take to answer. Default 5 s; longer than 0.</summary>
    public TimeSpan PlacementTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a session may take to report its first frame, counted from its admission. It must be longer than the
    /// session's own start limit, which normally ends a start that hangs; the node sets it to that limit plus 10 s. After
    /// it the start is undone and answered <c>start_timeout</c>. Default 40 s; longer than 0.
    /// </summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(40);

    /// <summary>How long a session may take to finalise its record after a stop. Default 120 s; longer than 0.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>How soon the placement must answer for the node to count as ready. Default 1 s; longer than 0.</summary>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The API keys. None by default, which is right for loopback only. As soon as there is one, every call but
    /// <c>/health/live</c> and <c>/health/ready</c> needs <c>Authorization: Bearer</c> with a key whose scope covers the call, on loopback too.
    /// </summary>
    public IList<ApiKeyOptions> Keys { get; } = [];

    /// <summary>
    /// Names by which callers may address this node without a key, beside <c>localhost</c> and loopback addresses. A call
    /// without keys whose <c>Host</c> header is another name is refused: it may come from a recorded page that has
    /// pointed its own name at this machine (DNS rebinding). Default none.
    /// </summary>
    public IList<string> TrustedHosts { get; } = [];

    /// <summary>
    /// Origins whose pages may call from a browser, such as <c>https://example.org</c>: a listed one may make every call that its key allows, or every call where
    /// there are no keys. <c>*</c> lets the pages of every origin play HLS, and do nothing else. Default none.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];
}
