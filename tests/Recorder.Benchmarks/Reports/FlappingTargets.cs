using Recorder.Benchmarks.Scenarios;

namespace Recorder.Benchmarks.Reports;

/// <summary>What <see cref="FlappingScenario"/> is held against.</summary>
internal static class FlappingTargets
{
    private const string Page = "clock";

    // A worker that keeps what an absent target did not take grows by more within half a run; what its heap is
    // collected at makes less.
    private const double Flat = 1.05;

    // Fewer readings of the memory than these cover too short a time to tell growth from the heap's ups and downs.
    private const int LeastReadings = 8;

    /// <summary>Each target with what was measured.</summary>
    public static IReadOnlyList<TargetResult> Of(FlappingReport report)
    {
        var half = report.Memory.Count / 2;
        return
        [
            AtMost("frames missing in the record", 0, report.MissingFrames),
            AtMost("pictures of the page missing in the record", 0, report.MissingPictures),
            AtMost(
                "streamed to again after the server's return, longest, s",
                3,
                report.ReconnectSeconds.Count == 0 ? null : report.ReconnectSeconds.Max()
            ),
            AtMost(
                "worker's memory, largest of the second half ÷ of the first",
                Flat,
                report.Memory.Count < LeastReadings
                    ? null
                    : (double)report.Memory.Skip(half).Max(one => one.Bytes)
                        / report.Memory.Take(half).Max(one => one.Bytes)
            ),
            AtMost("glass to server, longest, s", 2, report.Latency.Longest),
            AtMost("steady target: retries", 0, report.Steady.Retries),
            AtMost("steady target: frames dropped", 0, report.Steady.FramesDropped),
        ];
    }

    private static TargetResult AtMost(string what, double limit, double? measured) =>
        new(Page, what, limit, AtLeast: false, measured);
}
