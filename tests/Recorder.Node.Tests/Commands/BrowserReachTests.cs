using Recorder.Node.Configuration;
using Recorder.Node.Hosting;
using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Commands;

/// <summary>Which folders the browsers' user could change records in.</summary>
public sealed class BrowserReachTests
{
    private static readonly SystemUser Browser = new("recorder", 999, 995);
    private static readonly IReadOnlySet<uint> Groups = new HashSet<uint> { 995, 44 };

    [Theory]
    // The folder itself: owner, group, mode; then whether everybody's files may be in it.
    [InlineData(0, 0, "755", true, null)]
    [InlineData(34568, 34568, "700", true, null)]
    [InlineData(34568, 34568, "777", true, "chmod go-w")]
    [InlineData(34568, 34568, "772", true, "chmod go-w")]
    [InlineData(34568, 34568, "770", true, null)]
    [InlineData(34568, 995, "770", true, "chmod go-w")]
    [InlineData(34568, 44, "775", true, "chmod go-w")]
    // Of the group, and so not one of the others.
    [InlineData(34568, 44, "757", true, null)]
    [InlineData(999, 995, "700", true, "belongs to it")]
    [InlineData(999, 995, "500", true, "belongs to it")]
    [InlineData(0, 0, "1777", true, null)]
    [InlineData(0, 0, "1777", false, "chmod go-w")]
    [InlineData(999, 0, "1777", true, "belongs to it")]
    public void A_folder_is_kept_from_the_browsers_user(
        int owner,
        int group,
        string mode,
        bool shared,
        string? problem
    ) =>
        AssertProblem(
            problem,
            BrowserReach.Problem(
                [Folder("/srv/records", owner, group, mode), Folder("/srv", 0, 0, "755"), Folder("/", 0, 0, "755")],
                Browser,
                Groups,
                shared
            )
        );

    [Theory]
    // The folder that it is in.
    [InlineData(0, 0, "755", null)]
    [InlineData(0, 0, "1777", null)]
    [InlineData(0, 0, "777", "may write to /srv.")]
    [InlineData(0, 995, "775", "may write to /srv.")]
    [InlineData(999, 0, "755", "/srv belongs to it")]
    public void Whoever_may_rename_the_folder_may_put_another_in_its_place(
        int owner,
        int group,
        string mode,
        string? problem
    ) =>
        AssertProblem(
            problem,
            BrowserReach.Problem(
                [Folder("/srv/records", 0, 0, "700"), Folder("/srv", owner, group, mode), Folder("/", 0, 0, "755")],
                Browser,
                Groups,
                shared: false
            )
        );

    [Fact]
    public void The_folders_that_a_link_leads_through_count_too()
    {
        var root = Directory.CreateTempSubdirectory("reach-").FullName;
        try
        {
            var open = Directory.CreateDirectory(Path.Combine(root, "open")).FullName;
            Directory.CreateDirectory(Path.Combine(open, "records"));
            var link = Path.Combine(root, "link");
            Directory.CreateSymbolicLink(link, Path.Combine(open, "records"));
            Folders.KeepFrom(link, "records folder", "--records", shared: true, Stranger);

            File.SetUnixFileMode(open, (UnixFileMode)Convert.ToInt32("777", 8));
            var refusal = Assert.Throws<StartRefusedException>(() =>
                Folders.KeepFrom(link, "records folder", "--records", shared: true, Stranger)
            );
            Assert.Contains($"may write to {open}.", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Theory]
    [InlineData("700", null)]
    [InlineData("1777", null)]
    [InlineData("777", "chmod +t")]
    public void Nobody_else_may_put_a_folder_in_the_place_of_the_run_root(string mode, string? problem)
    {
        var parent = Directory.CreateTempSubdirectory("reach-").FullName;
        try
        {
            File.SetUnixFileMode(parent, (UnixFileMode)Convert.ToInt32(mode, 8));
            foreach (var runRoot in new[] { "run", "not/there/yet/" })
            {
                var refusal = Record.Exception(() => Folders.KeepParentFrom(Path.Combine(parent, runRoot), Stranger));
                AssertProblem(problem, refusal?.Message);
            }

            Folders.KeepParentFrom(Path.Combine(parent, "run"), user: null);
        }
        finally
        {
            Directory.Delete(parent, recursive: true);
        }
    }

    /// <summary>Owns nothing, and is in no group, on the machine that tests.</summary>
    private static readonly SystemUser Stranger = new("no-such-user", 54321, 54321);

    private static void AssertProblem(string? expected, string? problem)
    {
        if (expected is null)
        {
            Assert.Null(problem);
        }
        else
        {
            Assert.Contains(expected, problem, StringComparison.Ordinal);
        }
    }

    private static FileOwnership Folder(string path, int owner, int group, string mode) =>
        new(path, (uint)owner, (uint)group, (UnixFileMode)Convert.ToInt32(mode, 8));
}
