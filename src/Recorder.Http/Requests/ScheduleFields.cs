using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Schedules;

namespace Recorder.Http.Requests;

/// <summary>The fields of a schedule.</summary>
internal static class ScheduleFields
{
    public const string Name = "name";
    public const string At = "at";
    public const string Cron = "cron";
    public const string TimeZone = "timezone";
    public const string Exceptions = "exceptions";
    public const string Until = "until";
    public const string Start = "start";
    public const string Enabled = "enabled";

    /// <summary>The greatest number of days without a recording.</summary>
    public const int MostExceptions = 366;

    /// <summary>How far ahead a schedule must have a time.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(5 * 366);

    private const int LongestTime = 40;
    private const int LongestZone = 64;

    public static readonly DurationField Duration = new(
        "duration",
        "How long each session records, at most; without it, until something else ends the session.",
        TimeSpan.FromSeconds(1),
        TimeSpan.FromDays(365)
    );

    public static readonly DurationField Lead = new(
        "lead",
        "How long before its time a session starts, so that the browser has joined by then; 45 s when absent. Only pages are joined.",
        TimeSpan.Zero,
        TimeSpan.FromMinutes(30)
    );

    // A start is known by its key for a day, and must not come after that.
    public static readonly DurationField Late = new(
        "late",
        "How late a session may still start when no node could start it at its time, or when it waited for the recording before; 10 min when absent.",
        TimeSpan.Zero,
        TimeSpan.FromHours(12)
    );

    public static readonly ChoiceField<ScheduleOverlap> Overlap = new(
        "overlap",
        "What happens while the recording before still runs: the next is left out, both record, or the next waits for the end of the recording before, for late at most.",
        ScheduleOverlap.Skip
    );

    /// <summary>The names of all fields.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        Name,
        At,
        Cron,
        TimeZone,
        Duration.Name,
        Lead.Name,
        Late.Name,
        Overlap.Name,
        Exceptions,
        Until,
        Enabled,
        Start,
    ];

    private static readonly string[] TimeForms =
    [
        "yyyy-MM-dd'T'HH':'mm':'ssK",
        "yyyy-MM-dd'T'HH':'mm':'ss.FFFFFFFK",
        "yyyy-MM-dd'T'HH':'mmK",
    ];

    /// <summary>Reads a time with its offset; null when the field is absent or refused.</summary>
    /// <param name="fields">The object that holds the field.</param>
    /// <param name="name">The field.</param>
    public static DateTimeOffset? Time(JsonFields fields, string name)
    {
        if (fields.Text(name, LongestTime, required: false) is not { } text)
        {
            return null;
        }
        if (
            DateTime.TryParseExact(
                text,
                TimeForms,
                CultureInfo.InvariantCulture,
                DateTimeStyles.RoundtripKind,
                out var plain
            )
            && plain.Kind != DateTimeKind.Unspecified
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time)
        )
        {
            // Times are kept in milliseconds.
            return DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
        }
        fields.Refuse(
            name,
            $"{fields.Path(name)} must be a time with its offset, such as 2027-03-01T09:00:00+01:00 or 2027-03-01T08:00:00Z; \"{Answers.Redaction.Line(text, LongestTime)}\" is not."
        );
        return null;
    }

    /// <summary>Reads the time zone; null when the field is absent or refused.</summary>
    public static string? Zone(JsonFields fields)
    {
        var name = fields.Text(TimeZone, LongestZone, required: false);
        if (name is not null && !ScheduleTimes.TryZone(name, out _))
        {
            fields.Refuse(
                TimeZone,
                $"{fields.Path(TimeZone)} \"{Answers.Redaction.Line(name, LongestZone)}\" is not known here; write a name of the IANA database, such as Europe/Oslo."
            );
            return null;
        }
        return name;
    }

    /// <summary>Reads the days without a recording; null when the field is absent.</summary>
    public static ImmutableList<DateOnly>? Days(JsonFields fields)
    {
        if (!fields.Has(Exceptions))
        {
            return null;
        }
        var days = ImmutableList.CreateBuilder<DateOnly>();
        foreach (
            var (text, index) in fields.Texts(Exceptions, 10, MostExceptions).Select((text, index) => (text, index))
        )
        {
            if (
                DateOnly.TryParseExact(
                    text ?? "",
                    "yyyy-MM-dd",
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out var day
                )
            )
            {
                days.Add(day);
            }
            else if (text is not null)
            {
                var item = JsonFields.Item(Exceptions, index);
                fields.Refuse(item, $"{fields.Path(item)} must be a day such as 2027-12-24.");
            }
        }
        return days.ToImmutable();
    }

    /// <summary>Reads the start; null when the field is absent or refused.</summary>
    public static StartBody? StartOf(
        JsonFields fields,
        StartTerms terms
    )
    {
        if (fields.OptionalObject(Start) is null)
        {
            return null;
        }
        var parsed = StartRequestParser.ParseWhole(Encoding.UTF8.GetBytes(fields.Raw(Start)), terms);
        if (parsed.Error is { } error)
        {
            foreach (var one in error.All)
            {
                fields.Refuse(one.Field is null ? Start : $"{Start}.{one.Field}", $"In {Start}: {one.Error}");
            }
            return null;
        }
        if (parsed.Value.StartAt is not null)
        {
            fields.Refuse(
                $"{Start}.{StartRequestParser.StartAt}",
                $"{Start}.{StartRequestParser.StartAt} is of no use in a schedule, which has {At} or {Cron}."
            );
        }
        return parsed.Value;
    }

    /// <summary>The most sentences about a whole schedule: what is wrong with its times.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="now">The time.</param>
    /// <param name="longest">How long a session of the farm may last; null: without a limit.</param>
    /// <returns>The field and what is wrong with it; null when nothing is.</returns>
    public static (string Field, string Problem)? ProblemOf(
        Schedule schedule,
        DateTimeOffset now,
        TimeSpan? longest
    )
    {
        if (schedule.At is null == schedule.Cron is null)
        {
            return schedule.At is null
                ? (At, $"A schedule needs {At} or {Cron}.")
                : (Cron, $"A schedule has {At} or {Cron}, not both; set the other to null.");
        }
        if (
            schedule.Cron is { } line
            && ScheduleTimes.TryZone(schedule.TimeZone, out var zone)
            && !ScheduleTimes.TryCron(line, zone, out _, out var problem)
        )
        {
            return (Cron, problem);
        }
        if (longest is { } most && schedule.Duration > most)
        {
            return (
                Duration.Name,
                $"{Duration.Name} is {Cluster.Settings.Duration.Format(schedule.Duration.Value)}, and a session of this farm may last {Cluster.Settings.Duration.Format(most)} (Sessions:MaxDuration)."
            );
        }
        if (schedule.At is { } at && at <= now)
        {
            return (
                At,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{At} is {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, which has passed: here it is {now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}. To record at once, use POST /api/start."
                )
            );
        }
        if (schedule.Until <= now)
        {
            return (Until, $"{Until} has passed.");
        }
        return schedule.Times().After(now) is { } next && next - now < Horizon
            ? null
            : (
                schedule.Cron is null ? At : Cron,
                schedule.Exceptions.IsEmpty && schedule.Until is null
                    ? $"The schedule never records: its {(schedule.Cron is null ? At : $"cron line \"{schedule.Cron}\"")} has no time within five years."
                    : $"The schedule never records: no time is left after {Exceptions} and {Until}, within five years."
            );
    }
}

/// <summary>A call that makes a schedule.</summary>
internal sealed record NewScheduleCall(Schedule Schedule, ImmutableList<SessionWebhookCall> Webhooks)
    : IReadFromCall<NewScheduleCall>
{
    /// <summary>How long a session of the farm may last; null: without a limit.</summary>
    public TimeSpan? Longest { get; init; }

    public static async ValueTask<Parsed<NewScheduleCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var services = call.HttpContext.RequestServices;
        var terms = StartTerms.Of(services);
        var read = await BodyReader.ReadAsync(
            call,
            longestBody,
            body => ParseWhole(body, terms)
        );
        return read.Error is not null
            ? read.Error
            : new NewScheduleCall(read.Value.ToNew(), read.Value.Webhooks) { Longest = terms.Longest };
    }

    /// <summary>Reads the schedule of a body. Pure.</summary>
    public static Parsed<Schedule> Parse(ReadOnlyMemory<byte> body)
    {
        var parsed = ParseWhole(body, terms: null);
        return parsed.Error is { } error ? error : parsed.Value.ToNew();
    }

    private static Parsed<ScheduleChange> ParseWhole(
        ReadOnlyMemory<byte> body,
        StartTerms? terms
    ) =>
        JsonFields.Read(
            body,
            """{"at":"2027-03-01T09:00:00+01:00","duration":"1 h","start":{"type":"uri","data":{"uri":"https://…"}}}""",
            fields =>
            {
                fields.Allow(ScheduleFields.Names);
                if (!fields.Has(ScheduleFields.Start))
                {
                    fields.Refuse(
                        ScheduleFields.Start,
                        $"{ScheduleFields.Start} is missing; it is the body of POST /api/start."
                    );
                }
                return new ScheduleChange(fields, terms ?? StartTerms.None);
            }
        );
}

/// <summary>A call that changes a schedule. What is absent stays.</summary>
internal sealed record ChangeScheduleCall(string Id, ScheduleChange Change) : IReadFromCall<ChangeScheduleCall>
{
    /// <summary>How long a session of the farm may last; null: without a limit.</summary>
    public TimeSpan? Longest { get; init; }

    public static async ValueTask<Parsed<ChangeScheduleCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var services = call.HttpContext.RequestServices;
        var terms = StartTerms.Of(services);
        var read = await BodyReader.ReadAsync(
            call,
            longestBody,
            body => Parse(body, terms)
        );
        return read.Error is not null
            ? read.Error
            : new ChangeScheduleCall(ScheduleInPath.IdOf(call), read.Value) { Longest = terms.Longest };
    }

    /// <summary>Reads the body. Pure.</summary>
    public static Parsed<ScheduleChange> Parse(
        ReadOnlyMemory<byte> body,
        StartTerms? terms = null
    ) =>
        JsonFields.Read(
            body,
            """{"enabled":false}""",
            fields =>
            {
                fields.Allow(ScheduleFields.Names);
                return new ScheduleChange(fields, terms ?? StartTerms.None);
            }
        );
}

/// <summary>A schedule that the path names.</summary>
internal sealed record ScheduleInPath(string Id) : IReadFromCall<ScheduleInPath>
{
    public static ValueTask<Parsed<ScheduleInPath>> ReadAsync(HttpRequest call, int longestBody) =>
        new(new ScheduleInPath(IdOf(call)));

    public static string IdOf(HttpRequest call) => call.RouteValues["id"] as string ?? "";
}
