using System.Collections.Immutable;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Requests;

namespace Recorder.Http.Endpoints;

/// <summary>Carries out the calls about schedules. What is kept is in the database; the node that carries the schedules
/// out hears when something has changed.</summary>
internal sealed class ScheduleDesk(
    ScheduleBook book,
    AddressDesk addresses,
    WebhookDesk webhooks,
    CallLimits limits,
    IReadOnlyActorRegistry registry,
    TimeProvider clock,
    ILogger<ScheduleDesk> log
)
{
    /// <summary>What stands before the fields of a start within a schedule.</summary>
    private const string InStart = ScheduleFields.Start + ".";

    public Task<Answer<IReadOnlyList<ScheduleAnswer>>> ListAsync(ScheduleListCall call, HttpContext context) =>
        ReadableAsync(async () =>
        {
            var caller = Caller.Of(context);
            var page = await book.ListAsync(caller.Only, call.After, call.Limit + 1, context.RequestAborted);
            var atRisk = await book.Risks.PresentAsync(clock.GetUtcNow(), context.RequestAborted);
            if (page.Count > call.Limit)
            {
                page = page.RemoveAt(call.Limit);
                var last = SchedulePlace.Of(page[^1].Schedule);
                context.Response.Headers.Link = $"<{call.NextPage(context.Request.Path, last)}>; rel=\"next\"";
            }
            return new Answer<IReadOnlyList<ScheduleAnswer>>([.. page.Select(kept => Shown(kept, caller, atRisk))]);
        });

    public Task<Answer<ScheduleAnswer>> FindAsync(string id, HttpContext context) =>
        WithAsync(
            id,
            context,
            async kept =>
                (Answer<ScheduleAnswer>)
                    Shown(
                        kept,
                        Caller.Of(context),
                        await book.Risks.PresentAsync(clock.GetUtcNow(), context.RequestAborted)
                    )
        );

    public Task<Answer<ScheduleAnswer>> MakeAsync(NewScheduleCall call, HttpContext context) =>
        ReadableAsync<ScheduleAnswer>(async () =>
        {
            var now = clock.GetUtcNow();
            var schedule = Owned(call.Schedule, Caller.Of(context)) with
            {
                Id = $"sch_{Guid.NewGuid():n}",
                CreatedAt = now,
            };
            if (
                await RefusalOfAsync(schedule, now, call.Longest, true, call.Webhooks, InStart, context) is
                { } refusal
            )
            {
                return refusal;
            }
            if (!await book.AddAsync(schedule, CancellationToken.None))
            {
                return TooMany();
            }
            return Changed(new KeptSchedule(schedule, 1, now), context);
        });

    /// <summary>Makes the schedule of a start with a time.</summary>
    /// <param name="call">The start.</param>
    /// <param name="at">The time.</param>
    /// <param name="key">The caller's own idempotency key, or null: the same key makes one schedule.</param>
    /// <param name="context">The call.</param>
    public Task<Answer<StartAnswer>> StartLaterAsync(
        StartCall call,
        DateTimeOffset at,
        string? key,
        HttpContext context
    ) =>
        ReadableAsync<StartAnswer>(async () =>
        {
            var now = clock.GetUtcNow();
            var schedule = Owned(
                new Schedule(IdOf(key), call.Spec, now)
                {
                    At = at,
                    Webhooks = SessionWebhookCall.Scheduled(call.Webhooks),
                },
                Caller.Of(context)
            );
            if (key is not null && await book.FindAsync(schedule.Id, CancellationToken.None) is { } before)
            {
                return before.Schedule.StartsTheSame(schedule)
                    ? Accepted(before.Schedule)
                    : new EdgeRefusal(
                        ErrorCode.IdempotencyConflict,
                        "This Idempotency-Key was used for another start; use a new key for a new start."
                    )
                    {
                        Field = IdempotencyKeyParser.Header,
                    };
            }
            if (await RefusalOfAsync(schedule, now, null, true, call.Webhooks, "", context) is { } refusal)
            {
                return refusal.Field == ScheduleFields.At
                    ? refusal with
                    {
                        Field = StartRequestParser.StartAt,
                        Message = refusal.Message.Replace(
                            $"{ScheduleFields.At} is",
                            $"{StartRequestParser.StartAt} is",
                            StringComparison.Ordinal
                        ),
                    }
                    : refusal;
            }
            if (!await book.AddAsync(schedule, CancellationToken.None))
            {
                return TooMany();
            }
            Changed(new KeptSchedule(schedule, 1, now), context);
            return Accepted(schedule);
        });

    public Task<Answer<ScheduleAnswer>> ChangeAsync(ChangeScheduleCall call, HttpContext context) =>
        WithAsync<ScheduleAnswer>(
            call.Id,
            context,
            async kept =>
            {
                var now = clock.GetUtcNow();
                var changed = call.Change.On(kept.Schedule);
                if (call.Change.Spec is not null)
                {
                    // A key that sees the schedules of others does not lend its own limits to them.
                    var caller = Caller.Of(context);
                    changed = kept.Schedule.Owner == caller.Owner ? Owned(changed, caller) : changed;
                }
                if (
                    await RefusalOfAsync(
                        changed,
                        now,
                        call.Longest,
                        call.Change.ChangesTimes,
                        call.Change.Spec is null ? null : call.Change.Webhooks,
                        InStart,
                        context
                    ) is
                    { } refusal
                )
                {
                    return refusal;
                }
                return await book.ChangeAsync(kept, changed, now, CancellationToken.None) is { } after
                    ? Changed(after, context)
                    : new EdgeRefusal(
                        ErrorCode.InProgress,
                        $"The schedule {kept.Schedule.Id} was changed by another call at the same time; look at the schedule and try again."
                    )
                    {
                        RetryAfter = TimeSpan.FromSeconds(1),
                    };
            }
        );

    public Task<Answer<ScheduleDeletedAnswer>> RemoveAsync(string id, HttpContext context) =>
        WithAsync<ScheduleDeletedAnswer>(
            id,
            context,
            async kept =>
            {
                await book.RemoveAsync(kept.Schedule.Id, CancellationToken.None);
                CallNotes.NoteDetail(context, kept.Schedule.Id);
                Wake();
                return new ScheduleDeletedAnswer("deleted");
            }
        );

    public Task<Answer<IReadOnlyList<OccurrenceAnswer>>> OccurrencesAsync(
        OccurrencesCall call,
        HttpContext context
    ) =>
        WithAsync<IReadOnlyList<OccurrenceAnswer>>(
            call.Id,
            context,
            async kept =>
            {
                var now = clock.GetUtcNow();
                var (from, to) = (call.From ?? now - TimeSpan.FromDays(7), call.To ?? DateTimeOffset.MaxValue);
                var past = await book.OccurrencesAsync(
                    kept.Schedule.Id,
                    from,
                    to,
                    call.Limit,
                    context.RequestAborted
                );
                var after = kept.Settled > from ? kept.Settled : from - TimeSpan.FromMilliseconds(1);
                var next = kept.Schedule.Enabled
                    ? kept
                        .Schedule.Times()
                        .AllAfter(after, call.Limit - past.Count)
                        .TakeWhile(at => at < to)
                        .Select(at => new Occurrence(kept.Schedule.Id, at, OccurrenceState.Planned))
                    : [];
                var atRisk = await book.Risks.PresentAsync(now, context.RequestAborted);
                return new Answer<IReadOnlyList<OccurrenceAnswer>>([
                    .. past.Concat(next).Select(one => OccurrenceAnswer.Of(one, atRisk)),
                ]);
            }
        );

    private static ScheduleAnswer Shown(KeptSchedule kept, Caller caller, IReadOnlySet<ScheduleTime> atRisk) =>
        ScheduleAnswer.Of(
            kept,
            caller.SeesWholeAddresses(kept.Schedule.Spec with { Owner = kept.Schedule.Owner }),
            atRisk
        );

    private static bool Sees(Caller caller, Schedule schedule) =>
        caller.Only is not { } only || schedule.Owner == only;

    private static Schedule Owned(Schedule schedule, Caller caller) =>
        schedule with
        {
            Owner = caller.Owner,
            Limits = StartRules.OwnersLimitsOf(caller),
            Spec = schedule.Spec with { KeyDuration = StartRules.DurationOf(caller) },
        };

    private static string IdOf(string? key) =>
        key is null
            ? $"sch_{Guid.NewGuid():n}"
            : "sch_"
                + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("start\n" + key)))[..32];

    /// <summary>Why a schedule is refused; null when it may be.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="now">The time.</param>
    /// <param name="longest">How long a session of the farm may last; null: without a limit.</param>
    /// <param name="isNew">Whether the times are new, so that some must be left.</param>
    /// <param name="receivers">The receivers of the events of new sessions; null: the sessions are as before.</param>
    /// <param name="within">What stands before the fields of the start.</param>
    /// <param name="context">The call.</param>
    private async Task<EdgeRefusal?> RefusalOfAsync(
        Schedule schedule,
        DateTimeOffset now,
        TimeSpan? longest,
        bool isNew,
        ImmutableList<SessionWebhookCall>? receivers,
        string within,
        HttpContext context
    )
    {
        if (
            ScheduleFields.ProblemOf(schedule, now, longest) is { } problem
            && (isNew || problem.Field == ScheduleFields.Duration.Name)
        )
        {
            return Refused(problem.Field, problem.Problem);
        }
        if (receivers is null)
        {
            return null;
        }
        var notNow =
            StartRules.RefusalOf(schedule.Spec, Caller.Of(context), limits)
            ?? await addresses.RefusalOfAsync(schedule.Spec)
            ?? await webhooks.RefusalOfAsync(receivers);
        return notNow is { Field: { } field } ? notNow with { Field = within + field } : notNow;
    }

    private static EdgeRefusal Refused(string field, string message) =>
        new(ErrorCode.InvalidRequest, message) { Field = field };

    private static EdgeRefusal TooMany() =>
        new(
            FaultCode.NotSupported,
            $"There are {Schedule.Most} schedules, the most that a farm has; DELETE those that are not needed."
        );

    private static EdgeRefusal NoSuch(string id) =>
        new(
            ErrorCode.NoSuchSchedule,
            $"There is no schedule {Redaction.Line(id, 64)}; GET /api/schedules lists the schedules."
        );

    private static Answer<StartAnswer> Accepted(Schedule schedule) =>
        Answer<StartAnswer>.Later(
            new ScheduledAnswer(schedule.Id, "scheduled", schedule.At!.Value.ToUniversalTime()),
            $"/api/schedules/{schedule.Id}"
        );

    private ScheduleAnswer Changed(KeptSchedule kept, HttpContext context)
    {
        CallNotes.NoteDetail(context, kept.Schedule.Id);
        Wake();
        // The times are new, and nothing is foreseen of them yet.
        return Shown(kept, Caller.Of(context), ImmutableHashSet<ScheduleTime>.Empty);
    }

    private void Wake()
    {
        if (registry.TryGet<ScheduleKeeper>(out var keeper))
        {
            keeper.Tell(new SchedulesChanged());
        }
    }

    private Task<Answer<T>> WithAsync<T>(
        string id,
        HttpContext context,
        Func<KeptSchedule, Task<Answer<T>>> answer
    ) =>
        ReadableAsync(async () =>
            await book.FindAsync(id, CancellationToken.None) is { } kept && Sees(Caller.Of(context), kept.Schedule)
                ? await answer(kept)
                : NoSuch(id)
        );

    private async Task<Answer<T>> ReadableAsync<T>(Func<Task<Answer<T>>> answer)
    {
        try
        {
            return await answer();
        }
        catch (DbException error)
        {
            log.LogError(error, "The schedules could not be read from the database, or written");
            return new EdgeRefusal(
                FaultCode.Unavailable,
                "The database that keeps the schedules does not answer; try again in a few seconds, and see the node's log if that does not help."
            )
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            };
        }
    }
}
