using System.Globalization;
using System.Text.Json.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Schedules;

/// <summary>What a schedule does when its recording before still runs at the time of the next.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ScheduleOverlap>))]
public enum ScheduleOverlap
{
    /// <summary>The next recording is left out, and said to be.</summary>
    Skip,

    /// <summary>Both record side by side.</summary>
    Parallel,

    /// <summary>The next recording waits for the end of the recording before, and is missed when it waits too
    /// long.</summary>
    Queue,
}

/// <summary>How a schedule's times become sessions.</summary>
/// <param name="Times">When recordings begin.</param>
/// <param name="Lead">How long before its time a session starts, so that the browser has joined by then.</param>
/// <param name="Late">How late a session may still start when no node could start it at its time.</param>
/// <param name="Overlap">What happens while the recording before still runs.</param>
public sealed record SchedulePlan(ScheduleTimes Times, TimeSpan Lead, TimeSpan Late, ScheduleOverlap Overlap);

/// <summary>What a schedule has done so far.</summary>
/// <param name="Settled">The latest time that is settled: a session was started for it, or it was left out.</param>
/// <param name="Running">Whether the session of an earlier time still runs.</param>
public sealed record ScheduleProgress(DateTimeOffset Settled, bool Running);

/// <summary>The next thing to do for a schedule.</summary>
public abstract record ScheduleStep
{
    private ScheduleStep() { }

    /// <summary>Nothing until a moment.</summary>
    /// <param name="Until">The moment.</param>
    public sealed record Wait(DateTimeOffset Until) : ScheduleStep;

    /// <summary>Start a session. Whoever does so again, after a node died in between, uses the same key and gets the
    /// same session.</summary>
    /// <param name="At">The time that the session is for.</param>
    public sealed record Start(DateTimeOffset At) : ScheduleStep;

    /// <summary>Leave a time out, and tell so.</summary>
    /// <param name="At">The time.</param>
    /// <param name="Code">Why, one of <see cref="MissedCode"/>.</param>
    /// <param name="Reason">Why, as a sentence.</param>
    /// <param name="Missed">Whether nobody wanted that: nothing could start the session in time.</param>
    public sealed record LeaveOut(DateTimeOffset At, string Code, string Reason, bool Missed) : ScheduleStep;

    /// <summary>There is no time any more.</summary>
    public sealed record Finish : ScheduleStep;
}

/// <summary>Decides what a schedule does next.</summary>
public static class ScheduleDecisions
{
    /// <summary>The next step.</summary>
    /// <param name="plan">The schedule.</param>
    /// <param name="progress">What it has done so far.</param>
    /// <param name="now">The time.</param>
    public static ScheduleStep Next(SchedulePlan plan, ScheduleProgress progress, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(progress);
        if (plan.Times.After(progress.Settled) is not { } at)
        {
            return new ScheduleStep.Finish();
        }
        if (now < at - plan.Lead)
        {
            return new ScheduleStep.Wait(at - plan.Lead);
        }
        var waits = progress.Running && plan.Overlap == ScheduleOverlap.Queue;
        if (now > at + plan.Late)
        {
            var why = waits
                ? $"The recording of {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} could not wait longer for the end of the recording before"
                : $"No node could start the recording of {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} in time";
            return new ScheduleStep.LeaveOut(
                at,
                waits ? MissedCode.Overlap : MissedCode.TooLate,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{why}: the schedule allows {plan.Late.TotalMinutes:0.#} minutes."
                ),
                Missed: true
            );
        }
        if (waits)
        {
            // The end of the recording before calls for the next step, so this is the moment to give up.
            return new ScheduleStep.Wait(at + plan.Late + TimeSpan.FromMilliseconds(1));
        }
        return progress.Running && plan.Overlap == ScheduleOverlap.Skip
            ? new ScheduleStep.LeaveOut(
                at,
                MissedCode.Overlap,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The recording of {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} is left out, since the recording before still runs."
                ),
                Missed: false
            )
            : new ScheduleStep.Start(at);
    }
}
