using System.Collections.Concurrent;
using System.Text.Json;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Events reach a receiver whatever the receiver and the node do.</summary>
public sealed class WebhookTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private const string Rtp = """{"type":"rtp","data":{"rtpPort":0,"rtcpPort":0}}""";

    [Fact]
    public async Task Each_event_arrives_in_order_although_the_receiver_fails_and_the_node_is_killed()
    {
        var calls = new ConcurrentDictionary<string, int>();
        await using var receiver = new ScriptedReceiver(received =>
            calls.AddOrUpdate(received.Id, 1, (_, count) => count + 1) > 1
                ? ScriptedReceiver.Ok
                : calls.Count switch
                {
                    2 => ScriptedReceiver.Broken,
                    3 => ScriptedReceiver.CutOff,
                    _ => ScriptedReceiver.Ok,
                }
        );
        var node = await StartNodeAsync(new RecorderNodeSettings { NetworkAllow = "127.0.0.1" });
        await PostAsync(node, "/api/webhooks", $$"""{"url":"{{receiver.Url}}","types":["session.*"]}""");

        var started = await PostAsync(node, "/api/start", Rtp);
        var id = started.GetProperty("id").GetInt32();
        await Eventually.BeAsync(
            "the first event has arrived",
            TimeSpan.FromSeconds(20),
            () => !receiver.Heard.IsEmpty
        );
        await node.KillAsync();
        await node.StartAsync();
        await node.Api.StopAsync(id);

        await Eventually.BeAsync(
            "the end has arrived",
            TimeSpan.FromSeconds(120),
            () => receiver.Heard.Any(one => TypeOf(one.Body) is "session.stopped" or "session.interrupted"),
            () => string.Join(", ", receiver.Heard.Select(one => TypeOf(one.Body)))
        );
        using var told = JsonDocument.Parse(
            (await node.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{id}/events")).Body
        );
        var expected = told
            .RootElement.EnumerateArray()
            .Where(one => one.GetProperty("type").GetString()!.StartsWith("session.", StringComparison.Ordinal))
            .Select(one => one.GetProperty("id").GetString()!)
            .ToList();
        Assert.Equal(expected, receiver.Heard.Select(one => one.Id).Distinct());
        Assert.Contains(calls.Values, count => count > 1);
    }

    private static string? TypeOf(string body)
    {
        using var text = JsonDocument.Parse(body);
        return text.RootElement.GetProperty("type").GetString();
    }

    private static async Task<JsonElement> PostAsync(RecorderNode node, string path, string body)
    {
        using var json = JsonDocument.Parse((await node.Api.SendAsync(HttpMethod.Post, path, body)).Body);
        return json.RootElement.Clone();
    }
}
