using System.Diagnostics;
using System.Text.Json;
using Akka.Actor;
using Dapper;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Events;

/// <summary>The feed of a whole node.</summary>
[Trait("ring", "farm")]
public sealed class FeedTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_recording_is_told_as_it_happens_and_again_after_a_restart()
    {
        List<string> told;
        SessionId id;
        await using (var node = await TestNode.StartAsync(_folder))
        {
            id = await node.RecordAsync();
            await SeeAsync(node, id, EventType.SessionStarted);
            await node.StopAsync(id);
            told = await SeeAsync(node, id, EventType.RecordManifestWritten);
        }
        Assert.Equal(
            [
                EventType.SessionAccepted,
                EventType.RecordOpened,
                EventType.SessionStarted,
                EventType.SessionStopping,
                EventType.RecordFinished,
                EventType.SessionStopped,
                EventType.RecordManifestWritten,
            ],
            told.Select(body => Read(body, "type").GetString())
        );
        Assert.Equal(Enumerable.Range(1, 7), told.Select(body => Read(body, "seq").GetInt32()));

        // The read model is made anew: the same events, and none twice.
        await using (var node = await TestNode.StartAsync(_folder))
        {
            await using (var connection = await node.Database.OpenAsync(CancellationToken.None))
            {
                await connection.ExecuteAsync("DELETE FROM projections");
            }
            await node.DisposeAsync();
        }
        await using var next = await TestNode.StartAsync(_folder);
        var another = await next.RecordAsync();
        await SeeAsync(next, another, EventType.SessionStarted);
        Assert.Equal(told, await SeeAsync(next, id, EventType.RecordManifestWritten));
    }

    [Fact]
    public async Task A_watcher_hears_of_a_finished_record_within_a_second()
    {
        await using var node = await TestNode.StartAsync(_folder);
        var id = await node.RecordAsync();
        await SeeAsync(node, id, EventType.SessionStarted);
        var feed = new EventFeed(node.Database);
        var begin = (await feed.BoundsAsync(CancellationToken.None)).Last;
        var grown = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = Stopwatch.GetTimestamp();
        Func<Task> look = async () =>
        {
            var part = await feed.AfterAsync(begin, EventFilter.Everything, 100, CancellationToken.None);
            if (part.Events.Exists(told => told.Type == EventType.RecordFinished))
            {
                grown.TrySetResult(Stopwatch.GetElapsedTime(stopped));
            }
        };
        node.System.ActorOf(Props.Create(() => new Watcher(look)));

        stopped = Stopwatch.GetTimestamp();
        await node.StopAsync(id);

        var took = await grown.Task.WaitAsync(TestNode.Limit);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private static async Task<List<string>> SeeAsync(TestNode node, SessionId id, string type)
    {
        var feed = new EventFeed(node.Database);
        List<string> bodies = [];
        await Eventually.BeAsync(
            $"{type} of session {id} is told",
            TestNode.FarmLimit,
            async () =>
            {
                bodies =
                [
                    .. (await feed.OfSessionAsync(id.Value, 0, 100, CancellationToken.None)).Select(told => told.Body),
                ];
                return bodies.Exists(body => Read(body, "type").GetString() == type);
            },
            () => string.Join("\n", bodies)
        );
        return bodies;
    }

    private static JsonElement Read(string body, string field)
    {
        using var text = JsonDocument.Parse(body);
        return text.RootElement.GetProperty(field).Clone();
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(Func<Task> look) => ReceiveAsync<FeedGrew>(_ => look());

        protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(FeedGrew));
    }
}
