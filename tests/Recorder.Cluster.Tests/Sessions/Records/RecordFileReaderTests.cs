using System.Buffers.Binary;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Tests.Sessions.Records;

[Trait("ring", "media")]
public sealed class RecordFileReaderTests : IDisposable
{
    private const string Record = "2021-09-22_07:56:00__0.mp4";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_record_is_read_in_parts_no_larger_than_a_chunk_and_the_mark_stays()
    {
        var whole = Write(Record, (2 * RecordFiles.ChunkBytes) + 10);
        var facts = await PartAsync(Ask(0));
        Assert.Equal((whole.Length, 0), (facts.Size, facts.Bytes.Length));

        var read = new List<byte>();
        foreach (var size in new[] { RecordFiles.ChunkBytes, RecordFiles.ChunkBytes, 10, 0 })
        {
            var part = await PartAsync(Ask(int.MaxValue) with { Offset = read.Count, Mark = facts.Mark });
            Assert.Equal(size, part.Bytes.Length);
            read.AddRange(part.Bytes);
        }
        Assert.Equal(whole, read);

        Write(Record, whole.Length + 1);
        Assert.IsType<RecordFileChanged>(await ReadAsync(Ask(10) with { Mark = facts.Mark }));
    }

    [Theory]
    [InlineData(1, "../2021-09-22_07:56:00__0.mp4")]
    [InlineData(1, "/etc/passwd")]
    [InlineData(1, "2021-09-22_07:56:00__0.mp4/../x")]
    [InlineData(1, "2021-09-22_07:56:00__0.mp4\n")]
    [InlineData(1, "2021-09-22_07:56:00__0.mp4\0")]
    [InlineData(1, "2021-09-22_07:56:00__0.mp4.json")]
    [InlineData(1, "%2e%2e")]
    [InlineData(1, "")]
    [InlineData(2, Record)]
    public async Task Only_the_names_of_the_sessions_own_records_reach_the_disk(int session, string name)
    {
        foreach (var there in new[] { Record, "x", "../" + Record, Record + ".json", Record + "\n", "%2e%2e" })
        {
            Write(there, 10);
        }

        Assert.IsType<RecordFileMissing>(
            await ReadAsync(new ReadRecordFile(new SessionId(session), name, RecordFileKind.Media, 0, 10))
        );
    }

    [Fact]
    public async Task A_link_and_a_folder_are_no_record()
    {
        var outside = Path.Join(_folder.Root, "outside");
        await File.WriteAllTextAsync(outside, "secret");
        var path = Path.Join(_folder.Records, Record);

        File.CreateSymbolicLink(path, outside);
        Assert.IsType<RecordFileMissing>(await ReadAsync(Ask(10)));
        File.Delete(path);
        Directory.CreateDirectory(path);
        Assert.IsType<RecordFileMissing>(await ReadAsync(Ask(10)));
    }

    [Fact]
    public async Task What_takes_the_place_of_a_record_after_the_look_at_its_path_is_not_opened()
    {
        var outside = Path.Join(_folder.Root, "outside");
        await File.WriteAllTextAsync(outside, "secret");
        var path = Path.Join(_folder.Records, Record);

        File.CreateSymbolicLink(path, outside);
        Assert.Throws<FileNotFoundException>(() => RecordFileReader.Open(path));
        File.Delete(path);
        Directory.CreateDirectory(path);
        Assert.Throws<FileNotFoundException>(() => RecordFileReader.Open(path));
        Directory.Delete(path);
        using (var pipe = System.Diagnostics.Process.Start("mkfifo", [path]))
        {
            await pipe.WaitForExitAsync();
        }
        await Assert
            .ThrowsAsync<FileNotFoundException>(() => Task.Run(() => RecordFileReader.Open(path)))
            .WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_manifest_is_read_beside_its_record()
    {
        var manifest = Write(Record + ".json", 300);

        Assert.Equal(manifest, (await PartAsync(Ask(1000) with { Kind = RecordFileKind.Manifest })).Bytes);
    }

    [Fact]
    public async Task A_picture_is_made_once_beside_its_record_and_nothing_is_left_of_a_failed_try()
    {
        Write(Record, 10);
        var ask = Ask(1000) with { Kind = RecordFileKind.Poster };
        var tries = 0;

        var refused = await RecordFileReader.ReadPosterAsync(_folder.Records, ask, MakeAsync);
        Assert.Equal(new RecordFileUnreadable(new SessionId(1), "No picture."), refused);
        for (var call = 0; call < 2; call++)
        {
            var part = await RecordFileReader.ReadPosterAsync(_folder.Records, ask, MakeAsync);
            Assert.Equal([7, 8], Assert.IsType<RecordFilePart>(part).Bytes);
        }
        Assert.Equal(2, tries);
        Assert.Equal(
            [Record, Record + ".jpg"],
            Directory.GetFiles(_folder.Records).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.IsType<RecordFileMissing>(
            await RecordFileReader.ReadPosterAsync(
                _folder.Records,
                ask with
                {
                    Record = "2021-09-22_07:57:00__0.mp4",
                },
                MakeAsync
            )
        );

        async Task<string?> MakeAsync(SessionId session, string record, string picture)
        {
            tries++;
            Assert.Equal(Path.Join(_folder.Records, Record), record);
            await File.WriteAllBytesAsync(picture, [7, 8]);
            return tries == 1 ? "No picture." : null;
        }
    }

    [Fact]
    public async Task No_picture_is_made_of_a_record_of_sound_alone()
    {
        byte[] head = [0, 0, 0, 16, .. "ftypisom"u8, 0, 0, 0, 0];
        byte[] index = [0, 0, 0, 32, .. "moov"u8, 0, 0, 0, 0, .. "stsd"u8, .. new byte[12], .. "mp4a"u8];
        await File.WriteAllBytesAsync(Path.Join(_folder.Records, Record), [.. head, .. index]);

        Assert.IsType<RecordFileMissing>(
            await RecordFileReader.ReadPosterAsync(
                _folder.Records,
                Ask(1000) with
                {
                    Kind = RecordFileKind.Poster,
                },
                (_, _, _) => throw new InvalidOperationException("A picture was to be made.")
            )
        );
    }

    [Fact]
    public async Task A_growing_movie_is_read_up_to_its_last_whole_fragment_and_a_final_one_has_another_mark()
    {
        var path = Path.Join(_folder.Records, Record);
        byte[] head = [.. Box("ftyp", 16), .. Box("moov", 500)];
        byte[] fragment = [.. Box("moof", 100), .. Box("mdat", 1000)];

        await File.WriteAllBytesAsync(path, head);
        Assert.Equal(0, (await PartAsync(Growing())).Size);
        await File.WriteAllBytesAsync(path, [.. head, .. fragment, .. fragment, .. fragment[..300]]);
        var growing = await PartAsync(Growing());
        Assert.Equal(head.Length + (2 * fragment.Length), growing.Size);

        // Whoever knows the size asks for parts before that place, so nobody looks for the last fragment again.
        Assert.Equal(growing.Size + 300, (await PartAsync(Growing() with { Mark = growing.Mark })).Size);
        await File.WriteAllBytesAsync(path, [.. head, .. fragment, .. fragment, .. fragment]);
        Assert.IsType<RecordFilePart>(await ReadAsync(Growing() with { Mark = growing.Mark }));
        await File.WriteAllBytesAsync(path, [.. Box("ftyp", 16), .. Box("moov", 4096), .. Box("mdat", 3300)]);
        Assert.IsType<RecordFileChanged>(await ReadAsync(Growing() with { Mark = growing.Mark }));

        ReadRecordFile Growing() => Ask(0) with { Growing = true };
    }

    [Fact]
    public async Task A_growing_transport_stream_is_read_in_whole_packets()
    {
        var name = Path.ChangeExtension(Record, "ts");
        Write(name, (188 * 5) + 7);

        Assert.Equal(188 * 5, (await PartAsync(Ask(0) with { Record = name, Growing = true })).Size);
    }

    [Theory]
    [InlineData("2021-09-22_07:56:00__0.mp4", 1)]
    [InlineData("2021-09-22_07:56:00__41.webm", 42)]
    [InlineData("2021-09-22_07:56:00__00.mp4", null)]
    [InlineData("2021-09-22_07:56:00__2147483647.mp4", null)]
    [InlineData("2021-09-22_07:56:00__99999999999.mp4", null)]
    [InlineData("2021-09-22_07-56-00__0.mp4", null)]
    [InlineData("../2021-09-22_07:56:00__0.mp4", null)]
    public void The_name_of_a_record_tells_its_session(string name, int? session) =>
        Assert.Equal(session, RecordFiles.SessionOf(name)?.Value);

    private static ReadRecordFile Ask(int length) => new(new SessionId(1), Record, RecordFileKind.Media, 0, length);

    private Task<RecordFileReply> ReadAsync(ReadRecordFile ask) => RecordFileReader.ReadAsync(_folder.Records, ask);

    private async Task<RecordFilePart> PartAsync(ReadRecordFile ask) =>
        Assert.IsType<RecordFilePart>(await ReadAsync(ask));

    private byte[] Write(string name, int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(Path.Join(_folder.Records, name), bytes);
        return bytes;
    }

    private static byte[] Box(string type, int length)
    {
        var box = new byte[length];
        BinaryPrimitives.WriteInt32BigEndian(box, length);
        System.Text.Encoding.ASCII.GetBytes(type, box.AsSpan(4));
        return box;
    }
}
