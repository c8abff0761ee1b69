using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Feed;

namespace Recorder.Http.Tests.Feed;

[Trait("ring", "actor")]
public sealed class EventCallsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task The_events_of_a_session_come_in_pages()
    {
        await using var edge = await EdgeFixture.StartAsync();
        for (var number = 1; number <= 5; number++)
        {
            edge.Feed.Add("record.opened", 1);
            edge.Feed.Add("record.opened", 2);
        }

        var first = await edge.Client.GetAsync("/api/sessions/1/events?limit=3");
        Assert.Equal([1, 2, 3], await SeqsAsync(first));
        var next = Assert.Single(first.Headers.GetValues("Link"));
        Assert.Equal("</api/sessions/1/events?limit=3&after=3>; rel=\"next\"", next);
        var second = await edge.Client.GetAsync("/api/sessions/1/events?limit=3&after=3");
        Assert.Equal([4, 5], await SeqsAsync(second));
        Assert.False(second.Headers.Contains("Link"));
    }

    [Fact]
    public async Task An_event_is_answered_as_it_was_written()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Feed.Add("record.finished", 1, """{"path":"/records/ä.mp4","duration":18.04,"reason":null}""");

        var answer = await edge.Client.GetStringAsync("/api/sessions/1/events");

        var part = await edge.Feed.AfterAsync(0, EventFilter.Everything, 1, CancellationToken.None);
        Assert.Equal($"[{part.Events[0].Body}]", answer);
    }

    [Fact]
    public async Task A_session_that_never_was_is_no_empty_list()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(find => new SessionUnknown(find.Id));
        Assert.Equal(HttpStatusCode.NotFound, (await edge.Client.GetAsync("/api/sessions/7/events")).StatusCode);
    }

    [Fact]
    public async Task A_database_that_is_away_is_answered_503()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Feed.Failure = new Microsoft.Data.Sqlite.SqliteException("away", 1);
        foreach (var path in new[] { "/api/sessions/1/events", "/api/events" })
        {
            var answer = await edge.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        }
    }

    [Fact]
    public async Task A_reader_gets_what_happens_from_now_on_and_goes_on_after_its_last_event()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Feed.Add("record.opened", 1);
        using (var reader = await Reader.OpenAsync(edge, "/api/events"))
        {
            await TellAsync(edge, "record.finished", 1);
            Assert.Equal((2, "record.finished"), await reader.NextAsync());
        }

        edge.Feed.Add("session.stopped", 1);
        using var again = await Reader.OpenAsync(edge, "/api/events", "2");
        Assert.Equal((3, "session.stopped"), await again.NextAsync());
        await TellAsync(edge, "record.opened", 2);
        Assert.Equal((4, "record.opened"), await again.NextAsync());
    }

    [Fact]
    public async Task A_silent_connection_shows_that_it_lives_and_how_far_events_were_passed_over()
    {
        await using var edge = await EdgeFixture.StartAsync(map: app =>
            app.Services.GetRequiredService<FeedReaders>().Heartbeat = TimeSpan.FromMilliseconds(100)
        );
        edge.Feed.Add("record.opened", 1);
        using var reader = await Reader.OpenAsync(edge, "/api/events?session=2");

        Assert.Equal(1, await reader.HeartbeatAsync());
        await TellAsync(edge, "record.finished", 1);

        while (await reader.HeartbeatAsync() is var passed && passed < 2)
        {
            Assert.Equal(1, passed);
        }
        await TellAsync(edge, "record.opened", 2);
        Assert.Equal((3, "record.opened"), await reader.NextAsync());
    }

    [Fact]
    public async Task A_reader_gets_only_the_events_that_it_wants()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Feed.Add("record.opened", 1);
        edge.Feed.Add("record.opened", 2);
        edge.Feed.Add("session.stopped", 2);
        edge.Feed.Add("record.finished", 2);
        using var reader = await Reader.OpenAsync(edge, "/api/events?types=record.*&session=2&after=0");
        Assert.Equal((2, "record.opened"), await reader.NextAsync());
        Assert.Equal((4, "record.finished"), await reader.NextAsync());
    }

    [Fact]
    public async Task Events_are_filtered_by_the_labels_of_their_session()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Feed.Add("record.opened", 1, labels: """{"room":"Sal","term":"w26"}""");
        edge.Feed.Add("record.opened", 2, labels: """{"room":"Aula"}""");
        edge.Feed.Add("node.joined", null);
        edge.Feed.Add("record.finished", 1, labels: """{"room":"Sal","term":"w26"}""");
        using (var reader = await Reader.OpenAsync(edge, "/api/events?label.room=Sal&label.term=w26&after=0"))
        {
            Assert.Equal((1, "record.opened"), await reader.NextAsync());
            Assert.Equal((4, "record.finished"), await reader.NextAsync());
        }

        var page = await edge.Client.GetAsync("/api/sessions/1/events?label.room=Sal&limit=1");
        Assert.Equal([1], await SeqsAsync(page));
        Assert.Equal(
            "</api/sessions/1/events?label.room=Sal&limit=1&after=1>; rel=\"next\"",
            Assert.Single(page.Headers.GetValues("Link"))
        );
        edge.Farm.On<FindSession>(find => new SessionUnknown(find.Id));
        Assert.Empty(await SeqsAsync(await edge.Client.GetAsync("/api/sessions/2/events?label.room=Sal")));
        foreach (var path in new[] { "/api/events", "/api/sessions/1/events" })
        {
            var refused = await edge.Client.GetAsync($"{path}?label.Room=Sal");
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_long_past_comes_whole_and_in_order()
    {
        await using var edge = await EdgeFixture.StartAsync();
        for (var number = 0; number < EventTail.PartLength * 3; number++)
        {
            edge.Feed.Add("record.opened", 1);
        }
        using var reader = await Reader.OpenAsync(edge, "/api/events?after=0");
        for (var number = 1; number <= EventTail.PartLength * 3; number++)
        {
            Assert.Equal((number, "record.opened"), await reader.NextAsync());
        }
    }

    [Fact]
    public async Task A_reader_who_comes_back_too_late_is_told_of_the_gap()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Feed.Add("record.opened", 1);
        edge.Feed.Add("record.opened", 1);
        edge.Feed.Add("record.opened", 1);
        edge.Feed.DeletedTo = 2;
        using var reader = await Reader.OpenAsync(edge, "/api/events", "1");
        Assert.Equal((3, "record.opened"), await reader.NextAsync());
        Assert.Contains("event: gap", reader.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_readers_at_one_place_share_one_look()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var readers = new List<Reader>();
        for (var count = 0; count < 20; count++)
        {
            readers.Add(await Reader.OpenAsync(edge, "/api/events"));
        }
        var before = edge.Feed.Looks;
        await TellAsync(edge, "record.finished", 1);
        foreach (var reader in readers)
        {
            Assert.Equal((1, "record.finished"), await reader.NextAsync());
        }
        Assert.InRange(edge.Feed.Looks - before, 1, 10);
        readers.ForEach(reader => reader.Dispose());
    }

    [Fact]
    public async Task An_edge_takes_a_limited_number_of_readers()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var places = edge.App.Services.GetRequiredService<FeedReaders>();
        for (var count = 1; count < FeedReaders.Most; count++)
        {
            Assert.True(places.TryEnter());
        }
        using (await Reader.OpenAsync(edge, "/api/events"))
        {
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await edge.Client.GetAsync("/api/events")).StatusCode
            );
        }
        await Eventually.BeAsync("the place of a reader who has gone is free", Limit, () => places.TryEnter());
    }

    [Fact]
    public async Task A_reader_who_takes_nothing_is_closed()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var address = new Uri(edge.Address);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveBufferSize = 4096,
        };
        await socket.ConnectAsync(address.Host, address.Port);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"GET /api/events?after=0 HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n")
        );
        var data = $$"""{"text":"{{new string('x', 4096)}}"}""";
        for (var number = 0; number < 5_000; number++)
        {
            edge.Feed.Add("record.opened", 1, data);
        }
        edge.App.Services.GetRequiredService<EventTail>().Ring();

        await edge.Log.SeeAsync("A reader of events took nothing");
    }

    private static async Task TellAsync(EdgeFixture edge, string type, int session)
    {
        var position = edge.Feed.Add(type, session);
        edge.App.Services.GetRequiredService<ActorSystem>().EventStream.Publish(new FeedGrew(position));
        await Task.Yield();
    }

    private static async Task<IEnumerable<int>> SeqsAsync(HttpResponseMessage answer)
    {
        using var list = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return [.. list.RootElement.EnumerateArray().Select(told => told.GetProperty("seq").GetInt32())];
    }

    /// <summary>A reader of server-sent events.</summary>
    private sealed class Reader : IDisposable
    {
        private readonly StringBuilder _seen = new();
        private readonly HttpResponseMessage _answer;
        private readonly StreamReader _lines;

        private Reader(HttpResponseMessage answer, Stream body)
        {
            _answer = answer;
            _lines = new StreamReader(body, Encoding.UTF8);
        }

        public string Seen => _seen.ToString();

        public static async Task<Reader> OpenAsync(EdgeFixture edge, string path, string? lastEventId = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (lastEventId is not null)
            {
                request.Headers.Add("Last-Event-ID", lastEventId);
            }
            var answer = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
            var reader = new Reader(answer, await answer.Content.ReadAsStreamAsync());
            while (await reader.LineAsync() != ": the feed begins here") { }

            return reader;
        }

        /// <summary>The next event: its place and its type.</summary>
        public async Task<(long Position, string Type)> NextAsync()
        {
            var id = 0L;
            while (true)
            {
                var line = await LineAsync();
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    id = long.Parse(line[4..], System.Globalization.CultureInfo.InvariantCulture);
                }
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    using var text = JsonDocument.Parse(line[6..]);
                    return (id, text.RootElement.GetProperty("type").GetString()!);
                }
            }
        }

        /// <summary>The place that the next sign of life tells.</summary>
        public async Task<long> HeartbeatAsync()
        {
            var id = 0L;
            while (await LineAsync() is var line && line != ": alive")
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    id = long.Parse(line[4..], System.Globalization.CultureInfo.InvariantCulture);
                }
            }
            return id;
        }

        private async Task<string> LineAsync()
        {
            var line =
                await _lines.ReadLineAsync().WaitAsync(Limit)
                ?? throw new InvalidOperationException($"The stream has ended after: {_seen}");
            _seen.AppendLine(line);
            return line;
        }

        public void Dispose()
        {
            _lines.Dispose();
            _answer.Dispose();
        }
    }
}
