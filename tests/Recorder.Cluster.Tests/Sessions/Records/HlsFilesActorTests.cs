using Akka.Actor;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Sessions.Records;

[Trait("ring", "actor")]
public sealed class HlsFilesActorTests : TestKit
{
    private const string Hocon = """
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.test.single-expect-default = 30 s
        """;

    private const string Record = "2021-09-22_07:56:00__0.mp4";

    private readonly TestFolder _folder = new();
    private readonly IActorRef _files;

    public HlsFilesActorTests()
        : base(Hocon)
    {
        _files = Sys.ActorOf(HlsFilesActor.Props(new TestRecordsFolder(_folder.Records)));
        Write(Record, HlsFiles.Playlist, "#EXTM3U\n"u8.ToArray());
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_is_read_part_after_part_each_no_larger_than_a_chunk()
    {
        var whole = new byte[(2 * HlsFiles.ChunkBytes) + 1000];
        new Random(1).NextBytes(whole);
        Write(Record, HlsFiles.Segment(0), whole);

        var read = new List<byte>();
        int[] sizes = [HlsFiles.ChunkBytes, HlsFiles.ChunkBytes, 1000, 0];
        foreach (var size in sizes)
        {
            var chunk = await AskAsync<HlsChunk>(Segment(0) with { Offset = read.Count, Length = int.MaxValue });
            Assert.Equal((whole.Length, size), (chunk.Size, chunk.Bytes.Length));
            read.AddRange(chunk.Bytes);
        }

        Assert.Equal(whole, read);
        Assert.Equal(whole[5..8], (await AskAsync<HlsChunk>(Segment(0) with { Offset = 5, Length = 3 })).Bytes);
    }

    [Fact]
    public async Task What_is_not_there_is_told_apart()
    {
        Assert.Equal(new HlsFileMissing(Sample.Id, HasPlaylist: true), await AskAsync<HlsReply>(Segment(9)));
        Assert.Equal(
            new HlsFileMissing(Sample.Id, HasPlaylist: false),
            await AskAsync<HlsReply>(Segment(0) with { Record = "2021-09-22_07:57:00__0.mp4" })
        );
    }

    [Theory]
    [InlineData(1, "2021-09-22_07:56:00__0.mp4", "../2021-09-22_07:56:00__0.mp4")]
    [InlineData(1, "2021-09-22_07:56:00__0.mp4", "playlist.m3u8.tmp")]
    [InlineData(1, "2021-09-22_07:56:00__0.mp4", "/etc/passwd")]
    [InlineData(1, "2021-09-22_07:56:00__0.mp4", "")]
    [InlineData(1, "../records/2021-09-22_07:56:00__0.mp4", "playlist.m3u8")]
    [InlineData(1, "../outside/2021-09-22_07:56:00__0.mp4", "playlist.m3u8")]
    [InlineData(1, "inside/2021-09-22_07:56:00__0.mp4", "playlist.m3u8")]
    [InlineData(1, "2021-09-22_07:56:00__0.mp4\n", "playlist.m3u8")]
    [InlineData(1, "..", "playlist.m3u8")]
    [InlineData(1, "", "playlist.m3u8")]
    [InlineData(2, "2021-09-22_07:56:00__0.mp4", "playlist.m3u8")]
    public async Task Nothing_but_a_playlist_or_segment_of_a_record_of_that_session_in_this_folder_is_read(
        int session,
        string record,
        string file
    )
    {
        foreach (var name in new[] { Record, "../outside/" + Record, "inside/" + Record, Record + "\n" })
        {
            Write(name, HlsFiles.Playlist, "#EXTM3U\n"u8.ToArray());
        }
        Write(Record, "playlist.m3u8.tmp", "half"u8.ToArray());
        Write("", HlsFiles.Playlist, "#EXTM3U\n"u8.ToArray());
        await File.WriteAllTextAsync(Path.Join(_folder.Records, Record), "the record");

        Assert.Equal(
            new HlsFileMissing(new SessionId(session), HasPlaylist: false),
            await AskAsync<HlsReply>(new ReadHlsFile(new SessionId(session), record, file, 0, HlsFiles.ChunkBytes))
        );
    }

    [Fact]
    public async Task An_offset_outside_the_file_reads_nothing()
    {
        Assert.Empty((await AskAsync<HlsChunk>(Playlist with { Offset = long.MaxValue })).Bytes);
        Assert.IsType<HlsFileMissing>(await AskAsync<HlsReply>(Playlist with { Offset = -1 }));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_told_with_the_reason()
    {
        var folder = new TestRecordsFolder(_folder.Records);
        var files = Sys.ActorOf(
            Props.Create(() =>
                new HlsFilesActor(
                    folder,
                    (_, _) => Task.FromException<HlsReply>(new IOException("Input/output error"))
                )
            )
        );

        var told = await files.Ask<HlsFileUnreadable>(Playlist, TestNode.Limit);

        Assert.Contains("Input/output error", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Few_reads_are_under_way_at_once_and_what_the_disk_cannot_take_is_refused()
    {
        var disk = new TaskCompletionSource<HlsReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = 0;
        Func<string, ReadHlsFile, Task<HlsReply>> read = (_, _) => Begin();
        var folder = new TestRecordsFolder(_folder.Records);
        var files = Sys.ActorOf(Props.Create(() => new HlsFilesActor(folder, read)));
        var answer = new HlsChunk(Sample.Id, 0, []);
        const int Taken = HlsFilesActor.ReadsAtOnce + HlsFilesActor.WaitingLimit;

        for (var count = 0; count <= Taken; count++)
        {
            files.Tell(Playlist, TestActor);
        }

        // The hanging ones answer nothing: the first word is the refusal of the one too many.
        Assert.Contains("wait", (await ExpectMsgAsync<HlsFileUnreadable>()).Message, StringComparison.Ordinal);
        disk.SetResult(answer);
        for (var count = 0; count < Taken; count++)
        {
            await ExpectMsgAsync<HlsChunk>();
        }
        Assert.Equal(Taken, Volatile.Read(ref begun));

        Task<HlsReply> Begin()
        {
            Assert.True(
                Interlocked.Increment(ref begun) <= HlsFilesActor.ReadsAtOnce || disk.Task.IsCompleted,
                "More reads than allowed were begun."
            );
            return disk.Task;
        }
    }

    private static ReadHlsFile Playlist => new(Sample.Id, Record, HlsFiles.Playlist, 0, HlsFiles.ChunkBytes);

    private static ReadHlsFile Segment(int index) => Playlist with { File = HlsFiles.Segment(index) };

    private Task<T> AskAsync<T>(ReadHlsFile ask) => _files.Ask<T>(ask, TestNode.Limit);

    private void Write(string record, string name, byte[] bytes)
    {
        var folder = HlsFiles.FolderOf(Path.Join(_folder.Records, record));
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Join(folder, name), bytes);
    }
}
