using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls about deliveries of records.</summary>
internal static class DeliveryCalls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead("/api/deliveries", ListAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "deliveries",
                "List the deliveries",
                "The deliveries of all records, by session, number of the record and destination. A page has 100 deliveries unless limit says otherwise; the Link header has the address of the next page."
            )
            .Answers("The deliveries.")
            .Refuses(400, 503)
            .TakesDeliveryFilter();

        routes
            .MapPost("/api/records/{id}/deliveries/{to}/retry", RetryAsync)
            .Needs(ApiScope.Record)
            .Describe(
                "retry_delivery",
                "Try a delivery again",
                "One that has failed, or that waits for its next attempt. The patience counts anew. The session may have ended long ago."
            )
            .AnswersAccepted<ListedDeliveryAnswer>("The delivery is queued.")
            .Refuses(400, 404, 409, 503)
            .TakesRecord()
            .TakesDestination()
            .AnswersOnce();
    }

    private static async Task<Answer<IReadOnlyList<ListedDeliveryAnswer>>> ListAsync(
        Asked<DeliveryFilter> filter,
        SessionLists lists,
        EdgeClient edge,
        HttpContext context
    )
    {
        var asked = filter.Value;
        var page = new List<ListedDeliveryAnswer>();
        try
        {
            await foreach (var (record, delivery) in FindAsync(asked, lists, edge, context.RequestAborted))
            {
                if (page.Count == asked.Limit)
                {
                    var last = page[^1];
                    var place = DeliveryPlace.Of($"{last.Record}/{last.Delivery.To}")!.Value;
                    context.Response.Headers.Link = $"<{asked.NextPage(context.Request.Path, place)}>; rel=\"next\"";
                    break;
                }
                page.Add(record.Listed(delivery));
            }
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
        return new Answer<IReadOnlyList<ListedDeliveryAnswer>>(page);
    }

    private static async IAsyncEnumerable<(SessionRecord Record, DeliverySummary Delivery)> FindAsync(
        DeliveryFilter asked,
        SessionLists lists,
        EdgeClient edge,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken aborted
    )
    {
        var deliveries = new DeliveriesWanted(asked.State, asked.To);

        // The last record of the page before may have further deliveries.
        var from = asked.After is { } after
            ? new RecordId(after.Record.Session, after.Record.Number - 1)
            : new RecordId(new SessionId(0), 0);
        var wanted = new RecordsWanted(from) { Deliveries = deliveries };
        var records = asked.Session is { } session
            ? wanted.OfSessionAsync(session, edge, aborted)
            : lists.RecordsAsync(wanted, asked.Limit + 1, aborted);
        await foreach (var record in records)
        {
            foreach (var delivery in deliveries.Of(record.Record))
            {
                if (
                    asked.After is not { } last
                    || record.Id != last.Record
                    || string.CompareOrdinal(delivery.To, last.To) > 0
                )
                {
                    yield return (record, delivery);
                }
            }
        }
    }

    private static async Task<Answer<IResult>> RetryAsync(
        Asked<DeliveryInPath> path,
        EdgeClient edge,
        HttpContext context
    )
    {
        var (wanted, to) = path.Value;
        var aborted = context.RequestAborted;
        try
        {
            var record = await edge.FindRecordAsync(wanted.Session, wanted.Is, $"{wanted}", aborted);
            return await edge.AnswerAsync<DetailsFound, IResult>(
                new RetryRecordDelivery(wanted.Session, record.Record.Path, to),
                found => new JsonAnswer(
                    After(record, to, found.Details.Summary),
                    StatusCodes.Status202Accepted
                )
                {
                    Location = $"/api/records/{record.Id}",
                },
                aborted
            );
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }

    /// <summary>The delivery as the session tells it after the write.</summary>
    private static ListedDeliveryAnswer After(SessionRecord record, string to, SessionSummary session)
    {
        var now = session.Records.Find(one => one.Path == record.Record.Path) ?? record.Record;
        return (record with { Record = now }).Listed(now.Deliveries.Find(one => one.To == to)!);
    }

    private static ListedDeliveryAnswer Listed(this SessionRecord record, DeliverySummary delivery) =>
        new(
            record.Id.ToString(),
            record.Id.Session.Value,
            Path.GetFileName(record.Record.Path),
            record.Record.Node ?? record.Session.Node,
            SessionViews.DeliveryOf(delivery)
        );
}
