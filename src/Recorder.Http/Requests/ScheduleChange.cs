using System.Collections.Immutable;
using System.Text.Json;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>What a body says of a schedule. What is absent stays as before; what is null is taken away.</summary>
internal sealed class ScheduleChange
{
    private readonly HashSet<string> _given;
    private readonly string? _name;
    private readonly DateTimeOffset? _at;
    private readonly string? _cron;
    private readonly string? _zone;
    private readonly TimeSpan? _duration;
    private readonly TimeSpan? _lead;
    private readonly TimeSpan? _late;
    private readonly ScheduleOverlap _overlap;
    private readonly ImmutableList<DateOnly>? _exceptions;
    private readonly DateTimeOffset? _until;
    private readonly bool _enabled;
    private readonly StartBody? _start;

    /// <summary>Reads the fields.</summary>
    public ScheduleChange(JsonFields fields, StartTerms terms)
    {
        _given = [.. fields.Names];
        _name = Given(ScheduleFields.Name) ? NameIn(fields) : null;
        _at = Given(ScheduleFields.At) ? ScheduleFields.Time(fields, ScheduleFields.At) : null;
        _cron = Given(ScheduleFields.Cron)
            ? fields.Text(ScheduleFields.Cron, ScheduleTimes.LongestCron, required: false)
            : null;
        _zone = Given(ScheduleFields.TimeZone) ? ScheduleFields.Zone(fields) : null;
        _duration = fields.Duration(ScheduleFields.Duration);
        _lead = fields.Duration(ScheduleFields.Lead);
        _late = fields.Duration(ScheduleFields.Late);
        _overlap = fields.Choice(ScheduleFields.Overlap);
        _exceptions = Given(ScheduleFields.Exceptions) ? ScheduleFields.Days(fields) : null;
        _until = Given(ScheduleFields.Until) ? ScheduleFields.Time(fields, ScheduleFields.Until) : null;
        _enabled = !fields.Has(ScheduleFields.Enabled) || fields.Flag(ScheduleFields.Enabled);
        _start = ScheduleFields.StartOf(fields, terms);

        bool Given(string name) => fields.Has(name) && fields.Kind(name) != JsonValueKind.Null;
    }

    /// <summary>What each session records; null: as before.</summary>
    public SessionSpec? Spec => _start?.Spec;

    /// <summary>The receivers of the events of each session, which belong to <see cref="Spec"/>.</summary>
    public ImmutableList<SessionWebhookCall> Webhooks => _start?.Webhooks ?? [];

    /// <summary>Whether the times change.</summary>
    public bool ChangesTimes =>
        _given.Overlaps([
            ScheduleFields.At,
            ScheduleFields.Cron,
            ScheduleFields.TimeZone,
            ScheduleFields.Exceptions,
            ScheduleFields.Until,
        ]) || (_given.Contains(ScheduleFields.Enabled) && _enabled);

    /// <summary>The new schedule, without an id.</summary>
    public Schedule ToNew() => On(new Schedule("", Spec ?? new RtpSessionSpec(0, 0), DateTimeOffset.MinValue));

    /// <summary>The schedule after the change.</summary>
    /// <param name="before">The schedule before.</param>
    public Schedule On(Schedule before) =>
        before with
        {
            Name = Given(ScheduleFields.Name) ? _name : before.Name,
            At = Given(ScheduleFields.At) ? _at : before.At,
            Cron = Given(ScheduleFields.Cron) ? _cron : before.Cron,
            TimeZone = Given(ScheduleFields.TimeZone) ? _zone ?? Schedule.DefaultZone : before.TimeZone,
            Duration = Given(ScheduleFields.Duration.Name) ? _duration : before.Duration,
            Lead = Given(ScheduleFields.Lead.Name) ? _lead ?? Schedule.DefaultLead : before.Lead,
            Late = Given(ScheduleFields.Late.Name) ? _late ?? Schedule.DefaultLate : before.Late,
            Overlap = Given(ScheduleFields.Overlap.Name) ? _overlap : before.Overlap,
            Exceptions = Given(ScheduleFields.Exceptions) ? _exceptions ?? [] : before.Exceptions,
            Until = Given(ScheduleFields.Until) ? _until : before.Until,
            Enabled = Given(ScheduleFields.Enabled) ? _enabled : before.Enabled,
            Spec = Spec ?? before.Spec,
            Webhooks = _start is null ? before.Webhooks : SessionWebhookCall.Scheduled(Webhooks),
        };

    private bool Given(string name) => _given.Contains(name);

    private static string? NameIn(JsonFields fields)
    {
        var name = fields.Text(ScheduleFields.Name, SpecLimits.MaximumNameLength, required: false);
        if (name is not null && (string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl)))
        {
            fields.Refuse(ScheduleFields.Name, $"{fields.Path(ScheduleFields.Name)} must be one line of text.");
        }
        return name;
    }
}
