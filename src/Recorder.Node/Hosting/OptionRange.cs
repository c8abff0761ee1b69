using System.Globalization;

namespace Recorder.Node.Hosting;

/// <summary>The values a number or a duration may have, both ends included.</summary>
/// <param name="Least">The least value; of a duration, in seconds.</param>
/// <param name="Most">The greatest value; of a duration, in seconds.</param>
internal sealed record OptionRange(double Least, double Most)
{
    /// <summary>The range of each option that is a number or a duration, by key.</summary>
    public static IReadOnlyDictionary<string, OptionRange> ByKey { get; } = new Dictionary<string, OptionRange>(StringComparer.OrdinalIgnoreCase)
    {
        ["DiskLowWater"] = new(0, 10_000_000),
        ["Http:MaximumBodyBytes"] = new(1_024, 16_777_216),
        ["Http:PlacementTimeout"] = new(0.01, 86_400),
        ["Http:StartTimeout"] = new(0.01, 86_400),
        ["Http:StopTimeout"] = new(0.01, 86_400),
        ["Http:ReadyTimeout"] = new(0.01, 86_400),
        ["Media:MinimumFreeMegabytes"] = new(0, 10_000_000),
        ["Media:PageLimitSeconds"] = new(1, 600),
        ["Media:PageSettleSeconds"] = new(0, 60),
        ["Media:StartLimitSeconds"] = new(1, 600),
        ["Media:ConcurrentStarts"] = new(0, 1_000),
        ["Media:HeartbeatSeconds"] = new(0.1, 60),
        ["Media:HeartbeatLimitSeconds"] = new(0.5, 600),
        ["Media:HangLimitSeconds"] = new(0.5, 3_600),
        ["Media:WorkerSilenceSeconds"] = new(2, 600),
        ["Media:FinishLimitSeconds"] = new(1, 86_400),
        ["Media:RepairLimitSeconds"] = new(1, 86_400),
        ["Media:WorkerNiceness"] = new(0, 19),
        ["Delivery:CommandTimeout"] = new(1, 7 * 86_400),
        ["Delivery:Attempts"] = new(1, 100),
        ["Remoting:Port"] = new(0, 65_535),
        ["Remoting:PublicPort"] = new(0, 65_535),
        ["Database:Patience"] = new(1, 7 * 86_400),
        ["Failover:HeartbeatInterval"] = new(0.1, 10),
        ["Failover:HeartbeatPause"] = new(0.5, 60),
        ["Failover:StableAfter"] = new(0.5, 120),
        ["Failover:RemovalMargin"] = new(0.1, 60),
        ["Sessions:StartLimit"] = new(1, 600),
        ["Sessions:ResumeWindow"] = new(0, 7 * 86_400),
        ["Sessions:EvidenceInterval"] = new(0.1, 60),
        ["Sessions:RetryDelay"] = new(0.01, 60),
        ["Sessions:RetryDelayLimit"] = new(0.01, 3_600),
        ["Sessions:ReportLimit"] = new(0.1, 60),
        ["Placement:Sessions"] = new(0, 1_000),
        ["Placement:Shards"] = new(1, 100_000),
        ["Placement:ReportInterval"] = new(0.1, 60),
        ["Placement:HandOverLimit"] = new(0, 3_600),
        ["Placement:RejoinGrace"] = new(0, 3_600),
        ["Placement:SilenceLimit"] = new(1, 600),
        ["Capacity:CpuLimit"] = new(10, 100),
        ["Capacity:LeastDistinctFrames"] = new(0, 1),
        ["Capacity:CpuClosedAbove"] = new(1, 100),
        ["Capacity:CpuOpenBelow"] = new(0, 100),
        ["Capacity:CpuWindow"] = new(2, 600),
        ["Capacity:MemoryLowWater"] = new(0, 10_000_000),
    };

    /// <summary>The range in words, for a duration or a plain number.</summary>
    public string Describe(Type type) => $"{Write(Least, type)} to {Write(Most, type)}";

    private static string Write(double value, Type type) => type == typeof(TimeSpan)
        ? Duration.Format(TimeSpan.FromSeconds(value))
        : value.ToString(CultureInfo.InvariantCulture);
}
