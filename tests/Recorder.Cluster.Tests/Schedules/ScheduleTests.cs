using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Schedules;

/// <summary>What the session of one time records.</summary>
public sealed class ScheduleTests
{
    private static readonly DateTimeOffset At = ScheduleSample.Made.AddHours(1);

    [Fact]
    public void A_page_is_joined_before_its_time_and_recorded_from_its_time()
    {
        var schedule = ScheduleSample.Once("sch_a", At) with { Duration = TimeSpan.FromHours(1), Owner = "ada" };

        var spec = Assert.IsType<PageSessionSpec>(schedule.SpecFor(At));

        Assert.Equal(At, spec.Begin?.NotBefore);
        Assert.True(spec.Begin!.BeginsAnyway);
        Assert.Equal(TimeSpan.FromHours(1), spec.End?.MaxDuration);
        Assert.Equal("ada", spec.Owner);
        Assert.Equal(At - Schedule.DefaultLead, schedule.DueAfter(ScheduleSample.Made));
    }

    [Fact]
    public void A_rule_of_the_page_itself_stays_and_counts_from_the_time()
    {
        var rule = new BeginRule { When = BeginWhen.Signal };
        var schedule = ScheduleSample.Once("sch_a", At) with { Spec = ScheduleSample.Page with { Begin = rule } };

        Assert.Equal(rule with { NotBefore = At }, ((PageSessionSpec)schedule.SpecFor(At)).Begin);
    }

    [Fact]
    public void Ports_are_opened_at_the_time_since_nothing_has_to_be_joined()
    {
        var schedule = ScheduleSample.Once("sch_a", At) with { Spec = new RtpSessionSpec(0, 0) };

        Assert.Equal(schedule.Spec, schedule.SpecFor(At));
        Assert.Equal(At, schedule.DueAfter(ScheduleSample.Made));
    }

    [Fact]
    public void Without_a_lead_a_page_is_opened_at_the_time()
    {
        var schedule = ScheduleSample.Once("sch_a", At) with { Lead = TimeSpan.Zero };

        Assert.Null(((PageSessionSpec)schedule.SpecFor(At)).Begin);
    }

    [Theory]
    [InlineData(30, 60, 30)]
    [InlineData(90, 60, 60)]
    [InlineData(null, 60, 60)]
    [InlineData(30, null, 30)]
    public void The_shorter_of_two_durations_counts(int? own, int? scheduled, int expected)
    {
        TimeSpan? Minutes(int? minutes) => minutes is { } m ? TimeSpan.FromMinutes(m) : null;
        var schedule = ScheduleSample.Once("sch_a", At) with
        {
            Spec = ScheduleSample.Page with { End = new EndRules { MaxDuration = Minutes(own) } },
            Duration = Minutes(scheduled),
        };

        Assert.Equal(Minutes(expected), schedule.SpecFor(At).End?.MaxDuration);
    }

    [Fact]
    public void The_same_time_is_the_same_start_and_another_time_another()
    {
        Assert.Equal(Schedule.KeyOf("sch_a", At), Schedule.KeyOf("sch_a", At.ToOffset(TimeSpan.FromHours(1))));
        Assert.NotEqual(Schedule.KeyOf("sch_a", At), Schedule.KeyOf("sch_a", At.AddMinutes(1)));
        Assert.NotEqual(Schedule.KeyOf("sch_a", At), Schedule.KeyOf("sch_b", At));
    }

    [Fact]
    public void A_disabled_schedule_and_a_settled_one_have_nothing_due()
    {
        var schedule = ScheduleSample.Once("sch_a", At);

        Assert.Null((schedule with { Enabled = false }).DueAfter(ScheduleSample.Made));
        Assert.Null(schedule.DueAfter(At));
    }

    [Theory]
    [InlineData(FaultCode.PageFailed, 1, true, true)]
    [InlineData(FaultCode.NodeLost, 4, true, true)]
    [InlineData(FaultCode.NodeLost, 5, true, false)]
    [InlineData(FaultCode.NodeLost, 1, false, false)]
    [InlineData(FaultCode.NotAdmitted, 1, true, false)]
    [InlineData(FaultCode.BeginTimeout, 1, true, false)]
    public void Another_session_is_tried_where_that_may_help(string code, int tries, bool inTime, bool expected) =>
        Assert.Equal(expected, OccurrenceOutcome.TriesAgain(code, tries, inTime));
}
