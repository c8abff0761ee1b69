using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Endpoints;

[Trait("ring", "actor")]
public sealed class ClusterCallsTests
{
    private const string One = "akka.tcp://recorder@10.0.0.1:34569";
    private const string Two = "akka.tcp://recorder@10.0.0.2:34569";

    private static readonly FarmMembers Members = new(
        One,
        [
            new FarmMember(One, 11, "Up", ["edge", "recorder"], "1.2.3") { Protocol = new WireProtocol(3, 2) },
            new FarmMember(Two, 12, "Joining", ["voter"], "1.2.3"),
        ],
        [Two],
        One,
        One,
        ImmutableSortedDictionary<string, string>.Empty.Add("edge", One)
    )
    {
        Agreed = 2,
    };

    [Fact]
    public async Task Members_are_answered_in_the_form_of_akka_management()
    {
        await using var edge = await StartAsync();

        Assert.Equal(
            $$$"""{"selfNode":"{{{One}}}","members":[{"node":"{{{One}}}","nodeUid":"11","status":"Up","roles":["edge","recorder"],"appVersion":"1.2.3","speaks":3,"understands":2},{"node":"{{{Two}}}","nodeUid":"12","status":"Joining","roles":["voter"],"appVersion":"1.2.3"}],"unreachable":[{"node":"{{{Two}}}","observedBy":["{{{One}}}"]}],"leader":"{{{One}}}","oldest":"{{{One}}}","oldestPerRole":{"edge":"{{{One}}}"},"protocol":2}""",
            await edge.Client.GetStringAsync("/cluster/members")
        );
    }

    [Theory]
    [InlineData("10.0.0.2:34569")]
    [InlineData("recorder@10.0.0.2:34569")]
    [InlineData("akka.tcp://recorder@10.0.0.2:34569")]
    [InlineData("akka.tcp:%2F%2Frecorder@10.0.0.2:34569")]
    public async Task A_member_is_found_by_any_form_of_its_address(string address)
    {
        await using var edge = await StartAsync();

        var member = JsonDocument.Parse(await edge.Client.GetStringAsync($"/cluster/members/{address}")).RootElement;
        Assert.Equal("12", member.GetProperty("nodeUid").GetString());
    }

    [Theory]
    [InlineData("0.0.0.2:34569")]
    [InlineData("10.0.0.3:34569")]
    [InlineData("9")]
    public async Task A_member_that_is_not_there_is_404(string address)
    {
        await using var edge = await StartAsync();

        using var answer = await edge.Client.GetAsync(new Uri($"/cluster/members/{address}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("no_such_member", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Leave", typeof(LetLeave))]
    [InlineData("down", typeof(GiveUp))]
    public async Task A_member_is_let_go(string word, Type message)
    {
        await using var edge = await StartAsync();

        using var answer = await PutAsync(edge, word);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(Two, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(edge.Farm.Heard, heard => heard.GetType() == message);
    }

    [Theory]
    [InlineData("Drain", true, 2, "Draining akka.tcp://recorder@10.0.0.2:34569, which has 2 sessions")]
    [InlineData("drain", true, 1, "Draining akka.tcp://recorder@10.0.0.2:34569, which has 1 session")]
    [InlineData("UNDRAIN", false, 0, "Not draining akka.tcp://recorder@10.0.0.2:34569, which has 0 sessions")]
    public async Task A_member_is_drained_and_called_back_and_the_answer_counts_its_sessions(
        string word,
        bool on,
        int sessions,
        string message
    )
    {
        await using var edge = await StartAsync();
        edge.Farm.On<DrainNode>(drain => new DrainState(
            drain.Node,
            drain.On,
            [.. Enumerable.Range(1, sessions).Select(id => new SessionId(id))]
        ));

        using var answer = await PutAsync(edge, word);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(
            $$"""{"message":"{{message}}","sessions":{{sessions}}}""",
            await answer.Content.ReadAsStringAsync()
        );
        Assert.Equal(new DrainNode(Two, on), await edge.Farm.NextAsync<DrainNode>());
    }

    [Theory]
    [InlineData("Drain")]
    [InlineData("Undrain")]
    [InlineData("Leave")]
    [InlineData("Down")]
    public async Task An_operation_on_a_member_that_is_not_there_is_404_and_the_placement_is_not_told(string word)
    {
        await using var edge = await StartAsync();

        using var answer = await PutAsync(edge, word, "10.0.0.3:34569");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("no_such_member", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(edge.Farm.Heard, heard => heard is DrainNode);
    }

    [Theory]
    [InlineData("Drain")]
    [InlineData("Undrain")]
    public async Task A_drain_without_an_answer_of_the_placement_is_503_with_a_time_to_come_back(string word)
    {
        await using var edge = await StartAsync();

        using var answer = await PutAsync(edge, word);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Contains("unavailable", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Stop")]
    [InlineData("1")]
    [InlineData("")]
    public async Task An_operation_that_is_none_is_400_and_nobody_is_told(string word)
    {
        await using var edge = await StartAsync();

        using var answer = await PutAsync(edge, word);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.DoesNotContain(edge.Farm.Heard, heard => heard is LetLeave or GiveUp or DrainNode);
    }

    [Fact]
    public async Task An_operation_that_is_no_form_is_415()
    {
        await using var edge = await StartAsync();

        using var answer = await edge.SendAsync(
            HttpMethod.Put,
            "/cluster/members/10.0.0.2:34569",
            """{"operation":"Down"}"""
        );

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=")]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=a")]
    public async Task A_form_that_cannot_be_read_is_400(string type)
    {
        await using var edge = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, "/cluster/members/10.0.0.2:34569");
        request.Content = new ByteArrayContent("operation=Down"u8.ToArray());
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var answer = await edge.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("invalid_request", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Leave")]
    [InlineData("Drain")]
    public async Task Changing_a_member_needs_the_scope_admin(string word)
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
            options.Keys.Add(
                new ApiKeyOptions
                {
                    Name = "recorder",
                    Key = "0123456789abcdef0123",
                    Scope = ApiScope.Record,
                }
            )
        );

        using var request = new HttpRequestMessage(HttpMethod.Put, "/cluster/members/10.0.0.2:34569");
        request.Content = new FormUrlEncodedContent([KeyValuePair.Create("operation", word)]);
        request.Headers.Authorization = new("Bearer", "0123456789abcdef0123");
        using var answer = await edge.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty(edge.Farm.Heard);
    }

    [Fact]
    public async Task A_node_that_has_not_found_its_farm_is_live_and_not_ready_and_says_why()
    {
        await using var edge = await StartAsync("none of the seed nodes 10.0.0.9:34569 has let it in");

        using var live = await edge.Client.GetAsync(new Uri("/health/live", UriKind.Relative));
        using var ready = await edge.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("10.0.0.9:34569", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<EdgeFixture> StartAsync(string? whyNotIn = null)
    {
        var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<ListMembers>(_ => Members);
        edge.Farm.On<GetStanding>(_ => new NodeStanding(whyNotIn));
        edge.Farm.On<LetLeave>(ask => Found(ask.Node));
        edge.Farm.On<GiveUp>(ask => Found(ask.Node));
        var system = edge.App.Services.GetRequiredService<ActorSystem>();
        ActorRegistry.For(system).Register<FarmMembership>(system.ActorOf(edge.Farm.Props()));
        return edge;

        static MemberChange Found(string name) => new(Members.Members.Find(member => member.IsNamed(name))?.Node);
    }

    private static async Task<HttpResponseMessage> PutAsync(
        EdgeFixture edge,
        string word,
        string address = "10.0.0.2:34569"
    )
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("operation", word)]);
        return await edge.Client.PutAsync(new Uri($"/cluster/members/{address}", UriKind.Relative), form);
    }
}
