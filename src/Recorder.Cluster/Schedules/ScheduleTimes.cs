using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cronos;

namespace Recorder.Cluster.Schedules;

/// <summary>
/// When a schedule's recordings begin: at one moment, or whenever a cron line says so on the clocks of a time zone.
/// Where the clocks are put forward, a time that they skip is the first moment after. Where the clocks are put back, a
/// time that they show twice is the first of both.
/// </summary>
public sealed record ScheduleTimes
{
    /// <summary>The longest cron line, in characters.</summary>
    public const int LongestCron = 200;

    private readonly DateTimeOffset? _at;
    private readonly CronExpression? _cron;

    private ScheduleTimes(DateTimeOffset? at, CronExpression? cron, TimeZoneInfo zone) =>
        (_at, _cron, Zone) = (at, cron, zone);

    /// <summary>The time zone in which a cron line and exceptions are read.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>The days on which nothing is recorded, in <see cref="Zone"/>.</summary>
    public ImmutableHashSet<DateOnly> Exceptions { get; init; } = [];

    /// <summary>The first moment at which nothing is recorded any more; null: without end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>One moment.</summary>
    /// <param name="at">The moment.</param>
    /// <param name="zone">The time zone of exceptions.</param>
    public static ScheduleTimes Once(DateTimeOffset at, TimeZoneInfo zone) => new(at, null, zone);

    /// <summary>Reads a cron line: minute, hour, day of the month, month, day of the week.</summary>
    /// <param name="line">The line.</param>
    /// <param name="zone">The time zone.</param>
    /// <param name="times">The times.</param>
    /// <param name="problem">What is wrong, as a sentence.</param>
    public static bool TryCron(
        string line,
        TimeZoneInfo zone,
        [NotNullWhen(true)] out ScheduleTimes? times,
        [NotNullWhen(false)] out string? problem
    )
    {
        ArgumentNullException.ThrowIfNull(line);
        (times, problem) = (null, null);
        if (line.Length > LongestCron)
        {
            problem = $"The cron line has more than {LongestCron} characters.";
        }
        else if (!CronExpression.TryParse(line, CronFormat.Standard, out var cron))
        {
            problem =
                "The cron line cannot be read; write minute, hour, day of the month, month and day of the week, such as \"0 9 * * MON-FRI\".";
        }
        else
        {
            times = new ScheduleTimes(null, cron, zone);
        }
        return times is not null;
    }

    /// <summary>Finds a time zone by its name in the IANA database, such as <c>Europe/Oslo</c>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="zone">The time zone.</param>
    public static bool TryZone(string name, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        ArgumentNullException.ThrowIfNull(name);
        // The name becomes a path below /usr/share/zoneinfo.
        var plain =
            name.Length is > 0 and <= 64
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+');
        zone = null;
        return plain && TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone);
    }

    /// <summary>The first time after a moment; null: there is none.</summary>
    /// <param name="moment">The moment, which itself does not count.</param>
    public DateTimeOffset? After(DateTimeOffset moment)
    {
        if (_cron is null)
        {
            return _at is { } at && at > moment && Counts(at) ? at : null;
        }
        // A line whose days are all exceptions ends here: nobody lists more days.
        for (var passed = 0; passed <= Exceptions.Count * MinutesOfLongestDay; passed++)
        {
            if (_cron.GetNextOccurrence(moment, Zone) is not { } next || (Until is { } until && next >= until))
            {
                return null;
            }
            if (Counts(next))
            {
                return next.ToUniversalTime();
            }
            moment = next;
        }
        return null;
    }

    /// <summary>The times after a moment, the earliest first.</summary>
    /// <param name="moment">The moment, which itself does not count.</param>
    /// <param name="most">The most times.</param>
    public IEnumerable<DateTimeOffset> AllAfter(DateTimeOffset moment, int most)
    {
        for (var count = 0; count < most && After(moment) is { } next; count++)
        {
            yield return moment = next;
        }
    }

    /// <summary>A day on which clocks are put back has 25 hours, of 60 minutes, each with one time at most.</summary>
    private const int MinutesOfLongestDay = 25 * 60;

    private bool Counts(DateTimeOffset time) =>
        !(time >= Until)
        && !Exceptions.Contains(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, Zone).DateTime));
}
