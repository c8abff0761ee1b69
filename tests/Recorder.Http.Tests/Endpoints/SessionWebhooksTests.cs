using System.Net;
using System.Text.Json;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Webhooks;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>Receivers of events that a start names.</summary>
[Trait("ring", "actor")]
public sealed class SessionWebhooksTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Theory]
    [InlineData("""{"type":"uri","data":{"uri":"https://example.org",{0}}}""")]
    [InlineData("""{"type":"rtp","data":{"rtpPort":0,"rtcpPort":0,{0}}}""")]
    public async Task A_start_keeps_its_receivers_apart_and_journals_their_ids_alone(string form)
    {
        await using var edge = await StartAsync();
        var body = BodyOf(form, $$"""{"url":"https://192.0.2.7/hook?t=hush","secret":"{{Secret}}","types":["record.*"]}""");

        var answer = await edge.SendAsync(HttpMethod.Post, "/api/start?wait=false", body);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var webhook = Assert.Single(edge.Book.Webhooks.Values);
        Assert.Equal(
            ("https://192.0.2.7/hook?t=hush", Secret, WebhookSource.Session, false),
            (webhook.Url, webhook.Secret, webhook.Source, webhook.Enabled)
        );
        var spec = (await edge.Farm.NextAsync<AdmitSession>()).Spec;
        Assert.Equal([webhook.Id], spec.Webhooks);
        var journalled = JsonSerializer.Serialize(spec);
        string[] texts = [journalled, await answer.Content.ReadAsStringAsync(), .. edge.Log.Lines];
        foreach (var text in texts)
        {
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(Secret, await edge.Client.GetStringAsync("/api/webhooks"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($$"""{"url":"http://192.0.2.7/hook","secret":"{{Secret}}"}""", "data.webhooks[0].url", "https")]
    [InlineData($$"""{"url":"https://127.0.0.1/","secret":"{{Secret}}"}""", "data.webhooks[0].url", "Network:Allow")]
    [InlineData($$"""{"url":"https://localhost/","secret":"{{Secret}}"}""", "data.webhooks[0].url", "Network:Allow")]
    [InlineData($$"""{"url":"https://2130706433/","secret":"{{Secret}}"}""", "data.webhooks[0].url", "Network:Allow")]
    [InlineData($$"""{"url":"https://[::ffff:127.0.0.1]/","secret":"{{Secret}}"}""", "data.webhooks[0].url", "Network:Allow")]
    [InlineData($$"""{"url":"https://169.254.169.254/","secret":"{{Secret}}"}""", "data.webhooks[0].url", "Network:Allow")]
    [InlineData($$"""{"secret":"{{Secret}}"}""", "data.webhooks[0].url", "missing")]
    [InlineData("""{"url":"https://192.0.2.7/"}""", "data.webhooks[0].secret", "missing")]
    [InlineData("""{"url":"https://192.0.2.7/","secret":"whsec_c2hvcnQ="}""", "data.webhooks[0].secret", "24 to 64")]
    [InlineData("""{"url":"https://192.0.2.7/","secret":"plain"}""", "data.webhooks[0].secret", "whsec_")]
    [InlineData($$"""{"url":"https://192.0.2.7/","secret":"{{Secret}}","types":["recrod.*"]}""", "data.webhooks[0].types[0]", "record.*")]
    [InlineData($$"""{"url":"https://192.0.2.7/","secret":"{{Secret}}","enabled":true}""", "data.webhooks[0].enabled", "enabled")]
    [InlineData("7", "data.webhooks[0]", "object")]
    public async Task A_mistake_is_told_with_its_field_and_nothing_starts(string webhook, string field, string why)
    {
        await using var edge = await StartAsync();
        var body = BodyOf("""{"type":"uri","data":{"uri":"https://example.org",{0}}}""", webhook);

        var answer = await edge.SendAsync(HttpMethod.Post, "/api/start", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(field, error.RootElement.GetProperty("field").GetString());
        var sentence = error.RootElement.GetProperty("error").GetString()!;
        Assert.Contains(why, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("c2hvcnQ", sentence, StringComparison.Ordinal);
        Assert.Empty(edge.Book.Webhooks);
        Assert.DoesNotContain(edge.Farm.Heard, message => message is AdmitSession);
    }

    [Fact]
    public async Task The_same_start_under_one_key_has_the_same_receivers()
    {
        await using var edge = await StartAsync();
        var body = BodyOf(
            """{"type":"uri","data":{"uri":"https://example.org",{0}}}""",
            $$"""{"url":"https://192.0.2.7/","secret":"{{Secret}}"}"""
        );
        var other = body.Replace("192.0.2.7", "192.0.2.8", StringComparison.Ordinal);
        foreach (var one in new[] { body, body, other })
        {
            await edge.SendAsync(HttpMethod.Post, "/api/start?wait=false", one, ("Idempotency-Key", "k"));
        }

        var asked = edge.Farm.Heard.OfType<AdmitSession>().Select(ask => Assert.Single(ask.Spec.Webhooks)).ToList();
        Assert.Equal(asked[0], asked[1]);
        Assert.NotEqual(asked[0], asked[2]);
        Assert.Equal(2, edge.Book.Webhooks.Count);
    }

    private static string BodyOf(string form, string webhook) =>
        form.Replace("{0}", $"\"webhooks\":[{webhook}]", StringComparison.Ordinal);

    private static async Task<EdgeFixture> StartAsync()
    {
        var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(7), 1, "akka.tcp://recorder@a:1"));
        return edge;
    }
}
