using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Events;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Feed;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls that tell what has happened and what happens.</summary>
internal static class EventCalls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead("/api/sessions/{id}/events", OfSessionAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "session_events",
                "List the events of a session",
                "Oldest first, numbered by seq without holes. A page has 100 events unless limit says otherwise; the Link header has the address of the next page. Old events are deleted after Retention:Events."
            )
            .Answers("The events.")
            .Refuses(400, 404, 503)
            .TakesId(inPath: true)
            .TakesPageOfEvents()
            .TakesLabels();

        routes
            .MapRead("/api/events", Feed)
            .Needs(ApiScope.Read)
            .Describe(
                "events",
                "Follow the events of the farm",
                "Server-sent events of the whole farm, from now on or after Last-Event-ID. A comment comes every 15 s. A reader who takes nothing for 10 s is closed, and goes on without a gap by Last-Event-ID."
            )
            .AnswersFile(FeedAnswer.ContentType, "Each message has an event in JSON as its data, and a place as its id.")
            .Refuses(400, 503)
            .TakesFeedFilter()
            .TakesLabels();
    }

    private static FeedAnswer Feed(Asked<FeedCall> asked, HttpContext context) =>
        new(
            asked.Value with
            {
                Filter = asked.Value.Filter with { Owner = Caller.Of(context).Only },
            },
            () => AccessMiddleware.StillHolds(context)
        );

    private static async Task<Answer<IReadOnlyList<EventBody>>> OfSessionAsync(
        Asked<SessionEventsCall> call,
        IEventFeed feed,
        EdgeClient edge,
        ILoggerFactory logs,
        HttpContext context
    )
    {
        var asked = call.Value;
        var own = Caller.Of(context).Only is not null;
        if (own && await edge.AskAsync(new FindSummary(asked.Id), context.RequestAborted) is EdgeRefusal notOwn)
        {
            return notOwn;
        }
        ImmutableList<SessionEvent> page;
        try
        {
            page = await feed.OfSessionAsync(asked.Id.Value, asked.After, asked.Limit + 1, context.RequestAborted);
        }
        catch (DbException error)
        {
            logs.CreateLogger(typeof(EventCalls)).LogError(error, "The events could not be read from the database");
            return EdgeRefusal.ArchiveUnreadable();
        }
        if (
            !own
            && page.Count == 0
            && await edge.AskAsync(new FindSummary(asked.Id), context.RequestAborted) is EdgeRefusal no
        )
        {
            return no;
        }
        page = asked.Labels.IsEmpty ? page : page.FindAll(told => told.Has(asked.Labels));
        if (page.Count > asked.Limit)
        {
            page = [.. page.Take(asked.Limit)];
            var next = asked.NextPage(context.Request.Path, page[^1].Seq);
            context.Response.Headers.Link = $"<{next}>; rel=\"next\"";
        }
        return new Answer<IReadOnlyList<EventBody>>([
            .. page.Select(told => JsonSerializer.Deserialize<EventBody>(told.Body, AnswerJson.Options)!),
        ]);
    }
}
