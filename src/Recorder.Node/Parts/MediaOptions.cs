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
        "The folder that records go to. Made at the start when it is missing; a relative path counts from the working directory."
    )]
    public string RecordsFolder { get; set; } = "records";

    [Description(
        "Who may read records and the HLS files beside them, and open the records folder where the node makes it: Owner, the node's own user; "
            + "Group, the group of the file too; Everyone, every user of the host."
    )]
    public RecordReaders RecordsReadableBy { get; set; } = RecordReaders.Owner;

    /// <summary>The folder of this node's run directories. Its path has at most
    /// <see cref="Processes.RunRoot.LongestPath"/> characters, because socket paths are short.</summary>
    [Description(
        "The folder of sockets, browser profiles and logs of running sessions; nothing in it is worth keeping. Each node of a host needs its own. "
            + "At most 44 characters. Empty: one in the folder for temporary files, by a name that nobody can guess."
    )]
    public string RunRoot { get; set; } = "";

    [Description(
        "The user that display, sound and browser run as when the node runs as root, or may become that user. The user must exist."
    )]
    public string User { get; set; } = "recorder";

    [Description(
        "Whether browsers run in Chromium's sandbox: Preferred, where the host allows that; Required, or the node does not start; Off."
    )]
    public SandboxUse Sandbox { get; set; } = SandboxUse.Preferred;

    [Description(
        "Whether the node records one picture of an empty page when it starts, and throws it away: the log tells whether it can record, "
            + "and the first session starts as fast as the later ones."
    )]
    public bool Rehearse { get; set; } = true;

    [Description("The browser's executable. Empty: Debian's Chromium.")]
    public string BrowserExecutable { get; set; } = "";

    [Description(
        "The proxy by which browsers reach pages, such as http://proxy:3128; https, socks4 and socks5 work too. Empty: what the environment's "
            + "http_proxy, https_proxy and all_proxy say. none: no proxy, whatever they say. Streams go without one."
    )]
    public string Proxy { get; set; } = "";

    [Description(
        "What browsers reach without the proxy, parted by commas: hosts, domains, networks such as 10.0.0.0/8. Empty: what the environment's "
            + "no_proxy says. Loopback never goes by a proxy."
    )]
    public string NoProxy { get; set; } = "";

    [Description(
        "A file of certificate authorities, as PEM, that browsers trust besides their own, and stream targets besides the system's. Empty: none."
    )]
    public string Authorities { get; set; } = "";

    [Description("The worker's command line, one element an argument. None: this program with \"pipeline\".")]
    public string[] WorkerCommand { get; set; } = [];

    [Description(
        "Free space in the records folder below which running records are finalised and none is begun. 0 B: only when a write fails. "
            + "DiskLowWater, which is higher, stops new sessions before."
    )]
    [Range("0 MB", "11 TB")]
    [Formerly("MinimumFreeMegabytes", "MiB")]
    public ByteSize MinimumFree { get; set; } = ByteSize.FromMegabytes(500);

    [Description(
        "The address that RTP sessions receive on and SRT targets listen on; 0.0.0.0 for every one. Whoever reaches a port may send to it: RTP has no keys. "
            + "Empty: that of Remoting:Hostname. Senders are told this address, or, where it is empty or 0.0.0.0, the name by which other nodes reach this one: "
            + "Remoting:PublicHostname, or else Remoting:Hostname."
    )]
    public string RtpAddress { get; set; } = "";

    [Description("How long a page may take to answer with its document.")]
    [Range("1 s", "10 min")]
    [Formerly("PageLimitSeconds", "s")]
    public TimeSpan PageLimit { get; set; } = TimeSpan.FromSeconds(20);

    [Description(
        "How long a page that has answered may go on loading images and the like before recording begins anyway."
    )]
    [Range("0 s", "1 min")]
    [Formerly("PageSettleSeconds", "s")]
    public TimeSpan PageSettleLimit { get; set; } = TimeSpan.FromSeconds(2);

    [Description("How long display, sound server, browser and worker may each take to start.")]
    [Range("1 s", "10 min")]
    [Formerly("StartLimitSeconds", "s")]
    public TimeSpan StartLimit { get; set; } = TimeSpan.FromSeconds(20);

    [Description(
        "How many browsers start at once on this node; the others wait their turn, which counts in the limit of their start. "
            + "0: as many as there are processors, at least 2."
    )]
    [Range(0, 1_000)]
    public int ConcurrentStarts { get; set; }

    [Description("How often the page is asked whether it is alive.")]
    [Range("100 ms", "1 min")]
    [Formerly("HeartbeatSeconds", "s")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(3);

    [Description(
        "How long the browser may owe an answer before it is started again, and the page before the session is told that the page is busy."
    )]
    [Range("500 ms", "10 min")]
    [Formerly("HeartbeatLimitSeconds", "s")]
    public TimeSpan HeartbeatLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The limit for a page that does not paint. A page that paints gets
    /// <see cref="Browsing.PageWatch.PatienceWithPictures"/> times this limit.</summary>
    [Description(
        "How long a page whose script does not let go of it may show nothing new before it is loaded anew. A page that goes on painting "
            + "has something to lose, and gets ten times as long."
    )]
    [Range("500 ms", "1 h")]
    [Formerly("HangLimitSeconds", "s")]
    public TimeSpan HangLimit { get; set; } = TimeSpan.FromMinutes(1);

    [Description("How long a recording worker may say nothing before it is replaced. It reports once a second.")]
    [Range("2 s", "10 min")]
    [Formerly("WorkerSilenceSeconds", "s")]
    public TimeSpan WorkerSilenceLimit { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long a worker may take to finalise a record: a long record is copied once.")]
    [Range("1 s", "1 d")]
    [Formerly("FinishLimitSeconds", "s")]
    public TimeSpan FinishLimit { get; set; } = TimeSpan.FromMinutes(5);

    [Description("How long the repair of a dead worker's record may take.")]
    [Range("1 s", "1 d")]
    [Formerly("RepairLimitSeconds", "s")]
    public TimeSpan RepairLimit { get; set; } = TimeSpan.FromMinutes(10);

    [Description("Niceness of the workers: encoders must not delay the node's heartbeats.")]
    [Range(0, 19)]
    public int WorkerNiceness { get; set; } = 5;
}
