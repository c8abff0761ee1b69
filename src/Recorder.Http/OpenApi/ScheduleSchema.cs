using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;

namespace Recorder.Http.OpenApi;

/// <summary>The schemas of schedules.</summary>
internal static class ScheduleSchema
{
    /// <summary>The body that makes a schedule.</summary>
    public static OpenApiSchema New() => RequestSchemas.Object(Fields(isNew: true));

    /// <summary>The body that changes a schedule.</summary>
    public static OpenApiSchema Change() => RequestSchemas.Object(Fields(isNew: false));

    /// <summary>A time with its offset.</summary>
    public static OpenApiSchema Time(string description) =>
        new()
        {
            Type = JsonSchemaType.String,
            Format = "date-time",
            Description = description,
        };

    public static RouteHandlerBuilder TakesSchedule(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter(
            "id",
            ParameterLocation.Path,
            required: true,
            new OpenApiSchema { Type = JsonSchemaType.String, Description = "The id of the schedule." }
        );

    public static RouteHandlerBuilder TakesSchedulePage(this RouteHandlerBuilder endpoint) =>
        endpoint
            .TakesParameter(
                ScheduleListCall.LimitName,
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField(
                        ScheduleListCall.LimitName,
                        "At most this many. The Link header of the answer has the address of the next page.",
                        1,
                        ScheduleListCall.MaximumLimit,
                        ScheduleListCall.DefaultLimit,
                        ""
                    )
                )
            )
            .TakesParameter(
                ScheduleListCall.AfterName,
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Text("Where the page before ended, as in its Link header.", null, 100)
            );

    public static RouteHandlerBuilder TakesOccurrenceFilter(this RouteHandlerBuilder endpoint) =>
        endpoint
            .TakesParameter(
                OccurrencesCall.FromName,
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Time("The first time; a week ago when absent.")
            )
            .TakesParameter(
                OccurrencesCall.ToName,
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Time("The first time that is not listed any more.")
            )
            .TakesParameter(
                "limit",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField(
                        "limit",
                        "At most this many.",
                        1,
                        OccurrencesCall.MaximumLimit,
                        OccurrencesCall.DefaultLimit,
                        ""
                    )
                )
            );

    private static (string Name, bool Required, OpenApiSchema Schema)[] Fields(bool isNew) =>
        [
            (
                ScheduleFields.Name,
                false,
                RequestSchemas.Text("A name for people, one line.", null, SpecLimits.MaximumNameLength)
            ),
            (ScheduleFields.At, false, Time("The one time, with its offset. A schedule has at or cron.")),
            (
                ScheduleFields.Cron,
                false,
                RequestSchemas.Text(
                    "Minute, hour, day of the month, month and day of the week, such as 0 9 * * MON-FRI. A time that the clocks skip is the first moment after; of a time that they show twice, the first counts.",
                    null,
                    ScheduleTimes.LongestCron
                )
            ),
            (
                ScheduleFields.TimeZone,
                false,
                RequestSchemas.Text(
                    "The time zone of cron and exceptions, such as Europe/Oslo; UTC when absent.",
                    null,
                    64
                )
            ),
            (ScheduleFields.Duration.Name, false, EndSchema.Length(ScheduleFields.Duration)),
            (ScheduleFields.Lead.Name, false, EndSchema.Length(ScheduleFields.Lead)),
            (ScheduleFields.Late.Name, false, EndSchema.Length(ScheduleFields.Late)),
            (ScheduleFields.Overlap.Name, false, RequestSchemas.Choice(ScheduleFields.Overlap)),
            (
                ScheduleFields.Exceptions,
                false,
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Description = "The days without a recording, in the time zone.",
                    MaxItems = ScheduleFields.MostExceptions,
                    Items = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date" },
                }
            ),
            (ScheduleFields.Until, false, Time("The first moment without recordings, with its offset.")),
            (
                ScheduleFields.Enabled,
                false,
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Boolean,
                    Description = "Whether sessions are started; true when absent.",
                }
            ),
            (ScheduleFields.Start, isNew, RequestSchemas.Start()),
        ];
}
