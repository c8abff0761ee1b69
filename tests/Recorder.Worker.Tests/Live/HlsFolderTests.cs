using System.Diagnostics;
using Recorder.Worker.Live;

namespace Recorder.Worker.Tests.Live;

/// <summary>The folder of a live playlist beside a record, where somebody else may put files too.</summary>
[Trait("ring", "media")]
public sealed class HlsFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-hls-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_is_made_once_and_used_again()
    {
        var path = Path.Combine(_folder, "record.mp4.hls");
        HlsFolder.Make(path);
        HlsFolder.Make(path);
        Assert.True(Directory.Exists(path));
    }

    [Fact]
    public void A_link_that_lies_there_is_not_followed()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_folder, "elsewhere")).FullName;
        var path = Path.Combine(_folder, "record.mp4.hls");
        Directory.CreateSymbolicLink(path, elsewhere);

        Assert.Contains(path, Assert.Throws<IOException>(() => HlsFolder.Make(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_users_folder_is_not_used()
    {
        // Only root can give a folder away; everybody else's case is the same comparison.
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }
        var path = Directory.CreateDirectory(Path.Combine(_folder, "record.mp4.hls")).FullName;
        using var chown = Process.Start("chown", ["12345", path]);
        await chown.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Contains(
            "another user",
            Assert.Throws<IOException>(() => HlsFolder.Make(path)).Message,
            StringComparison.Ordinal
        );
    }
}
