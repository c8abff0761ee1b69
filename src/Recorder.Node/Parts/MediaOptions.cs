using System.ComponentModel;
using Recorder.Cluster.Settings;
using Recorder.Node.Processes;

namespace Recorder.Node.Parts;

/// <summary>
/// How this node brings up the media of sessions: section <c>Media</c> of the configuration. The defaults are those of
/// a plain <c>deploy/run</c>.
/// </summary>
[Description("Browsers, displays, sound and workers.")]
internal sealed class MediaOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Media";

    [Description(
        "The folder that records go to. The node makes the folder when it is missing. A relative path counts "
            + "from the working directory."
    )]
    public string RecordsFolder { get; set; } = "records";

    [Description(
        "Who may read records, the HLS files beside them, and a records folder that the node made. Owner: the "
            + "node's own user. Group: also the group of the file. Everyone: every user of the host."
    )]
    public RecordReaders RecordsReadableBy { get; set; } = RecordReaders.Owner;

    /// <summary>The folder of this node's run directories. Its path has at most
    /// <see cref="Processes.RunRoot.LongestPath"/> characters, because socket paths are short.</summary>
    [Description(
        "The folder of sockets, browser profiles and logs of running sessions. Nothing in this folder is "
            + "worth keeping. Each node of a host needs its own. The path has at most 44 characters. Empty: a "
            + "folder with a random name among the temporary files."
    )]
    public string RunRoot { get; set; } = "";

    [Description(
        "The user that runs display, sound and browser. This option applies when the node runs as root or may "
            + "become that user. The user must exist."
    )]
    public string User { get; set; } = "recorder";

    [Description(
        "The user numbers of which each session gets one for its display, sound and browser, where the node runs as "
            + "root or may become another user. A range such as 200000-200999, of which no user has a number. auto: "
            + "1900000000-1900000999, or 50000-50999 in a container that has not so many. shared: all sessions run as "
            + "Media:User."
    )]
    public string Users { get; set; } = BrowserUsers.Auto;

    [Description(
        "Whether browsers run in Chromium's sandbox. Preferred: where the host allows the sandbox. Required: "
            + "the node does not start without the sandbox. Off: never."
    )]
    public SandboxUse Sandbox { get; set; } = SandboxUse.Preferred;

    [Description(
        "Whether the node records one picture of an empty page when it starts, and then throws the picture "
            + "away. The log then tells whether the node can record. The first session also starts as fast as later "
            + "ones."
    )]
    public bool Rehearse { get; set; } = true;

    [Description("The browser's executable. Empty: Debian's Chromium.")]
    public string BrowserExecutable { get; set; } = "";

    [Description(
        "The proxy by which browsers reach pages, such as http://proxy:3128. The schemes https, socks4 and "
            + "socks5 work too. Empty: the proxies that http_proxy, https_proxy and all_proxy of the environment "
            + "name. none: no proxy, whatever the environment says. Streams never use a proxy."
    )]
    public string Proxy { get; set; } = "";

    [Description(
        "The hosts, domains and networks that browsers reach without the proxy, separated by commas, such as "
            + "10.0.0.0/8. Empty: the value of no_proxy in the environment. Loopback never uses a proxy."
    )]
    public string NoProxy { get; set; } = "";

    [Description(
        "A PEM file of more certificate authorities to trust. Browsers add them to their own, stream targets "
            + "and an https proxy to the system's. Empty: none."
    )]
    public string Authorities { get; set; } = "";

    [Description("The worker's command line, one element for each argument. None: this program with \"pipeline\".")]
    public string[] WorkerCommand { get; set; } = [];

    [Description(
        "The free space in the records folder below which running records are finalised and no new record "
            + "begins. DiskLowWater is higher and stops new sessions earlier. 0 B: records end only when a write "
            + "fails."
    )]
    [Range("0 MB", "11 TB")]
    [Formerly("MinimumFreeMegabytes", "MiB")]
    public ByteSize MinimumFree { get; set; } = ByteSize.FromMegabytes(500);

    [Description(
        "The address on which RTP sessions receive and SRT targets listen. 0.0.0.0 stands for every address. "
            + "Anybody who reaches such a port may send to it, because RTP has no keys. Empty: the address of "
            + "Remoting:Hostname. Senders are told this address. Where it is empty or 0.0.0.0, senders are told "
            + "Remoting:PublicHostname, or else Remoting:Hostname."
    )]
    public string RtpAddress { get; set; } = "";

    [Description("How long a page may take to answer with its document.")]
    [Range("1 s", "10 min")]
    [Formerly("PageLimitSeconds", "s")]
    public TimeSpan PageLimit { get; set; } = TimeSpan.FromSeconds(20);

    [Description(
        "How long a page may load images and other parts after its document has arrived. After this time, "
            + "recording begins anyway."
    )]
    [Range("0 s", "1 min")]
    [Formerly("PageSettleSeconds", "s")]
    public TimeSpan PageSettleLimit { get; set; } = TimeSpan.FromSeconds(2);

    [Description(
        "The memory that the browser of one session may take, with all its processes. A page that takes more ends its "
            + "session with page_too_large. A meeting of many takes 1 to 2 GB. 0 B: no bound."
    )]
    [Range("0 MB", "11 TB")]
    public ByteSize PageMemory { get; set; } = new(4_000_000_000);

    [Description(
        "The threads that the browser of one session may run, with all its processes. A page that runs more ends its "
            + "session with page_too_large. A meeting of many runs some 300. 0: no bound."
    )]
    [Range(0, 100_000)]
    public int PageThreads { get; set; } = 2_000;

    [Description(
        "The disk that the profile and the temporary files of one session's browser may take. A page that stores more "
            + "ends its session with page_too_large. 0 B: no bound."
    )]
    [Range("0 MB", "11 TB")]
    public ByteSize PageDisk { get; set; } = new(2_000_000_000);

    [Description("How long display, sound server, browser and worker may each take to start.")]
    [Range("1 s", "10 min")]
    [Formerly("StartLimitSeconds", "s")]
    public TimeSpan StartLimit { get; set; } = TimeSpan.FromSeconds(20);

    [Description(
        "How many browsers start at the same time on this node. Other starts wait, and their wait counts "
            + "towards their own limit. 0: the number of processors, at least 2."
    )]
    [Range(0, 1_000)]
    public int ConcurrentStarts { get; set; }

    [Description("How often the node asks the page whether the page is alive.")]
    [Range("100 ms", "1 min")]
    [Formerly("HeartbeatSeconds", "s")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(3);

    [Description(
        "How long the browser may owe an answer before the node starts it again. After the same time without "
            + "an answer of the page, the session is told that the page is busy."
    )]
    [Range("500 ms", "10 min")]
    [Formerly("HeartbeatLimitSeconds", "s")]
    public TimeSpan HeartbeatLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The limit for a page that does not paint. A page that paints gets
    /// <see cref="Browsing.PageWatch.PatienceWithPictures"/> times this limit.</summary>
    [Description(
        "How long a page with a script that never pauses may show nothing new before the node loads the page "
            + "again. A page that still paints gets ten times as long."
    )]
    [Range("500 ms", "1 h")]
    [Formerly("HangLimitSeconds", "s")]
    public TimeSpan HangLimit { get; set; } = TimeSpan.FromMinutes(1);

    [Description(
        "How long a recording worker may say nothing before the node replaces it. A worker reports once a "
            + "second."
    )]
    [Range("2 s", "10 min")]
    [Formerly("WorkerSilenceSeconds", "s")]
    public TimeSpan WorkerSilenceLimit { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long a worker may take to finalise a record. A long record is copied once.")]
    [Range("1 s", "1 d")]
    [Formerly("FinishLimitSeconds", "s")]
    public TimeSpan FinishLimit { get; set; } = TimeSpan.FromMinutes(5);

    [Description("How long the repair of a dead worker's record may take.")]
    [Range("1 s", "1 d")]
    [Formerly("RepairLimitSeconds", "s")]
    public TimeSpan RepairLimit { get; set; } = TimeSpan.FromMinutes(10);

    [Description("The niceness of the workers. Encoders must not delay the node's heartbeats.")]
    [Range(0, 19)]
    public int WorkerNiceness { get; set; } = 5;
}
