using Akka.Actor;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Sessions.Records;

[Trait("ring", "actor")]
public sealed class RecordFilesActorTests : TestKit
{
    private const string Hocon = """
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.test.single-expect-default = 30 s
        """;

    private const string Record = "2021-09-22_07:56:00__0.mp4";

    private readonly TestFolder _folder = new();

    public RecordFilesActorTests()
        : base(Hocon) { }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    [Fact]
    public async Task Pictures_are_made_one_at_a_time_and_no_read_waits_for_them()
    {
        var path = Path.Join(_folder.Records, Record);
        await File.WriteAllBytesAsync(path, [1, 2, 3]);
        var media = new SlowPictures();
        var files = Sys.ActorOf(RecordFilesActor.Props(new TestRecordsFolder(_folder.Records), media, null));
        var picture = new ReadRecordFile(Sample.Id, Record, RecordFileKind.Poster, 0, 10);

        for (var count = 0; count <= RecordFilesActor.ReadsAtOnce; count++)
        {
            files.Tell(picture, TestActor);
        }
        await media.Begun.Task.WaitAsync(TestNode.Limit);
        files.Tell(picture with { Kind = RecordFileKind.Media }, TestActor);

        // The pictures answer nothing yet: the first word is the record.
        Assert.Equal([1, 2, 3], (await ExpectMsgAsync<RecordFilePart>()).Bytes);
        media.Allowed.SetResult();
        for (var count = 0; count <= RecordFilesActor.ReadsAtOnce; count++)
        {
            Assert.Equal([7], (await ExpectMsgAsync<RecordFilePart>()).Bytes);
        }
        Assert.Equal(1, media.Made);
    }

    /// <summary>Makes pictures as soon as a test allows.</summary>
    private sealed class SlowPictures : ISessionMedia
    {
        private int _made;

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Allowed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Made => Volatile.Read(ref _made);

        public string RecordsFolder => "";

        public Props MediaOf(SessionId session, SessionSpec spec) =>
            throw new InvalidOperationException("This node records nothing.");

        public async Task<string?> MakePosterAsync(SessionId session, string record, string picture)
        {
            Interlocked.Increment(ref _made);
            Begun.TrySetResult();
            await Allowed.Task;
            await File.WriteAllBytesAsync(picture, [7]);
            return null;
        }
    }
}
