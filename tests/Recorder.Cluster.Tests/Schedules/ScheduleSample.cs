using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Schedules;

/// <summary>Schedules for tests.</summary>
internal static class ScheduleSample
{
    public static readonly DateTimeOffset Made = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);

    public static readonly PageSessionSpec Page = new(new Uri("https://example.org/room"));

    public static Schedule Once(string id, DateTimeOffset at, DateTimeOffset? made = null) =>
        new(id, Page, made ?? Made) { At = at };

    public static Schedule Daily(string id = "sch_a", DateTimeOffset? made = null) =>
        new(id, Page, made ?? Made) { Cron = "0 9 * * *", TimeZone = "Europe/Oslo" };
}
