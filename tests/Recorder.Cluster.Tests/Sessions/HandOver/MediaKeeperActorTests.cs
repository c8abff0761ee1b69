using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions.Actor;

namespace Recorder.Cluster.Tests.Sessions.HandOver;

/// <summary>The keeper between probes: whoever hands over, the placement, the next incarnation and the media child. The
/// keeper's timers stand still until a test moves them.</summary>
[Trait("ring", "actor")]
public sealed class MediaKeeperActorTests : TestKit
{
    private static readonly PrepareMedia Prepare = new(Sample.Id, 2, Sample.Spec, [Sample.FirstRecord], false);

    private readonly ManualClock _clock = new(Sample.Begin);
    private readonly TestFolder _folder = new();
    private readonly TestProbe _asker;
    private readonly TestProbe _placement;
    private readonly TestProbe _session;
    private readonly TestProbe _media;
    private readonly ScriptedMedia _scripted;
    private readonly IActorRef _keeper;

    public MediaKeeperActorTests()
        : base(ActorSettings.OwnTime)
    {
        _asker = CreateTestProbe("asker");
        _placement = CreateTestProbe("placement");
        _session = CreateTestProbe("session");
        _media = CreateTestProbe("media");
        _scripted = new ScriptedMedia(_media, _folder.Records);
        _keeper = Sys.ActorOf(
            Props.Create(() => new MediaKeeperActor(_scripted, _placement, Sample.OtherNode, _clock)),
            MediaKeeperActor.Name
        );
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_record_that_has_its_first_frame_is_prepared_and_the_placement_is_told_all_the_while()
    {
        var path = await BeginAsync();
        Assert.NotEqual(Sample.FirstRecord, path);
        await _placement.ExpectMsgAsync(new MediaKept(Sample.Id, Sample.OtherNode));
        await PrepareAsync(path);
        Advance(1);
        await _placement.ExpectMsgAsync(new MediaKept(Sample.Id, Sample.OtherNode));
    }

    [Fact]
    public async Task A_failing_media_side_is_told_and_its_file_removed()
    {
        var path = await BeginAsync();
        Says(new MediaFailed(FaultCode.PageFailed, "The page did not load."));
        await _asker.ExpectMsgAsync(new MediaNotPrepared(Sample.Id, "The page did not load."));
        await GoneAsync(path);
        await BeginAsync();
    }

    [Fact]
    public async Task A_crashing_media_side_is_told_and_its_file_removed()
    {
        var path = await BeginAsync();
        _scripted.Child!.Tell(new ScriptedMedia.Crash());
        Assert.Contains(
            "unexpectedly",
            (await _asker.ExpectMsgAsync<MediaNotPrepared>()).Message,
            StringComparison.Ordinal
        );
        await GoneAsync(path);
    }

    [Fact]
    public async Task A_record_without_a_frame_is_given_up_after_the_limit()
    {
        var path = await BeginAsync();
        await HeardAsync();
        Advance(MediaKeeperActor.PrepareLimit.TotalSeconds);
        Assert.Contains(
            "30 seconds",
            (await _asker.ExpectMsgAsync<MediaNotPrepared>()).Message,
            StringComparison.Ordinal
        );
        await GoneAsync(path);
    }

    [Fact]
    public void The_steps_of_a_page_and_its_way_back_into_the_meeting_have_their_time()
    {
        var page = new PageSessionSpec(new Uri("https://example.org/room"));
        var joins = page with
        {
            Begin = BeginRule.AtOnce,
            Settings = new PageSettings { Steps = [new PageStep(PageStepKind.Click, "#join") { Timeout = TimeSpan.FromSeconds(40) }] },
        };

        Assert.Equal(MediaKeeperActor.PrepareLimit, MediaKeeperActor.PrepareLimitOf(page));
        Assert.Equal(
            MediaKeeperActor.PrepareLimit + TimeSpan.FromSeconds(40) + BeginRule.RejoinTime,
            MediaKeeperActor.PrepareLimitOf(joins)
        );
    }

    [Fact]
    public async Task Whoever_asks_again_gets_the_same_record_and_keeps_it_alive()
    {
        var path = await BeginAsync();
        Ask(Prepare);
        await HeardAsync();
        Assert.Empty(await DrainAsync(_media));
        await PrepareAsync(path);
        for (var times = 0; times < 3; times++)
        {
            Advance(MediaKeeperActor.AdoptionLimit.TotalSeconds - 1);
            Ask(Prepare with { Prepared = true });
            Assert.Equal(path, (await _asker.ExpectMsgAsync<MediaPrepared>()).Path);
        }

        Assert.Empty(await DrainAsync(_media));
    }

    [Fact]
    public async Task A_word_that_it_is_still_wanted_begins_nothing()
    {
        Ask(Prepare with { Prepared = true });
        await HeardAsync();
        Assert.Empty(await DrainAsync(_media));
    }

    [Fact]
    public async Task The_record_is_paused_as_the_session_is()
    {
        var path = await BeginAsync(Prepare with { Paused = true });
        await PrepareAsync(path);
        await _media.ExpectMsgAsync<PauseRecording>();
        Ask(Prepare);
        await _media.ExpectMsgAsync<UnpauseRecording>();
        Ask(Prepare with { Paused = true });
        await _media.ExpectMsgAsync<PauseRecording>();
        Assert.True((await AdoptAsync()).Paused);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_dismissed_is_removed(bool prepared)
    {
        var path = await BeginAsync();
        if (prepared)
        {
            await PrepareAsync(path);
        }
        Ask(new DismissMedia(Sample.Id));
        await GoneAsync(path);
        await AdoptNothingAsync();
        await BeginAsync();
    }

    [Fact]
    public async Task The_adopter_hears_in_order_what_was_said_meanwhile_and_all_that_follows()
    {
        var path = await BeginAsync();
        await PrepareAsync(path);
        for (var frames = 1; frames <= 3; frames++)
        {
            Says(Grew(path, frames));
        }
        await HeardAsync();
        var kept = await AdoptAsync();
        Assert.Equal((path, Sample.Time(1)), (kept.Path, kept.OpenedAt));
        Says(Grew(path, 4));
        for (var frames = 1; frames <= 4; frames++)
        {
            Assert.Equal(Grew(path, frames), await _session.ExpectMsgAsync<RecordGrew>());
            Assert.Equal(kept.Media, _session.LastSender);
        }

        // Asked once more, nothing is told twice.
        await AdoptAsync();
        Says(Grew(path, 5));
        Assert.Equal(Grew(path, 5), await _session.ExpectMsgAsync<RecordGrew>());

        _session.Watch(kept.Media);
        kept.Media.Tell(new ScriptedMedia.Crash());
        await _session.ExpectTerminatedAsync(kept.Media);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task When_the_adopter_dies_its_media_ends_and_its_record_is_told_as_one_to_repair()
    {
        var path = await BeginAsync();
        await PrepareAsync(path);
        var kept = await AdoptAsync();
        Watch(kept.Media);
        Sys.Stop(_session);
        await ExpectTerminatedAsync(kept.Media);
        Assert.True(File.Exists(path));

        // The session may have died before the record was in its journal.
        await LeftAsync(new RecordLeft(Sample.Id, 2, path, Sample.OtherNode, Sample.Time(1), null, null));
    }

    [Fact]
    public async Task Media_that_is_adopted_is_neither_dismissed_nor_prepared_again()
    {
        var path = await BeginAsync();
        await PrepareAsync(path);
        await AdoptAsync();
        Ask(new DismissMedia(Sample.Id));
        Ask(Prepare);
        await _asker.ExpectMsgAsync<MediaNotPrepared>();
        Advance(MediaKeeperActor.AdoptionLimit.TotalSeconds * 2);
        await AdoptAsync();
        Assert.Empty(await DrainAsync(_media));
    }

    [Fact]
    public async Task The_adopter_waits_for_a_first_frame_that_is_still_to_come()
    {
        var path = await BeginAsync();
        _keeper.Tell(new AdoptMedia(Sample.Id, Waits: true), _session);
        await PrepareAsync(path);
        Assert.Equal(path, (await _session.ExpectMsgAsync<KeptMedia>()).Path);
    }

    [Fact]
    public async Task The_adopter_is_told_when_that_frame_does_not_come()
    {
        var path = await BeginAsync();
        _keeper.Tell(new AdoptMedia(Sample.Id, Waits: true), _session);
        await HeardAsync();
        Says(new MediaFailed(FaultCode.PageFailed, "The page did not load."));
        await _session.ExpectMsgAsync<NoKeptMedia>();
        await GoneAsync(path);
    }

    [Fact]
    public async Task Whoever_ends_the_session_waits_for_no_first_frame()
    {
        var path = await BeginAsync();
        _keeper.Tell(new AdoptMedia(Sample.Id, Waits: false), _session);
        await _session.ExpectMsgAsync<NoKeptMedia>();
        await GoneAsync(path);
    }

    [Fact]
    public async Task Without_media_there_is_nothing_to_adopt() => await AdoptNothingAsync();

    [Fact]
    public async Task What_nobody_adopts_is_finalised_and_told_until_it_is_listed()
    {
        var path = await BeginAsync();
        await PrepareAsync(path);

        // Whoever asked is gone; that alone ends nothing.
        Sys.Stop(_asker);
        Advance(MediaKeeperActor.AdoptionLimit.TotalSeconds - 1);
        await HeardAsync();
        Assert.Empty(await DrainAsync(_media));
        Advance(1);
        await _media.ExpectMsgAsync<FinishRecording>();
        await AdoptNothingAsync();
        Says(new RecordFinished(path, TimeSpan.FromSeconds(60), 1000, Repaired: false));

        var left = new RecordLeft(Sample.Id, 2, path, Sample.OtherNode, Sample.Time(1), TimeSpan.FromSeconds(60), 1000);
        await LeftAsync(left);
        Advance(1);
        await LeftAsync(left);
        Assert.True(File.Exists(path));

        _keeper.Tell(new RecordListed(Sample.Id, path), _session);
        await NothingLeftAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_whose_media_side_dies_is_told_of_as_one_to_repair(bool ending)
    {
        var path = await BeginAsync();
        await PrepareAsync(path);
        if (ending)
        {
            Advance(MediaKeeperActor.AdoptionLimit.TotalSeconds);
            await _media.ExpectMsgAsync<FinishRecording>();
        }

        _scripted.Child!.Tell(new ScriptedMedia.Crash());
        await LeftAsync(new RecordLeft(Sample.Id, 2, path, Sample.OtherNode, Sample.Time(1), null, null));
        await AdoptNothingAsync();
    }

    private static RecordGrew Grew(string path, int frames) =>
        new(path, Sample.Time(1 + frames), frames, 0, 1000, TimeSpan.FromSeconds(frames));

    private void Ask(object message) => _keeper.Tell(message, _asker);

    private void Says(IMediaEvent heard) => _scripted.Child!.Tell(new ScriptedMedia.Say(heard));

    private void Advance(double seconds) => ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Waits until the keeper has heard all that was told to it and to the child.</summary>
    private async Task HeardAsync()
    {
        if (_scripted.Child is { } child)
        {
            await child.Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(10));
        }
        await _keeper.Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(10));
    }

    /// <summary>A record is begun; its file appears.</summary>
    private async Task<string> BeginAsync(PrepareMedia? ask = null)
    {
        Ask(ask ?? Prepare);
        var begin = await _media.ExpectMsgAsync<BeginRecording>();
        Assert.Equal((2, Sample.Spec), (begin.Attempt, begin.Spec));
        Assert.Empty(begin.Targets);
        await File.WriteAllTextAsync(begin.RecordPath!, "begun");
        return begin.RecordPath!;
    }

    private async Task PrepareAsync(string path)
    {
        Says(new FirstFrameWritten(path, Sample.Time(1)));
        await _asker.ExpectMsgAsync(new MediaPrepared(Sample.Id, path, Sample.Time(1)));
    }

    private async Task<KeptMedia> AdoptAsync()
    {
        _keeper.Tell(new AdoptMedia(Sample.Id, Waits: true), _session);
        return await _session.ExpectMsgAsync<KeptMedia>();
    }

    private async Task AdoptNothingAsync()
    {
        _keeper.Tell(new AdoptMedia(Sample.Id, Waits: true), _session);
        await _session.ExpectMsgAsync<NoKeptMedia>();
    }

    /// <summary>The child has ended, and its file is gone with it.</summary>
    private async Task GoneAsync(string path)
    {
        Watch(_scripted.Child!);
        await ExpectTerminatedAsync(_scripted.Child!);
        await AwaitConditionAsync(() => Task.FromResult(!File.Exists(path)), TimeSpan.FromSeconds(10));
        await HeardAsync();
    }

    private async Task LeftAsync(RecordLeft left)
    {
        Assert.Equal(
            left,
            await _placement.FishForMessageAsync(message => message is RecordLeft, TimeSpan.FromSeconds(10))
        );
        await HeardAsync();
    }

    /// <summary>The placement is told nothing more.</summary>
    private async Task NothingLeftAsync()
    {
        await HeardAsync();
        Advance(1);
        await HeardAsync();
        await DrainAsync(_placement);
        Advance(1);
        await HeardAsync();
        Assert.Empty(await DrainAsync(_placement));
    }

    private static async Task<IReadOnlyList<object>> DrainAsync(TestProbe probe)
    {
        var last = new object();
        probe.Ref.Tell(last);
        List<object> messages = [];
        while (await probe.ReceiveOneAsync(TimeSpan.FromSeconds(10)) is { } message && message != last)
        {
            messages.Add(message);
        }
        return messages;
    }
}
