using Recorder.Cluster.Identity;

namespace Recorder.Cluster.Tests.Identity;

public sealed class MarkedFolderTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ManualClock _clock = new(TimeProvider.System.GetUtcNow());
    private string _mount = "/disk";
    private bool _keepsInodes = true;

    private string Mark => Path.Join(_folder.Records, FolderMark.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_node_keeps_its_id_in_its_data_folder_for_itself()
    {
        var made = NodeIdFile.ReadOrMake(_folder.Root);

        Assert.Equal(made, NodeIdFile.ReadOrMake(_folder.Root));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Join(_folder.Root, NodeIdFile.Name))
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("recorder-1\n")]
    public void A_node_does_not_take_another_id_for_one_that_it_cannot_read(string content)
    {
        File.WriteAllText(Path.Join(_folder.Root, NodeIdFile.Name), content);

        var refusal = Assert.Throws<IdentityUnusableException>(() => NodeIdFile.ReadOrMake(_folder.Root));

        Assert.Contains("does not hold a node's id", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(Path.Join(_folder.Root, NodeIdFile.Name)));
    }

    [Fact]
    public void Every_user_of_the_host_may_read_the_mark_of_a_folder_which_nodes_of_two_users_share()
    {
        Open();

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            File.GetUnixFileMode(Mark)
        );
    }

    [Fact]
    public void A_folder_has_the_same_id_at_each_start_and_on_each_node()
    {
        var opened = Open();

        Assert.NotNull(opened.Standing.Id);
        Assert.Null(opened.Warning);
        Assert.Equal(opened.Standing.Id, Open().Standing.Id);
        using var other = new TestFolder();
        Assert.Equal(opened.Standing.Id, Open(_folder.Records, other.Root).Standing.Id);
    }

    [Fact]
    public void Two_swapped_folders_take_their_ids_with_them()
    {
        using var other = new TestFolder();
        var (here, there) = (Open(), Open(other.Records, other.Root));

        var (hereNow, thereNow) = (Open(other.Records, _folder.Root), Open(_folder.Records, other.Root));

        Assert.Equal(there.Standing.Id, hereNow.Standing.Id);
        Assert.Equal(here.Standing.Id, thereNow.Standing.Id);
    }

    [Fact]
    public void An_empty_mount_point_is_no_folder_until_its_disk_is_back()
    {
        var known = Open().Standing.Id;
        Hide();

        _mount = "/";
        var opened = Open();

        Assert.Contains("its disk was mounted at /disk", opened.Standing.WhyAway, StringComparison.Ordinal);
        Assert.Null(opened.Look().Id);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Records));
        ShowAgain();
        Assert.Equal(known, opened.Look().Id);
    }

    [Fact]
    public void A_folder_that_goes_away_and_comes_back_while_the_node_runs_is_the_same()
    {
        var opened = Open();
        var known = opened.Standing.Id;

        Hide();
        _mount = "/";
        Assert.Contains("its disk was mounted at /disk", opened.Look().WhyAway, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Records));

        ShowAgain();
        _mount = "/disk";
        Assert.Equal(known, opened.Look().Id);
    }

    [Fact]
    public void A_folder_that_is_made_anew_on_its_disk_while_the_node_runs_is_a_new_one()
    {
        var opened = Open();
        var known = opened.Standing.Id;

        Directory.Delete(_folder.Records, recursive: true);
        Assert.Null(opened.Look().Id);
        Directory.CreateDirectory(_folder.Records);

        var made = opened.Look().Id;
        Assert.NotNull(made);
        Assert.NotEqual(known, made);
        Assert.Equal(made, Open().Standing.Id);
    }

    [Fact]
    public void A_folder_emptied_on_the_same_disk_is_a_new_one_and_says_what_becomes_of_the_old()
    {
        var known = Open().Standing.Id;
        Hide();

        var opened = Open();

        Assert.NotEqual(known, opened.Standing.Id);
        Assert.NotNull(opened.Standing.Id);
        Assert.Contains($"\"id {known}\"", opened.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_removed_from_a_living_folder_is_made_again()
    {
        var opened = Open();
        var known = opened.Standing.Id;

        File.Delete(Mark);

        Assert.Equal(known, opened.Look().Id);
        Assert.Equal(known, Open().Standing.Id);
    }

    [Fact]
    public void A_mark_is_kept_young_for_programs_that_clean_up_by_age()
    {
        var opened = Open();
        File.SetLastWriteTimeUtc(Mark, _clock.GetUtcNow().UtcDateTime.AddDays(-30));

        opened.Look();

        Assert.Equal(_clock.GetUtcNow().UtcDateTime, File.GetLastWriteTimeUtc(Mark), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_copied_folder_gets_an_id_of_its_own_and_keeps_in_mind_where_it_came_from()
    {
        using var other = new TestFolder();
        var original = Open();
        File.Copy(Mark, Path.Join(other.Records, FolderMark.FileName));

        var copy = Open(other.Records, other.Root);

        Assert.NotEqual(original.Standing.Id, copy.Standing.Id);
        Assert.DoesNotContain(original.Standing.Id!.Value, copy.Standing.Ids);
        Assert.Contains($"copy of the folder {original.Standing.Id}", copy.Warning, StringComparison.Ordinal);
        Assert.Null(Open(other.Records, other.Root).Warning);

        // The way out that the warning names, where the original is gone.
        var file = Path.Join(other.Records, FolderMark.FileName);
        File.WriteAllText(
            file,
            File.ReadAllText(file).Replace("copy-of", "id", StringComparison.Ordinal)
        );
        Assert.Equal(
            [copy.Standing.Id!.Value, original.Standing.Id!.Value],
            Open(other.Records, other.Root).Standing.Ids
        );
        Assert.Equal(original.Standing.Id, Open().Standing.Id);
    }

    [Fact]
    public void Where_inode_numbers_change_a_folder_is_never_taken_for_a_copy()
    {
        _keepsInodes = false;
        using var other = new TestFolder();
        var original = Open();
        File.Copy(Mark, Path.Join(other.Records, FolderMark.FileName));

        Assert.Equal(original.Standing.Id, Open(other.Records, other.Root).Standing.Id);
    }

    [Fact]
    public void A_mark_that_cannot_be_read_is_left_as_it_is()
    {
        File.WriteAllText(Mark, "id of my own\n");

        var refusal = Assert.Throws<IdentityUnusableException>(() => Open());

        Assert.Contains("does not name a folder", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("id of my own\n", File.ReadAllText(Mark));
    }

    [Fact]
    public void The_mount_of_a_folder_is_found()
    {
        Assert.Equal("/proc", FileFacts.MountOf("/proc/self"));
        Assert.NotEqual("/proc", FileFacts.MountOf("/process"));
    }

    private MarkedFolder Open() => Open(_folder.Records, _folder.Root);

    private MarkedFolder Open(string records, string data) =>
        MarkedFolder.Open(records, data, _clock, _ => _mount, _ => _keepsInodes);

    /// <summary>As unmounting does: the path stays, and another folder is seen there.</summary>
    private void Hide()
    {
        Directory.Move(_folder.Records, _folder.Records + ".disk");
        Directory.CreateDirectory(_folder.Records);
    }

    private void ShowAgain()
    {
        Directory.Delete(_folder.Records, recursive: true);
        Directory.Move(_folder.Records + ".disk", _folder.Records);
    }
}
