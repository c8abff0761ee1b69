using System.Globalization;
using Recorder.Cluster.Webhooks;
using Recorder.Node.Webhooks;
using Recorder.Worker.Network;

namespace Recorder.Node.Tests.Webhooks;

/// <summary>Calls of receivers, over real connections.</summary>
[Trait("ring", "actor")]
public sealed class WebhookCallsTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public async Task A_call_has_the_form_of_Standard_Webhooks()
    {
        await using var receiver = new ScriptedReceiver(_ => ScriptedReceiver.Ok);
        var outcome = await SendAsync(receiver.Url, "127.0.0.1");

        Assert.Equal((200, null), (outcome.Status, outcome.Error));
        var heard = Assert.Single(receiver.Heard);
        Assert.Equal("evt_1-2-0", heard.Id);
        Assert.Equal("application/json", heard.Headers["content-type"]);
        Assert.Equal("""{"id":"evt_1-2-0"}""", heard.Body);
        var at = DateTimeOffset.FromUnixTimeSeconds(
            long.Parse(heard.Headers["webhook-timestamp"], CultureInfo.InvariantCulture)
        );
        Assert.Equal(
            WebhookSecret.Sign([Secret], heard.Id, at, heard.Body),
            heard.Headers["webhook-signature"]
        );
    }

    [Theory]
    [InlineData(ScriptedReceiver.Broken, 500, "answered 500")]
    [InlineData(ScriptedReceiver.Gone, 410, "answered 410")]
    [InlineData(ScriptedReceiver.Elsewhere, 302, "answered 302")]
    [InlineData(ScriptedReceiver.CutOff, null, "could not be called")]
    [InlineData("", null, "could not be called")]
    [InlineData("nonsense\r\n\r\n", null, "could not be called")]
    public async Task What_is_no_success_says_why(string answer, int? status, string why)
    {
        await using var receiver = new ScriptedReceiver(_ => answer);
        var outcome = await SendAsync(receiver.Url, "127.0.0.1");
        Assert.Equal(status, outcome.Status);
        Assert.Contains(why, outcome.Error, StringComparison.Ordinal);
        Assert.Single(receiver.Heard);
    }

    [Fact]
    public async Task A_receiver_may_ask_for_a_wait()
    {
        await using var receiver = new ScriptedReceiver(_ => ScriptedReceiver.Busy);
        Assert.Equal(TimeSpan.FromSeconds(77), (await SendAsync(receiver.Url, "127.0.0.1")).RetryAfter);
    }

    [Fact]
    public async Task A_receiver_that_hangs_is_left_after_15_s()
    {
        await using var receiver = new ScriptedReceiver(_ => null);
        var outcome = await SendAsync(receiver.Url, "127.0.0.1");
        Assert.Equal("The receiver did not answer within 15 s.", outcome.Error);
        Assert.InRange(outcome.Took, TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Nobody_is_called_whom_the_policy_refuses()
    {
        await using var receiver = new ScriptedReceiver(_ => ScriptedReceiver.Ok);
        Assert.Contains(
            "Network:Allow",
            (await SendAsync(receiver.Url)).Error,
            StringComparison.Ordinal
        );

        // The name is refused for what it is resolved to, also where its form says nothing.
        var named = $"http://localhost:{receiver.Port}/";
        Assert.Contains("Network:Allow", (await SendAsync(named, "10.0.0.0/8")).Error, StringComparison.Ordinal);
        Assert.Empty(receiver.Heard);
        Assert.Null((await SendAsync(named, "localhost")).Error);
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_is_told()
    {
        var receiver = new ScriptedReceiver(_ => ScriptedReceiver.Ok);
        var url = receiver.Url;
        await receiver.DisposeAsync();
        var outcome = await SendAsync(url, "127.0.0.1");
        Assert.Contains("refused", outcome.Error, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<CallOutcome> SendAsync(string url, params string[] allow)
    {
        using var calls = new WebhookCalls(NetworkPolicy.Read(allow, []), TimeProvider.System);
        return await calls.SendAsync(
            new WebhookCall(url, "evt_1-2-0", """{"id":"evt_1-2-0"}""", [Secret]),
            CancellationToken.None
        );
    }
}
