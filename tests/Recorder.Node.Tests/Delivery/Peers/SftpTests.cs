
namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>Transfers to OpenSSH's own server.</summary>
[Trait("ring", "media")]
public sealed class SftpTests(SshServer server) : PeerTests, IClassFixture<SshServer>
{
    private string Records => Directory.CreateDirectory(Path.Join(Root, "records")).FullName;

    private string Target => Path.Join(Records, Name);

    private string Part => Path.Join(Records, "2021/09 æ/.recorder-part-a b.mp4");

    [Theory]
    [InlineData("")]
    [InlineData("sha256sum")]
    [InlineData("no-such-command")]
    public async Task A_record_gets_its_name_in_its_folder_and_is_compared(string command)
    {
        var options = server.Options(Records);
        options.HashCommand = command;

        Assert.Null((await SendAsync(options)).Problem);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.False(File.Exists(Part));

        // Once more: what is there is left alone.
        var written = File.GetLastWriteTimeUtc(Target);
        Assert.Null((await SendAsync(options)).Problem);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Target));
    }

    [Fact]
    public async Task A_hash_command_that_never_ends_is_given_up_and_the_copy_is_read_back()
    {
        var options = server.Options(Records);
        (options.HashCommand, options.Timeout) = ("sleep 120 #", TimeSpan.FromSeconds(3));

        Assert.Null((await SendAsync(options).WaitAsync(TimeSpan.FromSeconds(60))).Problem);

        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task Another_file_of_the_name_is_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        await File.WriteAllTextAsync(Target, "other");

        var report = await SendAsync(server.Options(Records));

        Assert.False(report.MayPass);
        Assert.Contains("another file", report.Problem, StringComparison.Ordinal);
        Assert.Equal("other", await File.ReadAllTextAsync(Target));
    }

    [Theory]
    [InlineData(5_000_000)]
    [InlineData(11_990_000)]
    public async Task A_copy_that_was_cut_goes_on_where_it_ended(long cut)
    {
        using var proxy = new CuttingProxy(server.Port) { CutAfter = cut };
        Assert.True((await SendAsync(server.Options(Records, proxy.Port))).MayPass);
        var there = new FileInfo(Part).Length;
        Assert.InRange(there, 1_000_000, Content.Length);

        (var sent, proxy.CutAfter) = (proxy.Sent, null);
        Assert.Null((await SendAsync(server.Options(Records, proxy.Port))).Problem);

        // Nothing but what was missing, and what a sign-in and reading back ask for. The server may have written on.
        Assert.InRange(proxy.Sent - sent, 1, Content.Length - there + 500_000);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task An_unfinished_copy_with_other_bytes_never_gets_the_name()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        var other = Content[..5_000_000];
        other[17] ^= 1;
        await File.WriteAllBytesAsync(Part, other);

        var report = await SendAsync(server.Options(Records));
        Assert.Contains("other bytes", report.Problem, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));

        Assert.Null((await SendAsync(server.Options(Records))).Problem);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task An_unfinished_copy_with_another_end_begins_anew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        await File.WriteAllBytesAsync(Part, new byte[5_000_000]);

        Assert.Null((await SendAsync(server.Options(Records))).Problem);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task A_file_that_is_not_what_was_recorded_leaves_nothing_on_the_server()
    {
        var report = await SendAsync(server.Options(Records), Record with { Sha256 = new string('0', 64) });

        Assert.False(report.MayPass);
        Assert.Contains("not what was recorded", report.Problem, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Records, "*", SearchOption.AllDirectories));
    }

    public static TheoryData<string, string, string> Wrong =>
        new()
        {
            { "HostKey", "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "shows the host key" },
            { "KeyFile", "stranger", "refuses the user" },
            { "KeyFile", "sshd.conf", "cannot be read as a private key" },
            { "KeyFile", "nothing", "cannot be read as a private key" },
            { "Path", "/no/such/folder", "is not there" },
            { "Endpoint", "sftp://127.0.0.1:1", "the connection failed" },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Bad_input_says_what_to_do_and_may_pass(string option, string value, string told)
    {
        var options = server.Options(Records);
        _ = option switch
        {
            "HostKey" => options.HostKey = value,
            "KeyFile" => options.KeyFile = Path.Join(server.Root, value),
            "Path" => options.Path = value,
            _ => options.Endpoint = value,
        };

        var report = await SendAsync(options);

        Assert.StartsWith("Destination", report.Problem, StringComparison.Ordinal);
        Assert.Contains(told, report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
        if (option == "HostKey")
        {
            Assert.Contains(server.Fingerprint, report.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_transfer_keeps_to_its_bytes_a_second()
    {
        var begun = TimeProvider.System.GetTimestamp();

        Assert.Null((await SendAsync(server.Options(Records), bytesPerSecond: 6_000_000)).Problem);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun).TotalSeconds, 1.8, 30);
    }

    [FactThatMounts]
    public async Task A_server_that_is_full_says_so_and_the_record_comes_when_there_is_room()
    {
        var options = server.Options(Path.Join(Root, "full"));
        await using (await FullDisk.MountAsync(options.Path))
        {
            var report = await SendAsync(options);
            Assert.Contains("A full disk or a used-up quota is told so", report.Problem, StringComparison.Ordinal);
            Assert.True(report.MayPass);
            Assert.False(File.Exists(Path.Join(options.Path, Name)));

            await Harness.ToolRun.OutputOfAsync("mount", "-o", "remount,size=40m", options.Path);
            Assert.Null((await SendAsync(options)).Problem);
            Assert.Equal(Content, await File.ReadAllBytesAsync(Path.Join(options.Path, Name)));
        }
    }
}
