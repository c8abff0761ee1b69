using System.Globalization;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks.Reports;

/// <summary>The medians of one build at rest; sizes in bytes.</summary>
internal sealed record RestMedians(
    RestBuild Build,
    long PublishedBytes,
    double StartSeconds,
    double ResidentBytes,
    double ProportionalBytes,
    double BesideBytes
);

/// <summary>All builds at rest, and the product held against its targets.</summary>
internal sealed record RestSummary(IReadOnlyList<RestMedians> Medians, IReadOnlyList<TargetResult> Targets)
{
    private const string Page = "at rest";

    /// <summary>Sums up; the first build is the product, the second the earlier one where there is one.</summary>
    public static RestSummary Of(IReadOnlyList<RestBuild> builds, IReadOnlyList<RestRun> runs)
    {
        var medians = builds
            .Select(build => MediansOf(build, [.. runs.Where(run => run.Build == build.Name)]))
            .ToList();
        var product = medians[0];
        var targets = new List<TargetResult>
        {
            new(Page, "resident memory of the node, MB", 190, AtLeast: false, product.ResidentBytes / 1e6),
            new(Page, "resident memory of what runs beside the node, MB", 0, AtLeast: false, product.BesideBytes / 1e6),
        };
        if (medians.Count > 1)
        {
            targets.Add(
                new TargetResult(
                    Page,
                    "published size less than the earlier build's, MB",
                    120,
                    AtLeast: true,
                    (medians[1].PublishedBytes - product.PublishedBytes) / 1e6
                )
            );
        }
        return new RestSummary(medians, targets);
    }

    /// <summary>One column for each build.</summary>
    public Table Table()
    {
        var table = new Table { Title = new TableTitle("a node at rest: medians") };
        table.AddColumn("");
        foreach (var build in Medians)
        {
            table.AddColumn(new TableColumn(build.Build.Name).RightAligned());
        }
        Row("published folder, MB", build => build.PublishedBytes / 1e6, "0.0");
        Row("start → ready, s", build => build.StartSeconds, "0.00");
        Row("node, resident, MB", build => build.ResidentBytes / 1e6, "0.0");
        Row("node, proportional, MB", build => build.ProportionalBytes / 1e6, "0.0");
        Row("beside the node, resident, MB", build => build.BesideBytes / 1e6, "0.0");
        return table;

        void Row(string name, Func<RestMedians, double> figure, string format) =>
            table.AddRow([
                name,
                .. Medians.Select(build => figure(build).ToString(format, CultureInfo.InvariantCulture)),
            ]);
    }

    private static RestMedians MediansOf(RestBuild build, IReadOnlyList<RestRun> runs)
    {
        return new RestMedians(
            build,
            build.Size(),
            Median(run => run.StartSeconds),
            Median(run => run.Node.Resident),
            Median(run => run.Node.Proportional),
            Median(run => run.BesideBytes)
        );

        double Median(Func<RestRun, double> figure)
        {
            var sorted = runs.Select(figure).Order().ToList();
            return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        }
    }
}
