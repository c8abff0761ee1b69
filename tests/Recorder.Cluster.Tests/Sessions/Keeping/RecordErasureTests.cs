using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Keeping;

public sealed class RecordErasureTests : IDisposable
{
    private const string Name = "2021-09-22_07:56:00__0.mp4";
    private static readonly SessionId Session = new(1);

    private readonly string _root = Directory.CreateTempSubdirectory("erasure-").FullName;
    private readonly string _folder;

    public RecordErasureTests()
    {
        _folder = Path.Join(_root, "records");
        Directory.CreateDirectory(_folder);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_name_that_the_system_cannot_look_at_does_not_count_as_gone()
    {
        using var folder = Recorder.Cluster.Identity.HeldFolder.Open(_folder);

        Assert.Null(folder.IsPlainFile(Name));
        Assert.Throws<IOException>(() => folder.IsPlainFile(new string('n', 300)));
    }

    [Fact]
    public void The_record_goes_with_everything_that_the_recorder_made_beside_it()
    {
        Write(Name);
        WriteManifest();
        Write(Name + ".jpg");
        Write(Name + $".jpg.{Guid.NewGuid():N}.new");
        Write(Name + ".finalising");
        Write(Name + ".json.writing");
        Directory.CreateDirectory(In(Name + ".hls"));
        Write(Name + ".hls/playlist.m3u8");
        Write(Name + ".hls/playlist.m3u8.growing");
        Write(Name + ".hls/segment-00000.ts");

        Assert.Null(Erase());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void Files_of_others_stay_even_where_their_names_look_alike()
    {
        string[] others =
        [
            "2021-09-22_07:56:00__1.mp4",
            "2021-09-22_07:56:01__0.mp4",
            Name + ".bak",
            Name + ".jpg.mine.new",
            "notes.txt",
        ];
        Array.ForEach(others, Write);
        Write(Name);

        Assert.Null(Erase());
        Assert.Equal(others.Order(), Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_link_in_the_record_s_place_stays_and_so_does_what_it_leads_to()
    {
        var outside = Path.Join(_root, "outside.mp4");
        File.WriteAllText(outside, "another's");
        File.CreateSymbolicLink(In(Name), outside);

        Assert.Contains("remove it by hand", Erase(), StringComparison.Ordinal);
        Assert.Equal("another's", File.ReadAllText(outside));
        Assert.Equal(outside, new FileInfo(In(Name)).LinkTarget);
    }

    [Fact]
    public void A_link_in_the_place_of_the_playlist_s_folder_is_not_followed()
    {
        var outside = Path.Join(_root, "outside");
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Join(outside, "segment-00000.ts"), "another's");
        File.CreateSymbolicLink(In(Name + ".hls"), outside);
        Write(Name);

        Assert.Contains("is no folder of its own", Erase(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Join(outside, "segment-00000.ts")));
        Assert.False(File.Exists(In(Name)));
    }

    [Fact]
    public void A_folder_of_the_playlist_with_a_file_of_another_s_keeps_that_file_and_says_so()
    {
        Write(Name);
        Directory.CreateDirectory(In(Name + ".hls"));
        Write(Name + ".hls/segment-00000.ts");
        Write(Name + ".hls/mine.txt");

        Assert.Contains("tried again", Erase(), StringComparison.Ordinal);
        Assert.Equal(["mine.txt"], Directory.EnumerateFiles(In(Name + ".hls")).Select(Path.GetFileName));

        File.Delete(In(Name + ".hls/mine.txt"));
        Assert.Null(Erase());
    }

    [Fact]
    public void A_manifest_of_another_s_stays()
    {
        Write(Name);
        File.WriteAllText(In(Name + ".json"), """{"session":1,"record":"another.mp4"}""");

        Assert.Null(Erase());
        Assert.True(File.Exists(In(Name + ".json")));
    }

    [Fact]
    public void Erasing_again_does_no_harm()
    {
        Write(Name);
        Assert.Null(Erase());
        Assert.Null(Erase());
    }

    [Theory]
    [InlineData("../outside.mp4")]
    [InlineData("2021-09-22_07:56:00__1.mp4")]
    [InlineData("2021-09-22_07:56:00__0.mp4.json")]
    [InlineData("notes.txt")]
    [InlineData("")]
    public void A_name_that_is_no_record_s_of_the_session_removes_nothing(string name)
    {
        Write("notes.txt");
        Write("2021-09-22_07:56:00__1.mp4");

        Assert.NotNull(RecordErasure.Erase(_folder, Session, name, manifest: true));
        Assert.Equal(2, Directory.EnumerateFiles(_folder).Count());
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told() =>
        Assert.Contains(
            "cannot be opened",
            RecordErasure.Erase(Path.Join(_root, "gone"), Session, Name, manifest: true),
            StringComparison.Ordinal
        );

    private string? Erase() => RecordErasure.Erase(_folder, Session, Name, manifest: true);

    private void WriteManifest() =>
        File.WriteAllText(In(Name + ".json"), $$"""{"version":1,"session":1,"record":"{{Name}}"}""");

    private void Write(string name) => File.WriteAllText(In(name), name);

    private string In(string name) => Path.Join(_folder, name);
}
