using Recorder.Benchmarks.Measuring;
using Recorder.Benchmarks.Scenarios;
using Recorder.Benchmarks.Systems;

namespace Recorder.Benchmarks.Reports;

/// <summary>The medians of one system on one page over its repetitions; null where nothing was measured.</summary>
internal sealed record SessionMedians(string Page, string System, int Runs, int Failures)
{
    /// <summary>% of one core, by part.</summary>
    public IReadOnlyDictionary<SessionPart, double?> Cpu { get; init; } = new Dictionary<SessionPart, double?>();

    /// <summary>% of one core, the whole session.</summary>
    public double? WholeCpu { get; init; }

    /// <summary>% of one core that the rest of the machine used: the benchmark itself and whatever disturbed
    /// it.</summary>
    public double? OthersCpu { get; init; }

    /// <summary>Bytes, the whole session.</summary>
    public double? Memory { get; init; }

    /// <summary>Bytes, the whole session without what one node has once for all its sessions.</summary>
    public double? MemoryWithoutControl { get; init; }

    /// <summary>0–1.</summary>
    public double? DistinctFrames { get; init; }

    /// <summary>ms, with its sign.</summary>
    public double? SyncMedian { get; init; }

    /// <summary>ms.</summary>
    public double? SyncP80 { get; init; }

    /// <summary>Seconds.</summary>
    public double? StartToAnswer { get; init; }

    /// <summary>Seconds.</summary>
    public double? StartToFirstFrame { get; init; }

    /// <summary>kbit/s.</summary>
    public double? KilobitsPerSecond { get; init; }
}

/// <summary>Medians of all runs, and the product held against the peers and the targets.</summary>
/// <param name="Medians">One for each page and system.</param>
/// <param name="Targets">Empty where the product was not run.</param>
internal sealed record SessionSummary(IReadOnlyList<SessionMedians> Medians, IReadOnlyList<TargetResult> Targets)
{
    private const string Product = ProductSystem.RecordName;

    /// <summary>Sums up.</summary>
    /// <param name="runs">What was run.</param>
    /// <param name="startRatio">The largest ratio of the cold start to that of the earlier build that counts as
    /// reached.</param>
    public static SessionSummary Of(IReadOnlyList<SessionRun> runs, double startRatio)
    {
        var medians = runs.GroupBy(r => (r.Page, r.System))
            .Select(g => MediansOf(g.Key.Page, g.Key.System, [.. g]))
            .ToList();
        var targets = BenchmarkPage
            .All.Where(page => medians.Any(m => m.Page == page.Name && m.System == Product))
            .SelectMany(page => TargetsOf(page, medians, startRatio))
            .ToList();
        return new SessionSummary(medians, targets);
    }

    private static IEnumerable<TargetResult> TargetsOf(
        BenchmarkPage page,
        IReadOnlyList<SessionMedians> all,
        double startRatio
    )
    {
        var product = all.Single(m => m.Page == page.Name && m.System == Product);
        yield return Cpu("jibri", page.CpuAgainstJibri);
        yield return Cpu("livekit", page.CpuAgainstLiveKit);
        if (all.FirstOrDefault(m => m.Page == page.Name && m.System == ProductSystem.AllOutputsName) is { } outputs)
        {
            yield return new TargetResult(
                page.Name,
                "CPU of all outputs ÷ record alone",
                1.15,
                AtLeast: false,
                outputs.WholeCpu / product.WholeCpu
            );
        }
        if (all.FirstOrDefault(m => m.Page == page.Name && m.System == ProductSystem.BeforeName) is { } before)
        {
            yield return new TargetResult(
                page.Name,
                "CPU ÷ the earlier build's",
                1.02,
                AtLeast: false,
                product.WholeCpu / before.WholeCpu
            );
            yield return new TargetResult(
                page.Name,
                "start call → started, cold ÷ the earlier build's",
                startRatio,
                AtLeast: false,
                product.StartToAnswer / before.StartToAnswer
            );
        }

        if (page == BenchmarkPage.Reference)
        {
            yield return new TargetResult(page.Name, "distinct frames", 0.99, AtLeast: true, product.DistinctFrames);
            yield return new TargetResult(
                page.Name,
                "|sound − picture|, 80th percentile, ms",
                40,
                AtLeast: false,
                product.SyncP80
            );
            yield return new TargetResult(
                page.Name,
                "start call → started, cold, s",
                3,
                AtLeast: false,
                product.StartToAnswer
            );
        }

        TargetResult Cpu(string peer, double limit) =>
            new(
                page.Name,
                $"CPU ÷ {peer}",
                limit,
                AtLeast: false,
                product.WholeCpu / all.FirstOrDefault(m => m.Page == page.Name && m.System == peer)?.WholeCpu
            );
    }

    private static SessionMedians MediansOf(string page, string system, IReadOnlyList<SessionRun> runs)
    {
        var good = runs.Where(r => r.Failure is null).ToList();
        return new SessionMedians(page, system, runs.Count, runs.Count - good.Count)
        {
            Cpu = Enum.GetValues<SessionPart>().ToDictionary(part => part, part => Median(r => r.Cpu?.Percent[part])),
            WholeCpu = Median(r => r.Cpu?.Whole),
            OthersCpu = Median(r => r.Cpu?.OthersPercent),
            Memory = Median(r => r.Memory?.Values.Sum()),
            MemoryWithoutControl = Median(r => r.Memory?.Where(m => m.Key != SessionPart.Control).Sum(m => m.Value)),
            DistinctFrames = Median(r => r.Record?.DistinctFrames),
            SyncMedian = Median(r => r.Record?.SyncMedian),
            SyncP80 = Median(r => r.Record?.SyncP80),
            StartToAnswer = Median(r => r.StartToAnswer),
            StartToFirstFrame = Median(r => r.StartToFirstFrame),
            KilobitsPerSecond = Median(r => r.Record?.KilobitsPerSecond),
        };

        double? Median(Func<SessionRun, double?> figure)
        {
            var sorted = good.Select(figure).OfType<double>().Order().ToList();
            return sorted.Count == 0 ? null : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        }
    }
}
