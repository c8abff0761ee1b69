using System.Net;
using System.Text.Json;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>The list of deliveries, and the call that tries one again.</summary>
[Trait("ring", "actor")]
public sealed class DeliveryCallsTests
{
    [Theory]
    [InlineData("", "1-1/archive 1-1/offsite 2-1/archive 4-1/archive 4-1/offsite")]
    [InlineData("?state=failed", "1-1/offsite")]
    [InlineData("?state=delivered", "1-1/archive 2-1/archive")]
    [InlineData("?state=retrying", "4-1/offsite")]
    [InlineData("?state=queued", "")]
    [InlineData("?to=offsite", "1-1/offsite 4-1/offsite")]
    [InlineData("?to=elsewhere", "")]
    [InlineData("?session=1", "1-1/archive 1-1/offsite")]
    [InlineData("?session=9", "")]
    [InlineData("?session=4&state=sending&to=archive", "4-1/archive")]
    [InlineData("?after=1-1/archive", "1-1/offsite 2-1/archive 4-1/archive 4-1/offsite")]
    [InlineData("?after=1-1/offsite&limit=2", "2-1/archive 4-1/archive")]
    [InlineData("?after=4-1/offsite", "")]
    public async Task Deliveries_of_all_records_are_listed(string query, string expected)
    {
        await using var edge = await FarmAsync();

        Assert.Equal(expected, await PlacesAsync(edge, "/api/deliveries" + query));
    }

    [Fact]
    public async Task A_listed_delivery_tells_its_record_and_all_that_the_record_tells()
    {
        await using var edge = await FarmAsync();

        Assert.Equal(
            """[{"record":"1-1","session":1,"file":"2021-09-22_07:56:00__0.mp4","node":"akka.tcp://recorder@127.0.0.1:4053","delivery":{"to":"offsite","kind":"s3","name":null,"state":"failed","since":"2021-09-22T07:56:00+00:00","next_try":null,"attempts":3,"exit_code":null,"last_output":null,"error":"No such bucket.","sent_bytes":null,"partial":false}}]""",
            await edge.Client.GetStringAsync("/api/deliveries?state=failed")
        );
    }

    [Fact]
    public async Task Pages_lead_through_all_deliveries_also_within_one_record()
    {
        await using var edge = await FarmAsync();
        var seen = new List<string>();
        for (var next = (string?)"/api/deliveries?limit=1&to=offsite"; next is not null;)
        {
            using var answer = await edge.SendAsync(HttpMethod.Get, next, null);
            seen.Add(Places(await answer.Content.ReadAsStringAsync()));
            var link = answer.Headers.TryGetValues("Link", out var links) ? links.Single() : null;
            next = link?[1..link.IndexOf('>', StringComparison.Ordinal)];
        }

        Assert.Equal(["1-1/offsite", "4-1/offsite"], seen);
    }

    [Theory]
    [InlineData("?state=dead", "state")]
    [InlineData("?to=../etc", "to")]
    [InlineData("?to=a&to=b", "to")]
    [InlineData("?session=0", "session")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?after=1-1", "after")]
    [InlineData("?after=1-1/A", "after")]
    public async Task A_wrong_filter_is_named(string query, string field)
    {
        await using var edge = await FarmAsync();

        using var answer = await edge.SendAsync(HttpMethod.Get, "/api/deliveries" + query, null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(field, error.RootElement.GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_delivery_of_a_session_in_the_list_is_tried_again_by_the_session()
    {
        await using var edge = await FarmAsync();
        edge.Farm.On<RetryDelivery>(retry => new SessionChanged(Details(Queued(Running, retry.Destination))));

        using var answer = await edge.SendAsync(HttpMethod.Post, "/api/records/4-1/deliveries/offsite/retry", null);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("/api/records/4-1", answer.Headers.Location?.OriginalString);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("queued", body.RootElement.GetProperty("delivery").GetProperty("state").GetString());
        var heard = await edge.Farm.NextAsync<RetryDelivery>();
        Assert.Equal((0, "/records/2021-09-22_07:56:00__3.mp4", "offsite"), (heard.Shard, heard.Path, heard.Destination));
        Assert.DoesNotContain(edge.Farm.Heard, message => message is RecallSession);
    }

    [Fact]
    public async Task A_session_that_the_placement_has_forgotten_is_recalled_first()
    {
        await using var edge = await FarmAsync();
        edge.Farm.On<RecallSession>(recall => new SessionLocation(recall.Summary.Id, 5, recall.Summary));
        edge.Farm.On<RetryDelivery>(retry =>
            new SessionChanged(Details(Queued(edge.Archive.Sessions[1], retry.Destination)))
        );

        using var answer = await edge.SendAsync(HttpMethod.Post, "/api/records/1-1/deliveries/offsite/retry", null);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(5, (await edge.Farm.NextAsync<RetryDelivery>()).Shard);
        Assert.Single((await edge.Farm.NextAsync<RecallSession>()).Summary.Records);
    }

    [Theory]
    [InlineData("1-2/deliveries/offsite", 404, "no_such_record")]
    [InlineData("9-1/deliveries/offsite", 404, "no_such_record")]
    [InlineData("x/deliveries/offsite", 400, "invalid_request")]
    [InlineData("1-1/deliveries/..%2f", 400, "invalid_request")]
    [InlineData("1-1/deliveries/Off", 400, "invalid_request")]
    [InlineData("4-1/deliveries/none", 404, "no_such_delivery")]
    [InlineData("4-1/deliveries/archive", 409, "not_retriable")]
    [InlineData("1-1/deliveries/old", 409, "journal_deleted")]
    public async Task What_cannot_be_tried_again_is_refused(string path, int status, string code)
    {
        await using var edge = await FarmAsync();
        edge.Farm.On<RecallSession>(recall => new SessionLocation(recall.Summary.Id, 5, recall.Summary));
        edge.Farm.On<RetryDelivery>(retry => new ChangeRefused(
            retry.Id,
            retry.Destination switch
            {
                "none" => FaultCode.NoSuchDelivery,
                "archive" => FaultCode.NotRetriable,
                _ => FaultCode.JournalDeleted,
            },
            "The reason."
        ));

        using var answer = await edge.SendAsync(HttpMethod.Post, $"/api/records/{path}/retry", null);

        Assert.Equal(status, (int)answer.StatusCode);
        using var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(code, error.RootElement.GetProperty("code").GetString());
    }

    private static readonly SessionSummary Running = With(
        Session(4, SessionPhase.Recording, Finished("/records/2021-09-22_07:56:00__3.mp4")),
        Delivery("offsite", DeliveryState.Failed) with
        {
            NextTry = Time.AddMinutes(5),
        },
        Delivery("archive", DeliveryState.Running)
    );

    /// <summary>Sessions 1 and 2 have ended, and session 4 records.</summary>
    private static async Task<EdgeFixture> FarmAsync()
    {
        var edge = await EdgeFixture.StartAsync();
        edge.Archive.Put(
            With(
                Session(1, SessionPhase.Stopped, Finished("/records/2021-09-22_07:56:00__0.mp4")),
                Delivery("offsite", DeliveryState.GivenUp) with
                {
                    Attempts = 3,
                    Error = "No such bucket.",
                },
                Delivery("archive", DeliveryState.Delivered)
            ),
            With(
                Session(2, SessionPhase.Stopped, Finished("/records/2021-09-22_07:56:00__1.mp4")),
                Delivery("archive", DeliveryState.Delivered)
            ),
            Session(3, SessionPhase.Stopped, Finished("/records/2021-09-22_07:56:00__2.mp4"))
        );
        edge.Farm.On<ListSessions>(_ => new SessionList([Running]));
        edge.Farm.On<FindSession>(find =>
            find.Id.Value == 4 ? new SessionLocation(find.Id, 0, Running) : new SessionUnknown(find.Id)
        );
        return edge;
    }

    private static DeliverySummary Delivery(string to, DeliveryState state) =>
        new(to, state, Time) { DestinationKind = "s3" };

    private static SessionSummary With(SessionSummary session, params DeliverySummary[] deliveries) =>
        session with
        {
            Records = session.Records.SetItem(0, session.Records[0] with { Deliveries = [.. deliveries] }),
        };

    private static SessionSummary Queued(SessionSummary session, string to) =>
        With(
            session,
            [
                .. session.Records[0].Deliveries.Select(delivery =>
                    delivery.To == to ? delivery with { State = DeliveryState.Waiting, NextTry = null } : delivery
                ),
            ]
        );

    private static SessionDetails Details(SessionSummary session) => new(session, session.Outputs, null, null, false);

    private static async Task<string> PlacesAsync(EdgeFixture edge, string path) =>
        Places(await edge.Client.GetStringAsync(path));

    private static string Places(string json)
    {
        using var list = JsonDocument.Parse(json);
        return string.Join(
            ' ',
            list
                .RootElement.EnumerateArray()
                .Select(one =>
                    $"{one.GetProperty("record").GetString()}/{one.GetProperty("delivery").GetProperty("to").GetString()}"
                )
        );
    }
}
