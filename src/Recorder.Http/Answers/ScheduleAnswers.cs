using System.Text.Json.Serialization;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Webhooks;

namespace Recorder.Http.Answers;

/// <summary>When sessions start without a caller, and what they record.</summary>
/// <param name="Id">The id.</param>
/// <param name="Name">The name for people, or null.</param>
/// <param name="Enabled">Whether sessions are started.</param>
/// <param name="At">The one time; null with a cron line.</param>
/// <param name="Cron">The cron line; null with one time.</param>
/// <param name="Timezone">The time zone of the cron line and of the exceptions.</param>
/// <param name="Duration">How long each session records at most, in seconds; null: without a limit of its own.</param>
/// <param name="Lead">How long before its time a session starts, in seconds.</param>
/// <param name="Late">How late a session may still start, in seconds.</param>
/// <param name="Overlap">What happens while the recording before still runs.</param>
/// <param name="Exceptions">The days without a recording.</param>
/// <param name="Until">The first moment without recordings, or null.</param>
/// <param name="Next">The next time; null when there is none.</param>
/// <param name="Start">What each session records.</param>
/// <param name="CreatedAt">When the schedule was made.</param>
public sealed record ScheduleAnswer(
    [property: JsonRequired] string Id,
    string? Name,
    bool Enabled,
    DateTimeOffset? At,
    string? Cron,
    string Timezone,
    double? Duration,
    double Lead,
    double Late,
    ScheduleOverlap Overlap,
    IReadOnlyList<string> Exceptions,
    DateTimeOffset? Until,
    DateTimeOffset? Next,
    SpecAnswer Start,
    DateTimeOffset CreatedAt
)
{
    /// <summary>The owner, as sessions tell it; absent without an owner.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Owner { get; init; }

    /// <summary>The receivers of the events of each session, without their secrets.</summary>
    public IReadOnlyList<ScheduledWebhookAnswer> Webhooks { get; init; } = [];

    /// <summary>Whether no room will be there for <see cref="Next"/>, as far as is known.</summary>
    public bool AtRisk { get; init; }

    // Records print their members, and an address may let people into a meeting.
    /// <inheritdoc/>
    public override string ToString() => $"schedule {Id}";

    /// <summary>A schedule.</summary>
    /// <param name="kept">The schedule.</param>
    /// <param name="whole">Whether the answer contains the page's address with its query and fragment.</param>
    /// <param name="risks">The times for which no room will be there.</param>
    internal static ScheduleAnswer Of(KeptSchedule kept, bool whole, IReadOnlySet<ScheduleTime> risks)
    {
        var schedule = kept.Schedule;
        var next = NextOf(kept);
        Func<Uri, string> address = whole ? AddressRedaction.WithQuery : AddressRedaction.Of;
        return new ScheduleAnswer(
            schedule.Id,
            schedule.Name,
            schedule.Enabled,
            schedule.At?.ToUniversalTime(),
            schedule.Cron,
            schedule.TimeZone,
            schedule.Duration?.TotalSeconds,
            schedule.LeadOfSessions.TotalSeconds,
            schedule.Late.TotalSeconds,
            schedule.Overlap,
            [.. schedule.Exceptions.Select(day => day.ToString("O"))],
            schedule.Until?.ToUniversalTime(),
            next,
            SpecAnswer.Of(schedule.Spec, address),
            schedule.CreatedAt
        )
        {
            Owner = schedule.Owner,
            AtRisk = ScheduleTime.Of(schedule.Id, next) is { } time && risks.Contains(time),
            Webhooks = [.. schedule.Webhooks.Select(ScheduledWebhookAnswer.Of)],
        };
    }

    private static DateTimeOffset? NextOf(KeptSchedule kept)
    {
        try
        {
            return kept.Next(1).Cast<DateTimeOffset?>().FirstOrDefault();
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>A receiver of the events of each session that a schedule starts.</summary>
/// <param name="Url">Where events are sent to.</param>
/// <param name="Types">The types of events; none: every type.</param>
/// <param name="SecretHint">The last characters of the secret.</param>
public sealed record ScheduledWebhookAnswer(string Url, IReadOnlyList<string> Types, string SecretHint)
{
    internal static ScheduledWebhookAnswer Of(ScheduledWebhook webhook) =>
        new(webhook.Url, webhook.Types, WebhookSecret.Hint(webhook.Secret));
}

/// <summary>One time of a schedule.</summary>
/// <param name="At">When the recording begins.</param>
/// <param name="State">What has become of the time.</param>
/// <param name="Session">The session, or null.</param>
/// <param name="Code">Why there is no recording, for programs; null otherwise.</param>
/// <param name="Reason">Why there is no recording, as a sentence; null otherwise.</param>
public sealed record OccurrenceAnswer(
    DateTimeOffset At,
    OccurrenceState State,
    int? Session,
    string? Code,
    string? Reason
)
{
    /// <summary>Whether no room will be there, as far as is known. False once the time has come.</summary>
    public bool AtRisk { get; init; }

    internal static OccurrenceAnswer Of(Occurrence occurrence, IReadOnlySet<ScheduleTime> risks) =>
        new(
            occurrence.At,
            occurrence.State,
            occurrence.Session?.Value,
            occurrence.Code,
            occurrence.Reason is { } reason ? AddressRedaction.Of(reason) : null
        )
        {
            AtRisk =
                occurrence.State is OccurrenceState.Planned or OccurrenceState.Starting
                && risks.Contains(ScheduleTime.Of(occurrence.Schedule, occurrence.At)!.Value),
        };
}

/// <summary>A start has its time.</summary>
/// <param name="Schedule">The id of the schedule that starts the session.</param>
/// <param name="Status">Always scheduled.</param>
/// <param name="StartAt">When the recording begins.</param>
public sealed record ScheduledAnswer(string Schedule, string Status, DateTimeOffset StartAt);

/// <summary>A schedule was deleted.</summary>
/// <param name="Status">Always deleted.</param>
public sealed record ScheduleDeletedAnswer(string Status);
