using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Http.Settings;

/// <summary>
/// The options of the HTTP edge; section <see cref="Section"/> of the configuration. Options that make no sense keep
/// the process from starting, with a sentence that names the option and the reason (<see cref="HttpOptionsCheck"/>).
/// </summary>
[Description("The HTTP API.")]
public sealed class HttpOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Http";

    /// <summary>
    /// The addresses to listen on; the default has the original recorder's port. Only this option decides.
    /// <c>ASPNETCORE_URLS</c> and similar variables are ignored, so that the rule about keys cannot be bypassed.
    /// </summary>
    [Description("The addresses to listen on, separated by semicolons. An address other than loopback needs Keys.")]
    public string Listen { get; set; } = "http://127.0.0.1:34568";

    /// <summary>Whether API keys may come over plain HTTP from other machines.</summary>
    [Description(
        "Whether API keys may come from other machines without encryption. True is for a node behind a proxy that speaks "
            + "HTTPS, or in a network where nobody else can listen. Otherwise the node does not start with keys and a "
            + "plain http address beyond loopback."
    )]
    public bool BehindProxy { get; set; }

    /// <summary>The proxies in front of this node.</summary>
    [Description(
        "The addresses and ranges of the proxies in front of this node, such as 127.0.0.1 or 10.1.0.0/16. Of their calls "
            + "X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host count, so that limits, audit and log know the "
            + "caller. Of all other calls these headers count for nothing."
    )]
    public IList<string> Proxies { get; } = [];

    /// <summary>The certificate of https addresses.</summary>
    [Description(
        "The PEM file with the certificate of the https addresses of Listen, and with the certificates between it "
            + "and its authority. The node reads the file again when it changes."
    )]
    public string Certificate { get; set; } = "";

    /// <summary>The key of the certificate.</summary>
    [Description(
        "The PEM file with the certificate's key, without a password. Other users must not be able to read the "
            + "file. Empty: the key is in the file of Certificate."
    )]
    public string CertificateKey { get; set; } = "";

    /// <summary>The longest body of a call.</summary>
    [Description("The longest body that a call may have. The answer to a longer body is 413.")]
    [Range("1 KiB", "16 MiB")]
    [Formerly("MaximumBodyBytes", "B")]
    public ByteSize MaximumBody { get; set; } = new(64 * 1024);

    /// <summary>How long the placement may take to answer.</summary>
    [Description("How long the placement may take to answer a call.")]
    [Range("10 ms", "1 d")]
    public TimeSpan PlacementTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time from a session's admission to its first frame. Normally the session's own start limit ends a start that
    /// hangs, so this time must be longer. After this time, the start is undone and answered with <c>start_timeout</c>.
    /// </summary>
    [Description(
        "How long a call waits for a started session's first frame. The node never waits less than "
            + "Sessions:StartLimit and 10 s."
    )]
    [Range("10 ms", "1 d")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(40);

    /// <summary>The time from a stop to a final record.</summary>
    [Description("How long a call waits for a stopped session's record to be finalised.")]
    [Range("10 ms", "1 d")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>How long the placement may take to answer a probe.</summary>
    [Description("How soon the placement must answer for the node to count as ready.")]
    [Range("10 ms", "1 d")]
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The API keys. A node without keys may listen on loopback only; keys also apply to calls on
    /// loopback.</summary>
    [Description(
        "The API keys. Where there is a key, every call except /health/live and /health/ready needs a key. "
            + "Each key is { \"Name\": \"who\", \"Key\": \"16 characters or more\", \"KeyFile\": \"/path\" or "
            + "\"Sha256\": \"64 digits\", "
            + "\"Scope\": \"Read\", \"Record\" or \"Admin\", \"Owner\": \"whose sessions the key sees\" }, and may have "
            + "limits: NotAfter, MaxSessions, StartsPerMinute, MaxPixelRate, MaxDuration and Labels."
    )]
    public IList<ApiKeyOptions> Keys { get; } = [];

    /// <summary>A file with further keys.</summary>
    [Description(
        "A JSON file with further API keys, in the form of Keys, as recorder keys new writes them. The node reads the "
            + "file again when it changes. Empty: there is no such file."
    )]
    public string KeysFile { get; set; } = "";

    /// <summary>Whether callers on this machine need no key where there are no keys.</summary>
    [Description(
        "Whether programs on this machine may call without a key where there are no Keys and no KeysFile. If not, each "
            + "call needs a key, and the recorder commands use the node's own, which is in the file key of the data "
            + "folder. Browsers that record a session may never call."
    )]
    public bool KeylessLoopback { get; set; } = true;

    /// <summary>Whether every key sees and changes every session, as before there were owners.</summary>
    [Description(
        "Whether every API key sees and changes the sessions of all keys. Otherwise a key of the scope Read or Record "
            + "sees only sessions of its owner. Where all keys below Admin have one owner, the option changes nothing."
    )]
    public bool Shared { get; set; }

    /// <summary>
    /// Names that callers without a key may use for this node. A call with another name in its <c>Host</c> header is
    /// refused. Such a call may come from a recorded page that has pointed its own name at this machine (DNS
    /// rebinding).
    /// </summary>
    [Description(
        "The names by which callers without a key may address this node, besides localhost and loopback "
            + "addresses."
    )]
    public IList<string> TrustedHosts { get; } = [];

    /// <summary>The origins whose pages may call.</summary>
    [Description(
        "The origins whose pages may call from a browser, such as https://example.org. Such a page may make "
            + "every call that its key allows, or every call where there are no keys. *: pages of every origin may "
            + "play HLS, and may do nothing else."
    )]
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>The most connections at once; further ones are closed as soon as they are made.</summary>
    [Description("The most connections that callers may have at once. Further connections are closed at once.")]
    [Range(1, 1_000_000)]
    public int MaximumConnections { get; set; } = 5_000;

    /// <summary>The most calls of a caller. Without keys, only this machine may call, and no limit applies.</summary>
    [Description(
        "The most calls a second of one API key, or of one address for calls without a key. Further calls are "
            + "answered 429 with Retry-After. Where there are no keys, no limit applies."
    )]
    [Range(1, 1_000_000)]
    public int CallsPerSecond { get; set; } = 10_000;

    /// <summary>The most calls of a caller that change something. Ten seconds' worth may come at once.</summary>
    [Description(
        "The most calls a second of one API key that change something, such as starts and stops. The calls of ten "
            + "seconds may come at once. Further calls are answered 429 with Retry-After."
    )]
    [Range(1, 100_000)]
    public int ChangesPerSecond { get; set; } = 100;

    /// <summary>How many unknown keys may come from an address.</summary>
    [Description(
        "How many unknown API keys may come from one address in a minute. Further unknown keys are answered 429. A "
            + "right key is always taken."
    )]
    [Range(1, 10_000)]
    public int UnknownKeysPerMinute { get; set; } = 10;
}
