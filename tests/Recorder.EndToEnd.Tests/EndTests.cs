using System.Net;
using System.Text.Json;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Sessions that end by themselves, with a real browser.</summary>
public sealed class EndTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Each page does at one moment what its rule waits for. What must have been seen before comes late,
    /// since a loaded machine needs some seconds for a start.</summary>
    [Fact]
    public async Task Each_rule_ends_its_own_session_and_says_so()
    {
        var node = await StartNodeAsync();
        foreach (
            var (page, end, reason) in new (string, object, string)[]
            {
                ("quiet=4&begin=0", new { silence = new { @for = "4 s" }, still = new { @for = "1 h" } }, "silence"),
                ("still=4&begin=0&quiet=900", new { still = new { @for = "4 s" }, silence = new { @for = "1 h" } }, "still"),
                ("begin=0&end=5", new { page = new[] { "end_signal" } }, "end_signal"),
                ("begin=0&away=9", new { page = new[] { "closed", "navigated_away" } }, "navigated_away"),
                ("begin=0&push=9", new { page = new[] { "navigated_away" } }, "navigated_away"),
                ("begin=0&close=9", new { page = new[] { "closed" } }, "closed"),
                ("begin=0&gone=9", new { page = new[] { "selector_gone" }, selector = ".call" }, "selector_gone"),
                ("begin=0&over=5", new { text = "the meeting has ended" }, "text"),
                ("begin=0&alone=4", new { alone = new { selector = ".person", @for = "2 s" } }, "alone"),
                ("begin=0", new { max_duration = "4 s" }, "max_duration"),
            }
        )
        {
            var answer = await node.Api.SendAsync(
                HttpMethod.Post,
                "/api/start",
                JsonSerializer.Serialize(
                    new
                    {
                        type = "uri",
                        data = new
                        {
                            uri = Pages.Meeting(page).ToString(),
                            width = 640,
                            height = 360,
                            end,
                        },
                    }
                )
            );
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            var id = JsonDocument.Parse(answer.Body).RootElement.GetProperty("id").GetInt32();
            await node.Api.SeeSessionAsync(id, $"it ends by {reason}", Limit, session => session.State == "stopped");
            var told = await node.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{id}");
            Tell($"{reason}: {told.Answered - answer.Answered}");
            Assert.Equal(
                reason,
                JsonDocument.Parse(told.Body).RootElement.GetProperty("end_reason").GetString()
            );
        }
    }
}
