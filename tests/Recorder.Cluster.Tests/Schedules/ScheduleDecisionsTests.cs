using System.Globalization;
using CsCheck;
using Recorder.Cluster.Schedules;

namespace Recorder.Cluster.Tests.Schedules;

public sealed class ScheduleDecisionsTests
{
    private static readonly DateTimeOffset At = new(2026, 12, 7, 9, 0, 0, TimeSpan.Zero);

    private static readonly SchedulePlan Plan = new(
        Daily(),
        Lead: TimeSpan.FromSeconds(45),
        Late: TimeSpan.FromMinutes(10),
        ScheduleOverlap.Skip
    );

    [Theory]
    [InlineData("08:59:14", false, "wait 08:59:15")]
    [InlineData("08:59:15", false, "start 09:00:00")]
    [InlineData("09:10:00", false, "start 09:00:00")]
    [InlineData("09:10:01", false, "missed 09:00:00")]
    [InlineData("08:59:15", true, "left out 09:00:00")]
    [InlineData("09:10:01", true, "missed 09:00:00")]
    [InlineData("08:59:14", true, "wait 08:59:15")]
    public void The_next_step_by_the_clock(string now, bool running, string step) =>
        Assert.Equal(
            step,
            Told(ScheduleDecisions.Next(Plan, new ScheduleProgress(At.AddDays(-1), running), Today(now)))
        );

    [Fact]
    public void Recordings_side_by_side_are_started_where_that_is_wanted() =>
        Assert.Equal(
            "start 09:00:00",
            Told(
                ScheduleDecisions.Next(
                    Plan with
                    {
                        Overlap = ScheduleOverlap.Parallel,
                    },
                    new ScheduleProgress(At.AddDays(-1), Running: true),
                    At
                )
            )
        );

    [Theory]
    [InlineData("08:59:14", true, "wait 08:59:15")]
    [InlineData("08:59:15", true, "wait 09:10:00")]
    [InlineData("09:09:59", true, "wait 09:10:00")]
    [InlineData("09:09:59", false, "start 09:00:00")]
    [InlineData("09:10:01", true, "missed 09:00:00 overlap")]
    [InlineData("09:10:01", false, "missed 09:00:00")]
    public void A_recording_that_queues_begins_when_the_one_before_has_ended(string now, bool running, string step)
    {
        var next = ScheduleDecisions.Next(
            Plan with
            {
                Overlap = ScheduleOverlap.Queue,
            },
            new ScheduleProgress(At.AddDays(-1), running),
            Today(now)
        );

        var overlap = next is ScheduleStep.LeaveOut { Code: MissedCode.Overlap } ? " overlap" : "";
        Assert.Equal(step, Told(next) + overlap);
        // A wait that ends at once would make the next round begin at once, again and again.
        Assert.True(next is not ScheduleStep.Wait wait || wait.Until > Today(now));
    }

    [Fact]
    public void Without_a_further_time_the_schedule_is_finished() =>
        Assert.Equal(
            "finished",
            Told(
                ScheduleDecisions.Next(
                    Plan with
                    {
                        Times = ScheduleTimes.Once(At, TimeZoneInfo.Utc),
                    },
                    new ScheduleProgress(At, Running: false),
                    At
                )
            )
        );

    /// <summary>Whoever carries steps out may die before or after any of them, and the farm may be away for long.
    /// Each time is settled once, in order, and a session is started for it at most once.</summary>
    [Fact]
    public void Each_time_is_settled_once_whoever_dies_when() =>
        Gen.Select(Gen.Int[0, 2000].Array[1, 60], Gen.Bool.Array[1, 60], Gen.Bool)
            .Sample(
                (minutes, deaths, parallel) =>
                {
                    var plan = Plan with { Overlap = parallel ? ScheduleOverlap.Parallel : ScheduleOverlap.Skip };
                    var saved = new ScheduleProgress(At.AddDays(-1), Running: false);
                    var (sessions, settled) = (new HashSet<DateTimeOffset>(), new List<DateTimeOffset>());
                    var now = At.AddDays(-1);
                    for (var step = 0; step < minutes.Length; step++)
                    {
                        now = now.AddMinutes(minutes[step]);
                        DateTimeOffset? at = ScheduleDecisions.Next(plan, saved, now) switch
                        {
                            // The same key gives the same session.
                            ScheduleStep.Start start => Started(start.At),
                            ScheduleStep.LeaveOut leave => leave.At,
                            _ => null,
                        };
                        if (at is { } done && !deaths[step % deaths.Length])
                        {
                            settled.Add(done);
                            saved = new ScheduleProgress(done, Running: false);
                        }

                        DateTimeOffset Started(DateTimeOffset time)
                        {
                            sessions.Add(time);
                            return time;
                        }
                    }
                    Assert.Equal(settled.Distinct().Order(), settled);
                    Assert.All(settled.Zip(settled.Skip(1)), pair => Assert.Equal(pair.Item1.AddDays(1), pair.Item2));
                    Assert.All(sessions, time => Assert.True(settled.Contains(time) || time > saved.Settled));
                }
            );

    private static ScheduleTimes Daily()
    {
        Assert.True(ScheduleTimes.TryCron("0 9 * * *", TimeZoneInfo.Utc, out var times, out _));
        return times;
    }

    private static DateTimeOffset Today(string time) =>
        At.AddHours(-At.Hour) + TimeSpan.Parse(time, CultureInfo.InvariantCulture);

    private static string Told(ScheduleStep step) =>
        step switch
        {
            ScheduleStep.Wait wait => $"wait {wait.Until:HH:mm:ss}",
            ScheduleStep.Start start => $"start {start.At:HH:mm:ss}",
            ScheduleStep.LeaveOut { Missed: true } leave => $"missed {leave.At:HH:mm:ss}",
            ScheduleStep.LeaveOut leave => $"left out {leave.At:HH:mm:ss}",
            _ => "finished",
        };
}
