using System.Globalization;
using Recorder.Benchmarks.Measuring;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks.Reports;

/// <summary>The report for people.</summary>
internal static class ConsoleReport
{
    /// <summary>One line before a run, one after it.</summary>
    public static void WriteProgress(IAnsiConsole console, SessionRun run)
    {
        var name = $"{run.Order}. {run.Page}, {run.System}, repetition {run.Repetition}";
        var line = (run.Failure, run.Cpu) switch
        {
            ({ } failure, _) => $"{name}: failed: {failure}",
            (_, { } cpu) => Invariant(
                $"{name}: {cpu.Whole:0.0} % CPU (rest of the machine {cpu.OthersPercent:0.0} %, stolen {cpu.StolenPercent:0.0} %)"
            ),
            _ => $"{name} …",
        };
        console.WriteLine(line);
    }

    /// <summary>Medians by page, then targets.</summary>
    public static void Write(IAnsiConsole console, MachineDescription machine, SessionSummary summary)
    {
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        foreach (var page in summary.Medians.GroupBy(m => m.Page))
        {
            console.Write(PageTable(page.Key, page));
        }
        if (summary.Targets.Count > 0)
        {
            console.Write(TargetTable.Of(summary.Targets));
        }
    }

    private static Table PageTable(string page, IEnumerable<SessionMedians> systems)
    {
        var table = new Table { Title = new TableTitle($"{page}: medians; CPU in % of one core, memory as PSS") };
        table.AddColumn("");
        var columns = systems.ToList();
        foreach (var system in columns)
        {
            table.AddColumn(new TableColumn(system.System).RightAligned());
        }
        foreach (var part in Enum.GetValues<SessionPart>())
        {
            Row($"CPU {part.ToString().ToLowerInvariant()}", m => Format(m.Cpu.GetValueOrDefault(part), "0.0"));
        }
        Row("CPU whole session", m => Format(m.WholeCpu, "0.0"));
        Row("rest of the machine", m => Format(m.OthersCpu, "0.0"));
        Row("memory, MB", m => Format(m.Memory / 1e6, "0"));
        Row("memory without control, MB", m => Format(m.MemoryWithoutControl / 1e6, "0"));
        Row("distinct frames", m => Format(m.DistinctFrames, "0.000"));
        Row("sound − picture, median, ms", m => Format(m.SyncMedian, "+0;-0;0"));
        Row("|sound − picture|, 80th percentile, ms", m => Format(m.SyncP80, "0"));
        Row("start call → started, s", m => Format(m.StartToAnswer, "0.00"));
        Row("start → first frame in the file, s", m => Format(m.StartToFirstFrame, "0.00"));
        Row("file, kbit/s", m => Format(m.KilobitsPerSecond, "0"));
        Row("runs (failed)", m => Invariant($"{m.Runs} ({m.Failures})"));
        return table;

        void Row(string name, Func<SessionMedians, string> cell) =>
            table.AddRow([Markup.Escape(name), .. columns.Select(cell)]);
    }

    private static string Format(double? value, string format) =>
        value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
