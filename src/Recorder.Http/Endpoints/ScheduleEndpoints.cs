using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Recorder.Http.Access;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls about schedules.</summary>
internal static class ScheduleEndpoints
{
    private const string All = "/api/schedules";

    private const string One = "/api/schedules/{id}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead(
                All,
                (Asked<ScheduleListCall> call, ScheduleDesk desk, HttpContext context) =>
                    desk.ListAsync(call.Value, context)
            )
            .Needs(ApiScope.Read)
            .Describe("schedules", "List the schedules", "The schedules of the caller's key, oldest first.")
            .Answers("The schedules.")
            .Refuses(400, 503)
            .TakesSchedulePage();

        routes
            .MapPost(
                All,
                (Asked<NewScheduleCall> call, ScheduleDesk desk, HttpContext context) =>
                    desk.MakeAsync(call.Value, context)
            )
            .Needs(ApiScope.Record)
            .Describe(
                "make_schedule",
                "Make a schedule",
                "Starts sessions at one time, or whenever a cron line says so. Each session joins its page before the time and begins its record at the time. Each time starts one session, whatever node is lost."
            )
            .Answers("The schedule.")
            .Refuses(400, 409, 413, 415, 503)
            .AnswersOnce()
            .Takes(ScheduleSchema.New(), required: true);

        routes
            .MapRead(
                One,
                (Asked<ScheduleInPath> path, ScheduleDesk desk, HttpContext context) =>
                    desk.FindAsync(path.Value.Id, context)
            )
            .Needs(ApiScope.Read)
            .Describe("schedule", "Get a schedule", "With its next time.")
            .Answers("The schedule.")
            .Refuses(400, 404, 503)
            .TakesSchedule();

        routes
            .MapPatch(
                One,
                (Asked<ChangeScheduleCall> call, ScheduleDesk desk, HttpContext context) =>
                    desk.ChangeAsync(call.Value, context)
            )
            .Needs(ApiScope.Record)
            .Describe(
                "change_schedule",
                "Change a schedule",
                "What is absent stays as before. The change counts for the times to come, not for a session that has been started."
            )
            .Answers("The schedule.")
            .Refuses(400, 404, 409, 413, 415, 503)
            .Takes(ScheduleSchema.Change(), required: true)
            .TakesSchedule();

        routes
            .MapDelete(
                One,
                (Asked<ScheduleInPath> path, ScheduleDesk desk, HttpContext context) =>
                    desk.RemoveAsync(path.Value.Id, context)
            )
            .Needs(ApiScope.Record)
            .Describe(
                "delete_schedule",
                "Delete a schedule",
                "Nothing more is started. A session that has been started goes on."
            )
            .Answers("The schedule is deleted.")
            .Refuses(400, 404, 503)
            .TakesSchedule();

        routes
            .MapRead(
                One + "/occurrences",
                (Asked<OccurrencesCall> call, ScheduleDesk desk, HttpContext context) =>
                    desk.OccurrencesAsync(call.Value, context)
            )
            .Needs(ApiScope.Read)
            .Describe(
                "occurrences",
                "List the times of a schedule",
                "The times of the last week with what has become of them, and the times to come. Times of the last 30 days are kept."
            )
            .Answers("The times, the earliest first.")
            .Refuses(400, 404, 503)
            .TakesSchedule()
            .TakesOccurrenceFilter();
    }
}
