using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Schedules;

/// <summary>When sessions are started without a caller, and what they record.</summary>
/// <param name="Id">The id, such as <c>sch_1f…</c>.</param>
/// <param name="Spec">What each session records, without what the time of a session adds.</param>
/// <param name="CreatedAt">When the schedule was made.</param>
public sealed record Schedule(string Id, SessionSpec Spec, DateTimeOffset CreatedAt)
{
    /// <summary>The most schedules of a farm.</summary>
    public const int Most = 10_000;

    /// <summary>How long before its time a session starts, unless the caller says otherwise.</summary>
    public static readonly TimeSpan DefaultLead = TimeSpan.FromSeconds(45);

    /// <summary>How late a session may still start, unless the caller says otherwise.</summary>
    public static readonly TimeSpan DefaultLate = TimeSpan.FromMinutes(10);

    /// <summary>The time zone without a caller's word.</summary>
    public const string DefaultZone = "UTC";

    /// <summary>The name for people; null without a name.</summary>
    public string? Name { get; init; }

    /// <summary>Whose schedule this is: the owner of the API key that made the schedule; null without a key.</summary>
    public string? Owner { get; init; }

    /// <summary>The one time; null for a schedule with a cron line.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The cron line; null for a schedule of one time.</summary>
    public string? Cron { get; init; }

    /// <summary>The time zone of the cron line and of the exceptions, by its name in the IANA database.</summary>
    public string TimeZone { get; init; } = DefaultZone;

    /// <summary>How long each session records; null: until something else ends the session.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How long before its time a session starts, so that the browser has joined by then.</summary>
    public TimeSpan Lead { get; init; } = DefaultLead;

    /// <summary>How late a session may still start.</summary>
    public TimeSpan Late { get; init; } = DefaultLate;

    /// <summary>What happens while the recording before still runs.</summary>
    public ScheduleOverlap Overlap { get; init; }

    /// <summary>The days without a recording.</summary>
    public ImmutableList<DateOnly> Exceptions { get; init; } = [];

    /// <summary>The first moment without recordings; null: without end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether sessions are started.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>What the owner may have at once; null: no limit.</summary>
    public OwnerLimits? Limits { get; init; }

    /// <summary>The receivers of the events of each session.</summary>
    public ImmutableList<ScheduledWebhook> Webhooks { get; init; } = [];

    /// <summary>How long before its time a session really starts. Only pages are joined.</summary>
    [JsonIgnore]
    public TimeSpan LeadOfSessions => Spec is PageSessionSpec ? Lead : TimeSpan.Zero;

    /// <summary>How the times become sessions.</summary>
    /// <exception cref="FormatException">The cron line or the time zone cannot be read on this node.</exception>
    public SchedulePlan Plan() => new(Times(), LeadOfSessions, Late, Overlap);

    /// <summary>When recordings begin.</summary>
    /// <exception cref="FormatException">The cron line or the time zone cannot be read on this node.</exception>
    public ScheduleTimes Times()
    {
        if (!ScheduleTimes.TryZone(TimeZone, out var zone))
        {
            throw new FormatException($"This node does not know the time zone {TimeZone}; install tzdata.");
        }
        ScheduleTimes? times;
        if (At is { } at)
        {
            times = ScheduleTimes.Once(at, zone);
        }
        else if (!ScheduleTimes.TryCron(Cron ?? "", zone, out times, out var problem))
        {
            throw new FormatException(problem);
        }
        return times with { Exceptions = [.. Exceptions], Until = Until };
    }

    /// <summary>When the next session is to be started; null when there is none.</summary>
    /// <param name="settled">The latest time that is settled.</param>
    public DateTimeOffset? DueAfter(DateTimeOffset settled)
    {
        try
        {
            return Enabled ? Times().After(settled) - LeadOfSessions : null;
        }
        catch (FormatException)
        {
            // Another node may know the time zone, so the schedule is looked at.
            return settled;
        }
    }

    /// <summary>Whether another schedule starts the same at the same time.</summary>
    /// <param name="other">The other schedule.</param>
    public bool StartsTheSame(Schedule other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return At == other.At
            && Written(Spec) == Written(other.Spec)
            && Written(Webhooks) == Written(other.Webhooks);

        static string Written<T>(T value) => JsonSerializer.Serialize(value, WireSerializer.Json);
    }

    /// <summary>What the session of one time records. The same for the same schedule and time, so that a start that is
    /// repeated is the same start.</summary>
    /// <param name="at">The time.</param>
    public SessionSpec SpecFor(DateTimeOffset at)
    {
        var spec = Spec with
        {
            Owner = Owner,
            Webhooks = ScheduledWebhook.IdsOf(KeyOf(Id, at), Webhooks.Count),
        };
        if (Duration is { } duration)
        {
            var end = spec.End ?? EndRules.None;
            spec = spec with
            {
                End = end with { MaxDuration = end.MaxDuration < duration ? end.MaxDuration : duration },
            };
        }
        return spec is PageSessionSpec page && LeadOfSessions > TimeSpan.Zero
            ? page with
            {
                Begin = (page.Begin ?? BeginRule.AtOnce) with { NotBefore = at },
            }
            : spec;
    }

    /// <summary>The key under which the session of one time is started.</summary>
    /// <param name="id">The schedule.</param>
    /// <param name="at">The time.</param>
    public static string KeyOf(string id, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"schedule\n{id}\n{at.ToUnixTimeMilliseconds()}");

    // Records print their members, and an address may let people into a meeting.
    /// <inheritdoc/>
    public override string ToString() => $"schedule {Id}";
}

/// <summary>What has become of one time of a schedule.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<OccurrenceState>))]
public enum OccurrenceState
{
    /// <summary>The time is to come.</summary>
    Planned,

    /// <summary>A session is to be started and has no place yet.</summary>
    Starting,

    /// <summary>The session has its place. The session itself tells more.</summary>
    Started,

    /// <summary>The session has ended, and had recorded.</summary>
    Done,

    /// <summary>The time was left out, as the schedule says.</summary>
    Skipped,

    /// <summary>Nothing was recorded, and nobody wanted that.</summary>
    Missed,
}

/// <summary>One time of a schedule.</summary>
/// <param name="Schedule">The id of the schedule.</param>
/// <param name="At">The time.</param>
/// <param name="State">What has become of the time.</param>
public sealed record Occurrence(string Schedule, DateTimeOffset At, OccurrenceState State)
{
    /// <summary>The session; null before the session has its place, and without a session.</summary>
    public SessionId? Session { get; init; }

    /// <summary>Why there is no recording, for programs: a code of errors, or of <see cref="MissedCode"/>.</summary>
    public string? Code { get; init; }

    /// <summary>Why there is no recording, as a sentence.</summary>
    public string? Reason { get; init; }
}

/// <summary>Why a time of a schedule has no recording, where no session says so.</summary>
public static class MissedCode
{
    /// <summary>The recording before still ran: the time was left out, or waited in vain.</summary>
    public const string Overlap = "overlap";

    /// <summary>No node could start the session in time.</summary>
    public const string TooLate = "too_late";

    /// <summary>The session did not record, and says nothing more.</summary>
    public const string Failed = "failed";
}

/// <summary>A schedule, and how far its times are settled.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Revision">The number of the schedule's changes, from 1.</param>
/// <param name="Settled">The latest time that is settled.</param>
public sealed record KeptSchedule(Schedule Schedule, long Revision, DateTimeOffset Settled)
{
    /// <summary>The next times that are to come, the earliest first.</summary>
    /// <param name="most">The most times.</param>
    public IEnumerable<DateTimeOffset> Next(int most) =>
        Schedule.Enabled ? Schedule.Times().AllAfter(Settled, most) : [];
}

/// <summary>Where a schedule stands in the list of schedules, which stays when the schedule is deleted.</summary>
/// <param name="Created">When the schedule was made, in milliseconds since 1970.</param>
/// <param name="Id">The id of the schedule.</param>
public sealed record SchedulePlace(long Created, string Id)
{
    /// <summary>The place of a schedule.</summary>
    /// <param name="schedule">The schedule.</param>
    public static SchedulePlace Of(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return new SchedulePlace(schedule.CreatedAt.ToUnixTimeMilliseconds(), schedule.Id);
    }
}

/// <summary>A time of a schedule whose session is being started or runs.</summary>
/// <param name="Occurrence">The time.</param>
/// <param name="Spec">What the session records.</param>
/// <param name="Late">How late the session may still start.</param>
/// <param name="Limits">What the owner may have at once; null: no limit.</param>
/// <param name="Name">The name of the schedule, or null.</param>
public sealed record OpenOccurrence(
    Occurrence Occurrence,
    SessionSpec Spec,
    TimeSpan Late,
    OwnerLimits? Limits,
    string? Name
)
{
    /// <summary>The receivers of the session's events.</summary>
    public ImmutableList<ScheduledWebhook> Webhooks { get; init; } = [];

    /// <summary>The key of the start.</summary>
    public string Key => Schedules.Schedule.KeyOf(Occurrence.Schedule, Occurrence.At);
}
