using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Recorder.Node.Hosting;
using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Processes;

/// <summary>What other users of the host may see of a node's files.</summary>
[Trait("ring", "media")]
public sealed class PrivateFilesTests : IDisposable
{
    private const uint Nobody = 65534;

    private const string Missing = "/no/such/folder";

    private readonly string _folder = Directory.CreateTempSubdirectory("rp-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Owner", "0077", "0700")]
    [InlineData("Group", "0027", "0750")]
    [InlineData("Everyone", "0022", "0755")]
    public void The_option_decides_who_reads_records_and_opens_a_folder_made_for_them(
        string option,
        string mask,
        string folder
    )
    {
        var readers = Enum.Parse<RecordReaders>(option);
        Assert.Equal(mask, Convert.ToString(FileMask.Of(readers), 8).PadLeft(4, '0'));
        Assert.Equal(folder, Convert.ToString((int)FileMask.FolderFor(readers), 8).PadLeft(4, '0'));
    }

    [Theory]
    [InlineData(null, "0077")]
    [InlineData("Owner", "0077")]
    [InlineData("Group", "0027")]
    [InlineData("Everyone", "0022")]
    [InlineData("nonsense", "0077")]
    public async Task Files_of_the_program_itself_are_private_whatever_the_shell_left_open(string? readers, string mask)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in new[] { "-c", "umask 000; exec \"$@\"", "sh", Executable, "pipeline" })
        {
            start.ArgumentList.Add(argument);
        }
        if (readers is not null)
        {
            start.Environment[FileMask.Variable] = readers;
        }
        using var worker = Process.Start(start)!;
        try
        {
            // The kernel tells the mask of every process, so nothing has to be recorded for it.
            await SeeAsync(() => MaskOf(worker.Id) == mask);
        }
        finally
        {
            worker.StandardInput.Close();
            await worker.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public void What_a_process_says_is_logged_for_the_node_s_user_alone()
    {
        var path = Path.Combine(_folder, "browser.log");
        using (var log = new ProcessLog(path))
        {
            log.Add("https://letsmeet.no/room?token=1");
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Contains("token=1", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void The_run_root_has_a_name_that_nobody_can_guess_and_the_node_finds_again()
    {
        var first = RunRootName.For(_folder, "/tmp");

        Assert.Matches("^/tmp/recorder-[0-9a-f]{12}$", first);
        Assert.Equal(first, RunRootName.For(_folder, "/tmp"));
        File.Delete(Path.Combine(_folder, "run-root"));
        Assert.NotEqual(first, RunRootName.For(_folder, "/tmp"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc")]
    [InlineData("recorder-0123456789ab/..")]
    public void A_name_that_is_none_is_replaced(string written)
    {
        File.WriteAllText(Path.Combine(_folder, "run-root"), written);

        Assert.Matches("^/tmp/recorder-[0-9a-f]{12}$", RunRootName.For(_folder, "/tmp"));
    }

    [Fact]
    public void A_run_root_that_another_user_has_made_is_not_used()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return; // Only root can make a folder for somebody else.
        }
        var known = RunRootName.For(_folder, _folder);
        Directory.CreateDirectory(known);
        Assert.Equal(known, RunRootName.For(_folder, _folder));
        Posix.ChangeOwner(known, Nobody, Nobody);

        Assert.NotEqual(known, RunRootName.For(_folder, _folder));
        var refusal = Assert.Throws<InvalidOperationException>(() => RunRoot.Open(known, user: null));
        Assert.Contains("belongs to another user", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_root_of_an_earlier_version_is_found_once_and_only_where_it_is_this_users()
    {
        // What that version made of this data folder.
        var left = Path.Combine(_folder, "recorder-1237cdc0");
        Assert.Null(RunRootName.LeftByAnEarlierVersion(Missing, _folder));
        Directory.CreateSymbolicLink(left, "/tmp");
        Assert.Null(RunRootName.LeftByAnEarlierVersion(Missing, _folder));
        File.Delete(left);
        Directory.CreateDirectory(left);
        Assert.Equal(left, RunRootName.LeftByAnEarlierVersion(Missing, _folder));
        if (Environment.IsPrivilegedProcess)
        {
            Posix.ChangeOwner(left, Nobody, Nobody);
            Assert.Null(RunRootName.LeftByAnEarlierVersion(Missing, _folder));
        }

        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        var own = Path.Combine(
            _folder,
            "recorder-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)))[..8]
        );
        Directory.CreateDirectory(own);
        Assert.Equal(own, RunRootName.LeftByAnEarlierVersion(data, _folder));
        RunRootName.For(data, _folder);
        Assert.Null(RunRootName.LeftByAnEarlierVersion(data, _folder));
    }

    [Fact]
    public void A_run_root_that_is_a_link_is_not_used()
    {
        var link = Path.Combine(_folder, "l");
        File.CreateSymbolicLink(link, "/tmp");

        Assert.Throws<InvalidOperationException>(() => RunRoot.Open(link, user: null));
    }

    private static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "recorder");

    private static string MaskOf(int process) =>
        File.ReadLines($"/proc/{process}/status")
            .First(line => line.StartsWith("Umask:", StringComparison.Ordinal))
            .Split('\t')[1];

    private static async Task SeeAsync(Func<bool> seen)
    {
        var since = Stopwatch.GetTimestamp();
        while (!seen())
        {
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(30))
            {
                throw new TimeoutException("The program did not set its mask within 30 s.");
            }
            await Task.Delay(20);
        }
    }
}
