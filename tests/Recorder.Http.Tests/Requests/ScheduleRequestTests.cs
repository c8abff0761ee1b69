using System.Text;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Requests;

/// <summary>The body of a schedule.</summary>
public sealed class ScheduleRequestTests
{
    private const string Start = """{"type":"uri","data":{"uri":"https://example.org/room?pwd=1"}}""";

    private static readonly DateTimeOffset Now = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_field_is_read()
    {
        var schedule = Read(
            $$"""
            {"name":"Morning","cron":"30 9 * * MON-FRI","timezone":"Europe/Oslo","duration":"1 h","lead":"30 s",
            "late":120,"overlap":"parallel","exceptions":["2026-12-24"],"until":"2027-07-01T00:00:00+02:00",
            "enabled":false,"start":{{Start}}}
            """
        );

        Assert.Equal("Morning", schedule.Name);
        Assert.Equal("30 9 * * MON-FRI", schedule.Cron);
        Assert.Equal("Europe/Oslo", schedule.TimeZone);
        Assert.Equal(TimeSpan.FromHours(1), schedule.Duration);
        Assert.Equal(TimeSpan.FromSeconds(30), schedule.Lead);
        Assert.Equal(TimeSpan.FromMinutes(2), schedule.Late);
        Assert.Equal(ScheduleOverlap.Parallel, schedule.Overlap);
        Assert.Equal([new DateOnly(2026, 12, 24)], schedule.Exceptions);
        Assert.Equal(new DateTimeOffset(2027, 6, 30, 22, 0, 0, TimeSpan.Zero), schedule.Until);
        Assert.False(schedule.Enabled);
        Assert.Equal("https://example.org/room?pwd=1", ((PageSessionSpec)schedule.Spec).Page.ToString());
        Assert.Null(ScheduleFields.ProblemOf(schedule, Now, null));
    }

    [Fact]
    public void One_time_and_a_start_are_enough()
    {
        var schedule = Read($$"""{"at":"2026-12-01T10:00:00+01:00","start":{{Start}}}""");

        Assert.Equal(Now.AddHours(1), schedule.At);
        Assert.Equal(Schedule.DefaultLead, schedule.Lead);
        Assert.Equal(Schedule.DefaultLate, schedule.Late);
        Assert.True(schedule.Enabled);
        Assert.Null(ScheduleFields.ProblemOf(schedule, Now, null));
    }

    [Theory]
    [InlineData("""{"at":"2026-12-01T10:00:00Z"}""", "start", "start is missing")]
    [InlineData("""{"at":"2026-12-01T10:00:00","start":S}""", "at", "with its offset")]
    [InlineData("""{"at":"tomorrow","start":S}""", "at", "with its offset")]
    [InlineData("""{"at":"2026-02-30T10:00:00Z","start":S}""", "at", "with its offset")]
    [InlineData("""{"cron":"0 9 * * *","timezone":"Europe/Olso","start":S}""", "timezone", "Europe/Olso")]
    [InlineData("""{"cron":"0 9 * * *","timezone":"../../etc/passwd","start":S}""", "timezone", "not known")]
    [InlineData("""{"cron":"0 9 * * *","exceptions":["24.12."],"start":S}""", "exceptions[0]", "a day such as")]
    [InlineData("""{"cron":"0 9 * * *","duration":"-1 h","start":S}""", "duration", "must be a duration")]
    [InlineData("""{"cron":"0 9 * * *","late":"13 h","start":S}""", "late", "must be a duration")]
    [InlineData("""{"cron":"0 9 * * *","lead":"31 min","start":S}""", "lead", "must be a duration")]
    [InlineData("""{"cron":"0 9 * * *","overlap":"both","start":S}""", "overlap", "skip, parallel, queue")]
    [InlineData("""{"cron":"0 9 * * *","colour":1,"start":S}""", "colour", "is not a field")]
    [InlineData("""{"cron":"0 9 * * *","start":{"type":"uri","data":{}}}""", "start.data.uri", "data.uri is missing")]
    [InlineData(
        """{"cron":"0 9 * * *","start":{"type":"uri","start_at":"2026-12-01T10:00:00Z","data":{"uri":"https://a.b"}}}""",
        "start.start_at",
        "of no use"
    )]
    public void What_is_wrong_with_a_field_is_said(string body, string field, string sentence)
    {
        var parsed = NewScheduleCall.Parse(Bytes(body));

        Assert.Equal(field, parsed.Error?.Field);
        Assert.Contains(sentence, parsed.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"start":S}""", "at", "needs at or cron")]
    [InlineData("""{"at":"2026-12-01T10:00:00Z","cron":"0 9 * * *","start":S}""", "cron", "not both")]
    [InlineData("""{"at":"2026-12-01T07:59:59Z","start":S}""", "at", "has passed: here it is 2026-12-01T08:00:00Z")]
    [InlineData("""{"cron":"9 o'clock","start":S}""", "cron", "cannot be read")]
    [InlineData("""{"cron":"0 9 30 2 *","start":S}""", "cron", "never records")]
    [InlineData("""{"cron":"0 9 24 12 *","until":"2026-12-24T08:00:00Z","start":S}""", "cron", "no time is left")]
    [InlineData(
        """{"at":"2026-12-24T08:00:00Z","exceptions":["2026-12-24"],"start":S}""",
        "at",
        "no time is left"
    )]
    [InlineData("""{"cron":"0 9 * * *","until":"2026-11-30T08:00:00Z","start":S}""", "until", "has passed")]
    [InlineData("""{"cron":"0 9 * * *","duration":"25 h","start":S}""", "duration", "Sessions:MaxDuration")]
    public void A_schedule_that_makes_no_sense_is_refused(string body, string field, string sentence)
    {
        var problem = ScheduleFields.ProblemOf(Read(body), Now, TimeSpan.FromHours(24));

        Assert.Equal(field, problem?.Field);
        Assert.Contains(sentence, problem!.Value.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_that_the_clocks_skip_is_the_first_moment_after_and_one_shown_twice_the_first()
    {
        var skipped = Read($$"""{"cron":"30 2 28 3 *","timezone":"Europe/Oslo","start":{{Start}}}""");
        var doubled = Read($$"""{"cron":"30 2 31 10 *","timezone":"Europe/Oslo","start":{{Start}}}""");

        Assert.Null(ScheduleFields.ProblemOf(skipped, Now, null));
        Assert.Equal(new DateTimeOffset(2027, 3, 28, 1, 0, 0, TimeSpan.Zero), skipped.Times().After(Now));
        Assert.Equal(new DateTimeOffset(2027, 10, 31, 0, 30, 0, TimeSpan.Zero), doubled.Times().After(Now));
    }

    [Fact]
    public void What_a_change_leaves_out_stays_and_null_takes_away()
    {
        var before = Read($$"""{"name":"a","cron":"0 9 * * *","duration":"1 h","enabled":false,"start":{{Start}}}""");
        ScheduleChange Change(string body) => ChangeScheduleCall.Parse(Bytes(body)).Value;

        Assert.Equal(before, Change("{}").On(before));
        Assert.False(Change("""{"enabled":false}""").ChangesTimes);
        var after = Change("""{"name":null,"duration":null,"enabled":true}""").On(before);
        Assert.Equal(before with { Name = null, Duration = null, Enabled = true }, after);
        var once = Change("""{"cron":null,"at":"2026-12-02T10:00:00Z"}""").On(before);
        Assert.Null(once.Cron);
        Assert.Null(ScheduleFields.ProblemOf(once, Now, null));
    }

    private static Schedule Read(string body)
    {
        var parsed = NewScheduleCall.Parse(Bytes(body));
        Assert.Null(parsed.Error?.Message);
        return parsed.Value;
    }

    private static byte[] Bytes(string body) =>
        Encoding.UTF8.GetBytes(body.Replace("\"start\":S", "\"start\":" + Start, StringComparison.Ordinal));
}
