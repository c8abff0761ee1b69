using Akka.Actor;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>What a session publishes for whoever counts.</summary>
public sealed class SessionActorNewsTests : SessionActorTestKit
{
    [Fact]
    public async Task Each_event_is_news_once_it_is_written_with_the_state_before_and_after()
    {
        var news = CreateTestProbe();
        Sys.EventStream.Subscribe(news, typeof(SessionEventWritten));

        await RecordAsync();

        var written = (await DrainAsync(news)).Cast<SessionEventWritten>().ToList();
        Assert.Equal(
            [typeof(SessionAccepted), typeof(AttemptStarted), typeof(RecordNamed), typeof(RecordOpened)],
            written.Select(one => one.Event.GetType())
        );
        Assert.All(written.Zip(written.Skip(1)), pair => Assert.Same(pair.Item1.After, pair.Item2.Before));
        Assert.Equal(
            (SessionPhase.Starting, SessionPhase.Recording),
            (written[^1].Before.Phase, written[^1].After.Phase)
        );
    }

    [Fact]
    public async Task What_the_media_side_tells_is_news_each_time_though_little_of_it_is_written()
    {
        var path = await RecordAsync();
        var news = CreateTestProbe();
        Sys.EventStream.Subscribe(news, typeof(SessionNews));

        foreach (var frames in new[] { 25, 50, 75 })
        {
            MediaSays(new RecordGrew(path, Clock.GetUtcNow(), frames, 0, 1000, TimeSpan.FromSeconds(1)));
        }
        await HeardAllAsync();

        Assert.Equal(
            [25L, 50L, 75L],
            (await DrainAsync(news)).Select(one =>
                Assert.IsType<RecordGrew>(Assert.IsType<SessionMediaHeard>(one).Heard).FramesCaptured
            )
        );
    }

    [Fact]
    public async Task What_the_media_side_tells_is_news_at_once_though_the_database_takes_no_event()
    {
        var path = await RecordAsync();
        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        Clock.Advance(Options.EvidenceInterval);
        MediaSays(new RecordGrew(path, Clock.GetUtcNow(), 25, 0, 1000, TimeSpan.FromSeconds(1)));
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        var news = CreateTestProbe();
        Sys.EventStream.Subscribe(news, typeof(SessionNews));

        MediaSays(new RecordGrew(path, Clock.GetUtcNow(), 50, 0, 1000, TimeSpan.FromSeconds(2)));

        Assert.Equal(
            50,
            Assert.IsType<RecordGrew>((await news.ExpectMsgAsync<SessionMediaHeard>()).Heard).FramesCaptured
        );
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        await HeardAllAsync();
    }

    [Fact]
    public async Task A_session_whose_incarnation_ends_is_left_and_what_the_next_one_recovers_is_no_news()
    {
        await RecordAsync();
        var news = CreateTestProbe();
        Sys.EventStream.Subscribe(news, typeof(SessionNews));

        await LoseNodeAsync();
        await HeardAllAsync(childEnding: true);

        Assert.Equal([new SessionLeft(Sample.Id)], await DrainAsync(news));
    }
}
