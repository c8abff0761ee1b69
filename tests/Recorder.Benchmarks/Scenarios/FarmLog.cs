using System.Globalization;
using Recorder.Harness.Nodes;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>What nodes have logged since a moment: where the seconds went.</summary>
internal sealed class FarmLog(IEnumerable<RecorderNode> nodes, DateTimeOffset since)
{
    private readonly List<string> _lines = [.. nodes.SelectMany(node => node.LogLines())];

    /// <summary>When the first of them said this; null when none did.</summary>
    public double? SecondsTo(string words) =>
        _lines
            .Where(line => line.Contains(words, StringComparison.Ordinal))
            .Select(line => TimeOf(line) - since)
            .Where(after => after > TimeSpan.Zero)
            .Select(after => (double?)after.TotalSeconds)
            .Min();

    private static DateTimeOffset TimeOf(string line) =>
        DateTimeOffset.TryParse(
            line.Split(' ')[0],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var at
        )
            ? at
            : DateTimeOffset.MinValue;
}
