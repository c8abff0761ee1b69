using System.Collections.Immutable;

namespace Recorder.Node.Processes;

/// <summary>What a process of a session is for.</summary>
internal enum ProcessRole
{
    /// <summary>The X server.</summary>
    Display,

    /// <summary>The sound server.</summary>
    Sound,

    /// <summary>The browser.</summary>
    Browser,

    /// <summary>The pipeline's worker, which finalises its record on SIGTERM or at the end of its input.</summary>
    Worker,

    /// <summary>A short helper that ends by itself, such as xrandr.</summary>
    Tool,
}

/// <summary>A process to be started.</summary>
/// <param name="Role">What it is for. It is told to the process as <c>RECORDER_PROCESS</c>.</param>
/// <param name="Program">The executable: an absolute path, or a name that is looked for in the system's
/// folders.</param>
/// <param name="Arguments">Its arguments, each passed as it is; no shell reads them.</param>
internal sealed record ProcessRequest(ProcessRole Role, string Program, ImmutableArray<string> Arguments)
{
    /// <summary>Its whole environment, apart from <c>RECORDER_RUN</c> and <c>RECORDER_PROCESS</c>: nothing is
    /// inherited.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ProcessEnvironment.Minimal;

    /// <summary>Whether it runs as the unprivileged user. Only the worker does not: it writes the records.</summary>
    public bool Unprivileged { get; init; } = true;

    /// <summary>
    /// Whether the kernel kills it with this process. Not the worker: it sees its input end, finalises the record and
    /// exits.
    /// </summary>
    public bool DiesWithNode { get; init; } = true;

    /// <summary>Added to the node's own niceness, 0 to 19.</summary>
    public int Niceness { get; init; }

    /// <summary>How long it may take to exit after SIGTERM before it is killed. Zero: it is killed at once.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Called for each line of its standard output, one after the other, from no particular thread. What is read this
    /// way is data, and stands neither in the process's log nor in what is told of its end.
    /// </summary>
    public Action<string>? OnOutput { get; init; }

    /// <summary>The longest line of its standard output, in characters; what is longer is cut off.</summary>
    public int LongestOutputLine { get; init; } = ProcessLines.LongestLine;

    /// <summary>
    /// Keeps the end of its standard output and standard error, in place of the process's log: what somebody else's
    /// program writes has no bound.
    /// </summary>
    public OutputTail? Tail { get; init; }

    /// <summary>
    /// Whether it is spoken with over two pipes of its own: it reads its descriptor 3 and writes its descriptor 4, as
    /// Chromium does for <c>--remote-debugging-pipe</c>. What it writes to its standard output goes where its standard
    /// error goes, and its standard input is empty.
    /// </summary>
    public bool SpokenWithByPipes { get; init; }

    /// <summary>Called for each line of its standard error, one after the other, from no particular thread.</summary>
    public Action<string>? OnError { get; init; }
}

/// <summary>The environments that processes get: made from an allow-list, so that no secret of the node reaches a
/// browser.</summary>
internal static class ProcessEnvironment
{
    /// <summary>Names that every process may see.</summary>
    private static readonly string[] Common = ["LANG", "LC_ALL", "TZ"];

    /// <summary>Names that the worker may see besides: what .NET and GStreamer need to start as the node did.</summary>
    private static readonly string[] OfWorker = ["HOME", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "TMPDIR"];

    /// <summary>Names that a command of the operator may see besides: where its own settings are.</summary>
    private static readonly string[] OfCommand = ["HOME", "TMPDIR"];

    private static readonly string[] PrefixesOfWorker = ["DOTNET_", "GST_", "ORC_"];

    /// <summary>The path and the language, nothing else.</summary>
    public static ImmutableDictionary<string, string> Minimal { get; } = Allowed(Read(), Common, []);

    /// <summary>What the worker gets from the node.</summary>
    public static ImmutableDictionary<string, string> Worker { get; } =
        Allowed(Read(), [.. Common, .. OfWorker], PrefixesOfWorker);

    /// <summary>What a command of the operator gets from the node.</summary>
    public static ImmutableDictionary<string, string> Command { get; } = Allowed(Read(), [.. Common, .. OfCommand], []);

    /// <summary>Picks the allowed names out of an environment and adds the system's path.</summary>
    public static ImmutableDictionary<string, string> Allowed(
        IEnumerable<KeyValuePair<string, string>> environment,
        IReadOnlyCollection<string> names,
        IReadOnlyCollection<string> prefixes
    ) =>
        environment
            .Where(pair =>
                names.Contains(pair.Key)
                || prefixes.Any(prefix => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            )
            .ToImmutableDictionary()
            .SetItem("PATH", string.Join(':', ProgramPath.Folders));

    private static IEnumerable<KeyValuePair<string, string>> Read() =>
        from System.Collections.DictionaryEntry entry in System.Environment.GetEnvironmentVariables()
        select KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? "");
}
