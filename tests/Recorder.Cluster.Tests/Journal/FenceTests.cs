using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Database;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;
using Recorder.Cluster.Tests.Sessions.Actor;

namespace Recorder.Cluster.Tests.Journal;

/// <summary>Two incarnations of one session at once, as after a network partition, on the real journal.</summary>
[Trait("ring", "actor")]
public sealed class FenceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_incarnation_that_was_replaced_stops_at_its_next_sign_of_life_and_ends_its_media()
    {
        var config = ConfigurationFactory
            .ParseString(
                $$"""
                akka.loglevel = OFF
                akka.stdout-loglevel = OFF
                akka.test.single-expect-default = 20 s
                akka.actor.serializers.wire = "{{typeof(WireSerializer).AssemblyQualifiedName}}"
                akka.actor.serialization-bindings { "{{typeof(IWireMessage).AssemblyQualifiedName}}" = wire }
                """
            )
            .WithFallback(JournalConfiguration.Sqlite(_folder.Database, TimeSpan.FromMinutes(1)));
        await SqliteFile.PrepareAsync(_folder.Database, CancellationToken.None);
        using var kit = new TestKit(config);

        var placement = kit.CreateTestProbe();
        var (staleMedia, media) = (kit.CreateTestProbe(), kit.CreateTestProbe());
        var clock = new ManualClock(Sample.Begin);
        IActorRef Incarnate(TestProbe observer) =>
            kit.Sys.ActorOf(
                SessionActor.PropsFor(
                    Sample.Id,
                    new SessionSurroundings(
                        new ScriptedMedia(observer),
                        placement,
                        new SessionOptions(),
                        clock,
                        Sample.Node
                    )
                )
            );

        var stale = Incarnate(staleMedia);
        stale.Tell(new StartSession(Sample.Id, Sample.Spec));
        var begin = await staleMedia.ExpectMsgAsync<BeginRecording>();
        var staleChild = staleMedia.LastSender;
        staleChild.Tell(new ScriptedMedia.Say(new FirstFrameWritten(begin.RecordPath, clock.GetUtcNow())));
        await placement.FishForMessageAsync(message =>
            message is ReportSession { Summary.Phase: SessionPhase.Recording }
        );

        Incarnate(media).Tell(new ResumeSession(Sample.Id, Sample.Spec));
        Assert.Equal(2, (await media.ExpectMsgAsync<BeginRecording>()).Attempt);

        var watcher = kit.CreateTestProbe();
        await watcher.WatchAsync(stale);
        await watcher.WatchAsync(staleChild);
        clock.Advance(TimeSpan.FromSeconds(5));
        staleChild.Tell(
            new ScriptedMedia.Say(
                new RecordGrew(begin.RecordPath, clock.GetUtcNow(), 125, 0, 1000, TimeSpan.FromSeconds(5))
            )
        );
        await watcher.ExpectMsgAsync<Terminated>();
        await watcher.ExpectMsgAsync<Terminated>();
    }
}
