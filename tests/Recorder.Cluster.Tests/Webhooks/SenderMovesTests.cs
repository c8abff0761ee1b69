using System.Collections.Concurrent;
using System.Text.Json;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Webhooks;

/// <summary>The node that sends events dies within a farm of three.</summary>
public sealed class SenderMovesTests : GrowingFarm
{
    [Fact]
    public async Task Each_event_arrives_in_order_and_under_its_id_although_the_sender_dies()
    {
        var receiver = new Receiver();
        var first = await JoinAsync(SeedPort, webhooks: receiver);
        var second = await JoinAsync(LoopbackPort.Free(), webhooks: receiver);
        await JoinAsync(LoopbackPort.Free(), webhooks: receiver);
        await CapacitiesAsync(second, 3);
        await new WebhookStore(second.Database).PutAsync(
            new Webhook(
                "a",
                WebhookSource.Api,
                "https://example.org/hook",
                ["session.*", "record.*"],
                null,
                null,
                Enabled: true,
                null,
                TimeProvider.System.GetUtcNow().AddMinutes(-1),
                WebhookSecret.New(),
                null,
                null
            ),
            CancellationToken.None
        );
        var before = await second.RecordAsync();
        var across = await second.RecordAsync();
        await second.StopAsync(before);
        await Eventually.BeAsync("the first events have arrived", TestNode.FarmLimit, () => receiver.Taken.Count > 3);

        // The oldest node has the sender, the read model and the placement.
        receiver.Breaks = true;
        await first.KillAsync();
        receiver.Breaks = false;
        await second.MembersAsync("of two", farm => farm.Members.Count == 2);
        await second.SummaryAsync(across, "recording", session => session.Phase == SessionPhase.Recording);
        await second.StopAsync(across);

        foreach (var session in new[] { before, across })
        {
            List<string> told = [];
            await Eventually.BeAsync(
                $"all events of session {session} have arrived",
                TestNode.FarmLimit,
                async () =>
                {
                    told = await ToldAsync(second, session);
                    return told.Count > 5 && told.ToHashSet().IsSubsetOf(receiver.TakenOf(session));
                },
                () => $"{string.Join(", ", told)} and of these {string.Join(", ", receiver.TakenOf(session))}"
            );

            // In order, and no event under another id.
            Assert.Equal(told, receiver.TakenOf(session));
        }
    }

    private static async Task<List<string>> ToldAsync(TestNode node, SessionId session)
    {
        var page = await new EventFeed(node.Database).OfSessionAsync(session.Value, 0, 1_000, CancellationToken.None);
        List<string> told = [];
        foreach (var one in page)
        {
            using var text = JsonDocument.Parse(one.Body);
            var type = text.RootElement.GetProperty("type").GetString()!;
            if (type.StartsWith("session.", StringComparison.Ordinal) || type.StartsWith("record.", StringComparison.Ordinal))
            {
                told.Add(text.RootElement.GetProperty("id").GetString()!);
            }
        }
        return told;
    }

    /// <summary>A receiver that loses some answers, and fails on command.</summary>
    private sealed class Receiver : IWebhookCalls
    {
        private int _calls;

        public bool Breaks { get; set; }

        /// <summary>The events that were taken, in their order, again and again.</summary>
        public ConcurrentQueue<string> Taken { get; } = new();

        public List<string> TakenOf(SessionId session) =>
            [
                .. Taken
                    .Where(id => id.StartsWith($"evt_{session.Value}-", StringComparison.Ordinal))
                    .Distinct(),
            ];

        public async Task<CallOutcome> SendAsync(WebhookCall call, CancellationToken cancellation)
        {
            await Task.Delay(20, CancellationToken.None);
            if (Breaks)
            {
                return new CallOutcome(500, "The receiver answered 500.", null, TimeSpan.Zero);
            }
            Taken.Enqueue(call.EventId);
            return Interlocked.Increment(ref _calls) % 4 == 0
                ? new CallOutcome(null, "The answer was lost.", null, TimeSpan.Zero)
                : new CallOutcome(200, null, null, TimeSpan.Zero);
        }
    }
}
