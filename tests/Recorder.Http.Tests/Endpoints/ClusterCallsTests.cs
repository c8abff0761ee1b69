using System.Collections.Immutable;
using System.Net;
using System.Text.Json;

using Akka.Actor;
using Akka.Hosting;

using Microsoft.Extensions.DependencyInjection;

using Recorder.Cluster.Membership;
using Recorder.Http.Access;

namespace Recorder.Http.Tests.Endpoints;

public sealed class ClusterCallsTests
{
    private const string One = "akka.tcp://recorder@10.0.0.1:34569";
    private const string Two = "akka.tcp://recorder@10.0.0.2:34569";

    private static readonly FarmMembers Members = new(
        One,
        [new FarmMember(One, 11, "Up", ["edge", "recorder"], "1.2.3"), new FarmMember(Two, 12, "Joining", ["voter"], "1.2.3")],
        [Two], One, One, ImmutableSortedDictionary<string, string>.Empty.Add("edge", One));

    [Fact]
    public async Task Members_are_answered_in_the_form_of_akka_management()
    {
        await using var edge = await StartAsync();

        Assert.Equal(
            $$$"""{"selfNode":"{{{One}}}","members":[{"node":"{{{One}}}","nodeUid":"11","status":"Up","roles":["edge","recorder"],"appVersion":"1.2.3"},{"node":"{{{Two}}}","nodeUid":"12","status":"Joining","roles":["voter"],"appVersion":"1.2.3"}],"unreachable":[{"node":"{{{Two}}}","observedBy":["{{{One}}}"]}],"leader":"{{{One}}}","oldest":"{{{One}}}","oldestPerRole":{"edge":"{{{One}}}"}}""",
            await edge.Client.GetStringAsync("/cluster/members"));
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
    [InlineData("Leave", MemberOperation.Leave)]
    [InlineData("down", MemberOperation.Down)]
    public async Task A_member_is_let_go(string word, MemberOperation operation)
    {
        await using var edge = await StartAsync();

        using var answer = await PutAsync(edge, word);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(Two, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(operation, (await edge.Farm.NextAsync<ChangeMember>()).Operation);
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
        Assert.DoesNotContain(edge.Farm.Heard, heard => heard is ChangeMember);
    }

    [Fact]
    public async Task An_operation_that_is_no_form_is_415()
    {
        await using var edge = await StartAsync();

        using var answer = await edge.SendAsync(HttpMethod.Put, "/cluster/members/10.0.0.2:34569", """{"operation":"Down"}""");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task Letting_a_member_go_needs_the_scope_admin()
    {
        await using var edge = await EdgeFixture.StartAsync(options => options.Keys.Add(
            new ApiKeyOptions { Name = "recorder", Key = "0123456789abcdef0123", Scope = ApiScope.Record }));

        using var request = new HttpRequestMessage(HttpMethod.Put, "/cluster/members/10.0.0.2:34569");
        request.Headers.Authorization = new("Bearer", "0123456789abcdef0123");
        using var answer = await edge.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
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
        edge.Farm.On<GetMembers>(_ => Members);
        edge.Farm.On<GetStanding>(_ => new NodeStanding(whyNotIn));
        edge.Farm.On<ChangeMember>(change => new MemberChange(Members.Members.Find(member => member.IsNamed(change.Node))?.Node));
        var system = edge.App.Services.GetRequiredService<ActorSystem>();
        ActorRegistry.For(system).Register<FarmMembership>(system.ActorOf(edge.Farm.Props()));
        return edge;
    }

    private static async Task<HttpResponseMessage> PutAsync(EdgeFixture edge, string word)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("operation", word)]);
        return await edge.Client.PutAsync(new Uri("/cluster/members/10.0.0.2:34569", UriKind.Relative), form);
    }
}
