using Recorder.Benchmarks.Processes;

namespace Recorder.Benchmarks.Measuring;

/// <summary>What one process used in the window.</summary>
/// <param name="Part">Its part of the session.</param>
/// <param name="Name">What it runs, with the kind of process for Chromium's.</param>
/// <param name="Percent">Of one core.</param>
internal sealed record ProcessCpu(SessionPart Part, string Name, double Percent);

/// <summary>What a session used in a window of time; 100 % is one core.</summary>
/// <param name="Seconds">How long the window was.</param>
/// <param name="Percent">By part; parts without a process are 0.</param>
/// <param name="Processes">Each process that used 0.1 % or more, largest first.</param>
/// <param name="EndedProcesses">Processes that ended within the window; of each, what it used in its last second is not
/// counted.</param>
/// <param name="OthersPercent">What the rest of the machine used, the benchmark and its page server included: large is
/// a disturbed measurement.</param>
/// <param name="StolenPercent">What the hypervisor withheld from the machine.</param>
internal sealed record CpuUsage(
    double Seconds,
    IReadOnlyDictionary<SessionPart, double> Percent,
    IReadOnlyList<ProcessCpu> Processes,
    int EndedProcesses,
    double OthersPercent,
    double StolenPercent
)
{
    /// <summary>The whole session, every part.</summary>
    public double Whole => Percent.Values.Sum();
}

/// <summary>Adds up the processor time of a session's processes over a window.</summary>
internal static class CpuMeter
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Measures from now on.</summary>
    /// <param name="session">Whose processes; those that start within the window count from their start.</param>
    /// <param name="window">How long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<CpuUsage> MeasureAsync(
        SessionProcesses session,
        TimeSpan window,
        CancellationToken cancellationToken
    )
    {
        var first = session.Current().ToDictionary(p => p.Key);
        var machine = ProcFileSystem.MachineCpu();
        var begin = TimeProvider.System.GetTimestamp();
        var last = new Dictionary<ProcessKey, ProcessState>(first);
        var living = first.Count;

        // Looked at every second so that a process that ends within the window has been counted nearly to its end.
        while (TimeProvider.System.GetElapsedTime(begin) is var elapsed && elapsed < window)
        {
            var rest = window - elapsed;
            await Task.Delay(rest < Interval ? rest : Interval, cancellationToken);
            var current = session.Current();
            living = current.Count;
            foreach (var process in current)
            {
                last[process.Key] = process;
            }
        }

        var seconds = TimeProvider.System.GetElapsedTime(begin).TotalSeconds;
        var (busy, stolen) = ProcFileSystem.MachineCpu();
        var used = last
            .Values.Select(p => new ProcessCpu(
                SessionParts.Of(p),
                Name(p),
                Percent(p.Cpu - (first.GetValueOrDefault(p.Key)?.Cpu ?? TimeSpan.Zero))
            ))
            .OrderByDescending(p => p.Percent)
            .ToList();
        var byPart = Enum.GetValues<SessionPart>()
            .ToDictionary(part => part, part => used.Where(p => p.Part == part).Sum(p => p.Percent));
        return new CpuUsage(
            seconds,
            byPart,
            [.. used.Where(p => p.Percent >= 0.1)],
            last.Count - living,
            Percent(busy - machine.Busy) - byPart.Values.Sum(),
            Percent(stolen - machine.Stolen)
        );

        double Percent(TimeSpan time) => 100 * time.TotalSeconds / seconds;
    }

    private static string Name(ProcessState process)
    {
        // Chromium's children write their command line as one piece, parted by spaces.
        var words = process.Arguments.SelectMany(a => a.Split(' ')).ToList();
        var kind = Value("--type=");
        var service = Value("--utility-sub-type=");
        return string.Join(' ', new[] { process.Executable, kind, service }.Where(part => part is not null));

        string? Value(string option) =>
            words.FirstOrDefault(w => w.StartsWith(option, StringComparison.Ordinal))?[option.Length..];
    }
}
