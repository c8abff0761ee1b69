using System.Security.Cryptography;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Tests.Sessions.Records;

/// <summary>The manifest as a file, in a folder with whatever else is in it.</summary>
public sealed class ManifestFileTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly RecordManifest Manifest = RecordManifest.Of(
        Story.Stopped.State,
        Story.Stopped.State.Records[0],
        []
    );

    private readonly TestFolder _folder = new();

    public ManifestFileTests() => File.WriteAllText(Record, "the record");

    private string Record => Path.Join(_folder.Records, Manifest.Record);

    private string Beside => Record + ".json";

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Private)]
    [InlineData(Private | UnixFileMode.GroupRead)]
    [InlineData(Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead)]
    public void It_tells_the_files_size_and_hash_and_is_as_private_as_the_record(UnixFileMode mode)
    {
        File.SetUnixFileMode(Record, mode);

        var done = Assert.IsType<ManifestDone>(ManifestFile.Write(Record, Manifest));

        var told = TestFolder.ManifestOf(Record);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("the record"u8)), done.Sha256);
        Assert.Equal((done.Sha256, 10), (told.GetProperty("sha256").GetString(), told.GetProperty("bytes").GetInt64()));
        Assert.Equal(mode, File.GetUnixFileMode(Beside));
        Assert.Equal([Record, Beside], Directory.GetFileSystemEntries(_folder.Records).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_an_earlier_life_left_half_written_is_in_nobodys_way()
    {
        File.WriteAllText(Beside + ".writing", "{ \"version\"");

        Assert.IsType<ManifestDone>(ManifestFile.Write(Record, Manifest));
        Assert.Equal([Record, Beside], Directory.GetFileSystemEntries(_folder.Records).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Asked_again_the_one_that_is_there_stays()
    {
        var first = ManifestFile.Write(Record, Manifest);
        var written = File.ReadAllText(Beside);

        Assert.Equal(
            first,
            ManifestFile.Write(
                Record,
                Manifest with
                {
                    Faults = [new SessionFault(Sample.Begin, Sample.Node, FaultCode.NodeLost, "Later.")],
                }
            )
        );
        Assert.Equal(written, File.ReadAllText(Beside));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("another record's manifest")]
    [InlineData("empty")]
    [InlineData("folder")]
    [InlineData("link to nowhere")]
    [InlineData("link to a manifest")]
    public void Whatever_else_has_the_name_is_left_alone(string what)
    {
        var elsewhere = Path.Join(_folder.Root, "elsewhere.json");
        switch (what)
        {
            case "folder":
                Directory.CreateDirectory(Beside);
                break;
            case "link to nowhere":
                File.CreateSymbolicLink(Beside, elsewhere);
                break;
            case "link to a manifest":
                ManifestFile.Write(Record, Manifest);
                File.Move(Beside, elsewhere);
                File.CreateSymbolicLink(Beside, elsewhere);
                break;
            default:
                File.WriteAllText(
                    Beside,
                    what switch
                    {
                        "text" => "my notes",
                        "empty" => "",
                        _ => System.Text.Encoding.UTF8.GetString(
                            (Manifest with { Session = new SessionId(2), Bytes = 10, Sha256 = "00" }).ToFile()
                        ),
                    }
                );
                break;
        }

        var before = Stamp();
        var failed = Assert.IsType<ManifestFailed>(ManifestFile.Write(Record, Manifest));

        Assert.False(failed.MayPass);
        Assert.Contains("was left alone", failed.Message, StringComparison.Ordinal);
        Assert.Equal(before, Stamp());

        string Stamp() =>
            new FileInfo(Beside) is { } file && file.LinkTarget is { } target ? target
            : Directory.Exists(Beside) ? "folder"
            : File.ReadAllText(Beside);
    }

    [Fact]
    public void A_record_that_is_gone_has_none_and_a_folder_that_is_away_may_come_back()
    {
        File.Delete(Record);
        Assert.False(Assert.IsType<ManifestFailed>(ManifestFile.Write(Record, Manifest)).MayPass);

        Directory.Delete(_folder.Records);
        Assert.True(Assert.IsType<ManifestFailed>(ManifestFile.Write(Record, Manifest)).MayPass);
        Assert.False(Directory.Exists(_folder.Records));
        Assert.Empty(Directory.GetFiles(_folder.Root, "*.json*"));
    }

    [Theory]
    [InlineData(
        RecordContainer.Mp4,
        "....ftypisom|....mdatavc1Opus|....moov....stsd........abcdavc1.......stsd........abcdmp4a",
        "h264",
        "aac"
    )]
    [InlineData(RecordContainer.Mp4, "....moov....stsd........abcdOpus", null, "opus")]
    [InlineData(RecordContainer.Mp4, "....moov....stsd........abcdvp09", "vp9", null)]
    [InlineData(RecordContainer.Mp4, "....ftypisom", "h264", "aac")]
    [InlineData(RecordContainer.Webm, "EBML~V_VP8.....~A_OPUS...", "vp8", "opus")]
    [InlineData(RecordContainer.Mkv, "EBML~V_MPEG4/ISO/AVC...", "h264", null)]
    [InlineData(RecordContainer.Webm, "EBML~A_OPUS", null, "opus")]
    [InlineData(RecordContainer.Ts, "GGGG", "h264", "aac")]
    public void The_codecs_are_those_of_the_files_own_tracks(
        RecordContainer container,
        string content,
        string? video,
        string? audio
    )
    {
        File.WriteAllBytes(Record, [.. content.Split('|').SelectMany(Box)]);

        ManifestFile.Write(Record, Manifest with { Container = container });

        var codecs = TestFolder.ManifestOf(Record).GetProperty("codecs");
        Assert.Equal(
            (video, audio),
            (codecs.GetProperty("video").GetString(), codecs.GetProperty("audio").GetString())
        );

        // Four dots at the start of a box stand for its length, a tilde for the head of a codec's name.
        static IEnumerable<byte> Box(string text)
        {
            var bytes = text.SelectMany(letter => letter == '~' ? new byte[] { 0x86, 0x85 } : [(byte)letter]).ToArray();
            if (text.StartsWith("....", StringComparison.Ordinal))
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
            }
            return bytes;
        }
    }

    [Fact]
    public void A_long_record_is_hashed_whole()
    {
        var content = new byte[(5 << 20) + 17];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(Record, content);

        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(content)),
            Assert.IsType<ManifestDone>(ManifestFile.Write(Record, Manifest)).Sha256
        );
    }

    [Fact]
    public void A_record_is_not_read_where_its_manifest_cannot_be_written()
    {
        Directory.CreateDirectory(Beside + ".writing");
        var read = 0;

        Assert.True(
            Assert.IsType<ManifestFailed>(ManifestFile.Write(Record, Manifest, _ => Count(), FolderFile.Flush)).MayPass
        );
        Assert.Equal(0, read);

        Directory.Delete(Beside + ".writing");
        Assert.IsType<ManifestDone>(ManifestFile.Write(Record, Manifest, _ => Count(), FolderFile.Flush));
        Assert.Equal(1, read);

        // There is room for all of the manifest before the record is read.
        (string Hash, long Bytes) Count()
        {
            read++;
            Assert.Equal(
                (Manifest with { Bytes = 10, Sha256 = new string('0', 64) }).ToFile().Length,
                new FileInfo(Beside + ".writing").Length
            );
            return (new string('a', 64), 10);
        }
    }

    [Fact]
    public void What_is_shorter_than_the_room_made_for_it_leaves_nothing_behind_it()
    {
        File.WriteAllText(Record, new string('x', 12_345));
        Assert.IsType<ManifestDone>(ManifestFile.Write(Record, Manifest, _ => ("00", 7), FolderFile.Flush));

        Assert.Equal(
            (Manifest with { Bytes = 7, Sha256 = "00", Codecs = ManifestCodecs.Of(Sample.Spec) }).ToFile(),
            File.ReadAllBytes(Beside)
        );
    }

    [Fact]
    public void The_folder_is_written_to_the_disk_once_the_manifest_has_its_name()
    {
        List<(string Folder, bool HasName)> flushed = [];

        Assert.IsType<ManifestDone>(
            ManifestFile.Write(Record, Manifest, _ => ("00", 7), folder => flushed.Add((folder, File.Exists(Beside))))
        );
        Assert.Equal([(_folder.Records, true)], flushed);

        File.Delete(Beside);
        Assert.True(
            Assert
                .IsType<ManifestFailed>(
                    ManifestFile.Write(Record, Manifest, _ => ("00", 7), _ => throw new IOException("The disk failed."))
                )
                .MayPass
        );
        Assert.IsType<IOException>(Thrown(() => FolderFile.Flush(Path.Join(_folder.Root, "nowhere"))));

        static Exception? Thrown(Action action) => Xunit.Record.Exception(action);
    }

    [Fact]
    public void Its_thread_gives_way_to_everything_else()
    {
        // deploy/test lets these tests themselves give way to others.
        var before = NicenessIn($"/proc/{Environment.ProcessId}/stat");
        var niceness = "";
        var thread = new Thread(() =>
        {
            ManifestFile.LowerPriority();
            niceness = NicenessIn("/proc/thread-self/stat");
        });
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(10)), "The thread did not end.");

        Assert.Equal("10", niceness);
        Assert.NotEqual("10", before);
        Assert.Equal(before, NicenessIn($"/proc/{Environment.ProcessId}/stat"));

        static string NicenessIn(string file) => File.ReadAllText(file).Split(") ")[1].Split(' ')[16];
    }
}
