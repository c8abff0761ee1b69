using Recorder.Node.Processes;

namespace Recorder.Node.Media;

/// <summary>
/// How this node brings up the media of sessions: section <c>Media</c> of the configuration. The defaults are those of a plain
/// <c>deploy/run</c>.
/// </summary>
internal sealed class MediaOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Media";

    /// <summary>The folder that records go to; it is made at the start when it is missing. Relative to the current folder.</summary>
    public string RecordsFolder { get; set; } = "records";

    /// <summary>
    /// Who may read records and the HLS files beside them, and open the records folder where the node makes it. Default: the node's own user.
    /// </summary>
    public RecordReaders RecordsReadableBy { get; set; } = RecordReaders.Owner;

    /// <summary>
    /// The folder of this node's run directories: sockets, browser profiles, logs; nothing in it is worth keeping. Each node of a host needs
    /// its own. At most <see cref="RunRoot.LongestPath"/> characters, since socket paths are short. Empty: one in the folder for
    /// temporary files, by a name that nobody can guess.
    /// </summary>
    public string RunRoot { get; set; } = "";

    /// <summary>The user that display, sound and browser run as when the node runs as root, or may become that user. It must exist.</summary>
    public string User { get; set; } = "recorder";

    /// <summary>Whether browsers must run in Chromium's sandbox. Default: where the host allows that.</summary>
    public SandboxUse Sandbox { get; set; } = SandboxUse.Preferred;

    /// <summary>
    /// Whether the node records one picture of an empty page when it starts, and throws it away: it tells in the log whether it can, and the first
    /// session starts as fast as the later ones.
    /// </summary>
    public bool Rehearse { get; set; } = true;

    /// <summary>The browser's executable; empty: Debian's Chromium.</summary>
    public string BrowserExecutable { get; set; } = "";

    /// <summary>
    /// The proxy by which browsers reach pages, such as <c>http://proxy:3128</c>; https, socks4 and socks5 too. Empty: what the variables
    /// <c>http_proxy</c>, <c>https_proxy</c> and <c>all_proxy</c> say. <c>none</c>: none, whatever they say. Streams go without.
    /// </summary>
    public string Proxy { get; set; } = "";

    /// <summary>
    /// What browsers reach without the proxy, parted by commas: hosts, domains, networks. Empty: what the variable <c>no_proxy</c> says. Loopback always is.
    /// </summary>
    public string NoProxy { get; set; } = "";

    /// <summary>A file of certificate authorities, as PEM, that browsers trust besides their own, and stream targets besides the system's; empty: none.</summary>
    public string Authorities { get; set; } = "";

    /// <summary>The worker's command line, one element an argument; empty: this executable with <c>pipeline</c>.</summary>
    public string[] WorkerCommand { get; set; } = [];

    /// <summary>
    /// Free space in the records folder, in MiB, below which no record is begun and running records are finalised. 0: only when a write fails.
    /// </summary>
    public long MinimumFreeMegabytes { get; set; } = 500;

    /// <summary>
    /// The address that ports of RTP sessions and of listening SRT targets are bound on; 0.0.0.0 for every one. RTP has no keys: whoever reaches a port may send to it.
    /// Empty: the one by which other nodes reach this one, <c>Remoting:Hostname</c>.
    /// </summary>
    public string RtpAddress { get; set; } = "";

    /// <summary>How long a page may take to answer with its document, in seconds.</summary>
    public double PageLimitSeconds { get; set; } = 20;

    /// <summary>
    /// How long a page that has answered may go on loading images and the like before recording begins anyway, in seconds.
    /// </summary>
    public double PageSettleSeconds { get; set; } = 2;

    /// <summary>How long display, sound server, browser and worker each may take to start, in seconds.</summary>
    public double StartLimitSeconds { get; set; } = 20;

    /// <summary>
    /// How many browsers start at once on this node; the others wait their turn, which counts in the start limit. 0: as many as there are processors,
    /// at least 2.
    /// </summary>
    public int ConcurrentStarts { get; set; }

    /// <summary>How often the page is asked whether it is alive, in seconds.</summary>
    public double HeartbeatSeconds { get; set; } = 3;

    /// <summary>How long the browser may owe an answer before it is started again, and the page before it is told that the page is busy, in seconds.</summary>
    public double HeartbeatLimitSeconds { get; set; } = 10;

    /// <summary>
    /// How long a page whose script does not let go of it may show nothing new before it is loaded anew, in seconds. A page that goes on painting
    /// has something to lose, and gets <see cref="Browsing.PageWatch.PatienceWithPictures"/> times as long.
    /// </summary>
    public double HangLimitSeconds { get; set; } = 60;

    /// <summary>How long a recording worker may say nothing before it counts as stalled, in seconds. It reports once a second.</summary>
    public double WorkerSilenceSeconds { get; set; } = 10;

    /// <summary>How long a worker may take to finalise a record, in seconds: a long record is copied once.</summary>
    public double FinishLimitSeconds { get; set; } = 300;

    /// <summary>How long a repair may take, in seconds.</summary>
    public double RepairLimitSeconds { get; set; } = 600;

    /// <summary>Niceness of the workers, 0 to 19: encoders must not delay the node's heartbeats.</summary>
    public int WorkerNiceness { get; set; } = 5;
}
