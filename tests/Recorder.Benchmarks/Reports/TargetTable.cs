using System.Globalization;
using Spectre.Console;

namespace Recorder.Benchmarks.Reports;

/// <summary>Each target beside what was measured, for people.</summary>
internal static class TargetTable
{
    /// <summary>One row for each.</summary>
    public static Table Of(IEnumerable<TargetResult> targets)
    {
        var table = new Table { Title = new TableTitle("targets of the product") };
        table.AddColumns("page", "figure", "target", "measured", "");
        foreach (var target in targets)
        {
            table.AddRow(
                target.Page,
                Markup.Escape(target.What),
                (target.AtLeast ? "≥ " : "≤ ") + target.Limit.ToString("0.##", CultureInfo.InvariantCulture),
                target.Measured?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–",
                target.Reached switch
                {
                    true => "reached",
                    false => "[bold]not reached[/]",
                    null => "not measured",
                }
            );
        }

        return table;
    }
}
