using System.Collections.Immutable;

namespace Recorder.Node.Processes;

/// <summary>The purpose of a session's process.</summary>
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

    /// <summary>A short program that ends by itself, such as xrandr.</summary>
    Tool,
}

/// <summary>A process to start.</summary>
/// <param name="Role">The purpose of the process, which the process gets as <c>RECORDER_PROCESS</c>.</param>
/// <param name="Program">The executable: an absolute path, or a name to look up in the system's folders.</param>
/// <param name="Arguments">The arguments, each passed unchanged; no shell interprets them.</param>
internal sealed record ProcessRequest(ProcessRole Role, string Program, ImmutableArray<string> Arguments)
{
    /// <summary>The whole environment of the process, apart from <c>RECORDER_RUN</c> and <c>RECORDER_PROCESS</c>;
    /// nothing is inherited.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ProcessEnvironment.Minimal;

    /// <summary>Whether the process runs as the unprivileged user. Only the worker does not, because the worker writes
    /// the records.</summary>
    public bool Unprivileged { get; init; } = true;

    /// <summary>Whether the process, which stays the node's user, gets none of root's single rights. The node must be
    /// allowed to take them (<see cref="Capabilities.MayTakeRights"/>).</summary>
    public bool WithoutRights { get; init; }

    /// <summary>The user that an unprivileged process runs as; null: the user of its run directory.</summary>
    public SystemUser? As { get; init; }

    /// <summary>
    /// Whether the kernel kills the process when this process dies. The worker is not killed: the worker sees the end
    /// of its input, finalises the record and exits.
    /// </summary>
    public bool DiesWithNode { get; init; } = true;

    /// <summary>The value added to the node's own niceness, 0 to 19.</summary>
    public int Niceness { get; init; }

    /// <summary>Whether the process reads its standard input. A worker always does; others have an empty input unless
    /// they say so here.</summary>
    public bool TakesInput { get; init; }

    /// <summary>How long the process may take to exit after SIGTERM before it is killed. Zero: the process is killed at
    /// once.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Called for each line of the standard output, one after the other, from no particular thread. Such lines are
    /// data. They appear neither in the process's log nor in messages about its end.
    /// </summary>
    public Action<string>? OnOutput { get; init; }

    /// <summary>The longest line of the standard output, in characters; longer lines are cut off.</summary>
    public int LongestOutputLine { get; init; } = ProcessLines.LongestLine;

    /// <summary>
    /// Keeps the end of the standard output and standard error, in place of the process's log. Somebody else's program
    /// may write without limit, so only the end is kept.
    /// </summary>
    public OutputTail? Tail { get; init; }

    /// <summary>
    /// Whether the node speaks with the process over two pipes of their own. The process reads its descriptor 3 and
    /// writes its descriptor 4, as Chromium does for <c>--remote-debugging-pipe</c>. The standard output then goes
    /// where the standard error goes, and the standard input is empty.
    /// </summary>
    public bool SpokenWithByPipes { get; init; }

    /// <summary>Called for each line of the standard error, one after the other, from no particular thread.</summary>
    public Action<string>? OnError { get; init; }
}

/// <summary>The environments of started processes. They are made from an allow-list, so that no secret of the node
/// reaches a browser.</summary>
internal static class ProcessEnvironment
{
    /// <summary>Variables that every process may see.</summary>
    private static readonly string[] Common = ["LANG", "LC_ALL", "TZ"];

    /// <summary>Additional variables for the worker: .NET and GStreamer need them to start as in the node.</summary>
    private static readonly string[] OfWorker = ["HOME", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "TMPDIR"];

    /// <summary>Additional variables for a command of the operator: they say where the command's own settings
    /// are.</summary>
    private static readonly string[] OfCommand = ["HOME", "TMPDIR"];

    private static readonly string[] PrefixesOfWorker = ["DOTNET_", "GST_", "ORC_"];

    /// <summary>An environment of the path and the language only.</summary>
    public static ImmutableDictionary<string, string> Minimal { get; } = Allowed(Read(), Common, []);

    /// <summary>The environment that the worker gets from the node.</summary>
    public static ImmutableDictionary<string, string> Worker { get; } =
        Allowed(Read(), [.. Common, .. OfWorker], PrefixesOfWorker);

    /// <summary>The environment that a command of the operator gets from the node.</summary>
    public static ImmutableDictionary<string, string> Command { get; } = Allowed(Read(), [.. Common, .. OfCommand], []);

    /// <summary>Picks the allowed variables out of an environment and adds the system's path.</summary>
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
