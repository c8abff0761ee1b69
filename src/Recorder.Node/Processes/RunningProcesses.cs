using System.Buffers.Text;
using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>A process as the kernel's <c>stat</c> tells it (proc(5)).</summary>
/// <param name="Id">The process's number.</param>
/// <param name="Parent">The number of the parent process.</param>
/// <param name="Session">The number of the process that leads the session (setsid(2)).</param>
/// <param name="Threads">The threads, at least 1.</param>
/// <param name="Pages">The resident pages of memory, shared ones included.</param>
/// <param name="Ticks">Processor time in hundredths of a second, including that of descendants that have ended.</param>
internal readonly record struct RunningProcess(int Id, int Parent, int Session, int Threads, long Pages, long Ticks)
{
    private const int LastField = 21;
    private const int LastOfProcessorTime = 14;

    /// <summary>Reads the text of a <c>stat</c>; null for anything else.</summary>
    /// <param name="id">The process's number.</param>
    /// <param name="stat">The text.</param>
    public static RunningProcess? Parse(int id, ReadOnlySpan<byte> stat)
    {
        // The name in parentheses may contain any character. After it come the state, then numbers.
        var rest = stat[(stat.LastIndexOf((byte)')') + 1)..];
        Span<long> numbers = stackalloc long[LastField + 1];
        var field = -1;
        while (field < LastField && !(rest = rest.TrimStart((byte)' ')).IsEmpty)
        {
            var length = rest.IndexOf((byte)' ');
            var text = length < 0 ? rest : rest[..length];
            numbers[++field] = Utf8Parser.TryParse(text, out long number, out _) ? number : 0;
            rest = rest[text.Length..];
        }
        return field < LastOfProcessorTime
            ? null
            : new RunningProcess(
                id,
                (int)numbers[1],
                (int)numbers[3],
                (int)numbers[17],
                numbers[21],
                numbers[11] + numbers[12] + numbers[13] + numbers[14]
            );
    }
}

/// <summary>All processes of this host at one moment.</summary>
internal sealed class RunningProcesses
{
    /// <summary>A <c>stat</c> has some 300 bytes, and a name of at most 64 in it.</summary>
    private const int LongestStat = 1024;

    private readonly List<RunningProcess> _all;
    private readonly ILookup<int, RunningProcess> _children;

    private RunningProcesses(List<RunningProcess> all)
    {
        _all = all;
        _children = all.ToLookup(process => process.Parent);
    }

    /// <summary>Reads the processes. A process that ends meanwhile is left out.</summary>
    /// <param name="proc">The folder of the kernel's files, such as <c>/proc</c>.</param>
    public static RunningProcesses Read(string proc)
    {
        var all = new List<RunningProcess>();
        var buffer = new byte[LongestStat];
        foreach (var folder in Directory.EnumerateDirectories(proc))
        {
            if (
                int.TryParse(
                    Path.GetFileName(folder.AsSpan()),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var id
                ) && RunningProcess.Parse(id, Posix.Read(folder + "/stat", buffer)) is { } process
            )
            {
                all.Add(process);
            }
        }
        return new RunningProcesses(all);
    }

    /// <summary>A process and all its descendants, the process first; empty when the process has ended.</summary>
    /// <param name="root">The process's number.</param>
    public IReadOnlyList<RunningProcess> Below(int root) => Below(process => process.Id == root);

    /// <summary>A process that leads a session, the other members of its session, and all their descendants. So a
    /// process counts whose parent has ended.</summary>
    /// <param name="leader">The leader's number.</param>
    public IReadOnlyList<RunningProcess> OfSession(int leader) =>
        Below(process => process.Id == leader || process.Session == leader);

    private List<RunningProcess> Below(Predicate<RunningProcess> roots)
    {
        var found = _all.FindAll(roots);
        var known = found.Select(process => process.Id).ToHashSet();
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(_children[found[i].Id].Where(child => known.Add(child.Id)));
        }
        return found;
    }
}

/// <summary>One reading of all processes for everybody of this node who asks at about the same time.</summary>
/// <param name="proc">The folder of the kernel's files, such as <c>/proc</c>.</param>
/// <param name="time">The time.</param>
internal sealed class SharedProcesses(string proc, TimeProvider time)
{
    /// <summary>How old a reading may be.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(0.5);

    private readonly Lock _lock = new();
    private Task<RunningProcesses>? _reading;
    private long _readAt;

    /// <summary>The folder of the kernel's files.</summary>
    public string Proc => proc;

    /// <summary>The processes of at most half a second ago.</summary>
    public Task<RunningProcesses> ReadAsync()
    {
        lock (_lock)
        {
            if (_reading is null || _reading.IsFaulted || time.GetElapsedTime(_readAt) > Fresh)
            {
                _readAt = time.GetTimestamp();
                _reading = Task.Run(() => RunningProcesses.Read(proc));
            }
            return _reading;
        }
    }

    /// <summary>How long to wait until the next moment at which all who read each <paramref name="interval"/> do so
    /// together: more than zero, at most the interval.</summary>
    /// <param name="interval">The time between two readings.</param>
    public TimeSpan UntilNext(TimeSpan interval) =>
        interval - TimeSpan.FromTicks(time.GetElapsedTime(0).Ticks % interval.Ticks);
}
