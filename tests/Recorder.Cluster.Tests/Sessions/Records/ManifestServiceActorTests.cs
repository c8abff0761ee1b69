using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Sessions.Records;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Sessions.Records;

[Trait("ring", "actor")]
public sealed class ManifestServiceActorTests : TestKit
{
    private static readonly RecordManifest Manifest = RecordManifest.Of(
        Story.Stopped.State,
        Story.Stopped.State.Records[0],
        []
    );

    private readonly BlockingCollection<ManifestReply> _replies = [];
    private readonly ConcurrentQueue<string> _written = [];
    private readonly IActorRef _service;

    public ManifestServiceActorTests()
        : base("akka.stdout-loglevel = OFF\nakka.loggers = []\nakka.test.single-expect-default = 10 s")
    {
        var folder = new TestRecordsFolder(Sample.Folder);
        _service = Sys.ActorOf(Props.Create(() => new ManifestServiceActor(folder, Write)));
    }

    [Fact]
    public async Task One_record_is_read_at_a_time_in_the_order_of_asking_and_each_asker_gets_the_answer()
    {
        var (one, other) = (CreateTestProbe(), CreateTestProbe());
        _service.Tell(new WriteManifest(Sample.FirstRecord, Manifest), one);
        _service.Tell(Second, other);
        _service.Tell(new WriteManifest(Sample.FirstRecord, Manifest), other);
        _service.Tell(ManifestServiceActor.AwaitRest.Instance, TestActor);
        _replies.Add(new ManifestDone(Sample.FirstRecord, "a"));
        await one.ExpectMsgAsync(new ManifestDone(Sample.FirstRecord, "a"));
        await other.ExpectMsgAsync(new ManifestDone(Sample.FirstRecord, "a"));
        Assert.False(HasMessages);

        _replies.Add(new ManifestFailed(Second.Path, "The disk is full.", true));
        await other.ExpectMsgAsync(new ManifestFailed(Second.Path, "The disk is full.", true));
        await ExpectMsgAsync(ManifestServiceActor.AtRest.Instance);
        Assert.Equal([Sample.FirstRecord, Second.Path], _written);
    }

    [Theory]
    [InlineData("/elsewhere/2021-09-22_07:56:00__0.mp4")]
    [InlineData("/records/sub/2021-09-22_07:56:00__0.mp4")]
    [InlineData("/records/../etc/2021-09-22_07:56:00__0.mp4")]
    [InlineData("/records/2021-09-22_07:56:00__1.mp4")]
    [InlineData("/records/passwd")]
    public async Task What_is_no_record_of_the_session_in_this_folder_is_not_touched(string path)
    {
        _service.Tell(new WriteManifest(path, Manifest with { Record = Path.GetFileName(path) }), TestActor);

        Assert.False((await ExpectMsgAsync<ManifestFailed>()).MayPass);
        Assert.Empty(_written);
    }

    [Fact]
    public async Task A_write_that_breaks_is_answered_and_the_next_one_goes_on()
    {
        _replies.Add(new ManifestDone("breaks", ""));
        _service.Tell(new WriteManifest(Sample.FirstRecord, Manifest), TestActor);
        Assert.Equal(Sample.FirstRecord, (await ExpectMsgAsync<ManifestFailed>()).Path);

        _replies.Add(new ManifestDone(Second.Path, "b"));
        _service.Tell(Second, TestActor);
        await ExpectMsgAsync(new ManifestDone(Second.Path, "b"));
    }

    private static WriteManifest Second =>
        new("/records/2021-09-22_07:57:00__0.mp4", Manifest with { Record = "2021-09-22_07:57:00__0.mp4" });

    private ManifestReply Write(string path, RecordManifest manifest)
    {
        _written.Enqueue(path);
        var reply = _replies.Take();
        return reply.Path == "breaks" ? throw new InvalidOperationException("It broke.") : reply;
    }
}
