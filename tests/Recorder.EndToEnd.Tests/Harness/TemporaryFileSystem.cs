using System.Globalization;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>A small file system in memory, to be filled or made read-only.</summary>
internal sealed class TemporaryFileSystem : IAsyncDisposable
{
    private TemporaryFileSystem(string path) => Path = path;

    /// <summary>Where the file system is mounted.</summary>
    public string Path { get; }

    /// <summary>The room left, in bytes.</summary>
    public long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    public static async Task<TemporaryFileSystem> MountAsync(int megabytes)
    {
        var path = Directory.CreateTempSubdirectory("recorder-disk-").FullName;
        await ToolRun.OutputOfAsync(
            "mount",
            "-t",
            "tmpfs",
            "-o",
            $"size={megabytes.ToString(CultureInfo.InvariantCulture)}m,mode=755",
            "recorder-test",
            path
        );
        return new TemporaryFileSystem(path);
    }

    public Task MakeReadOnlyAsync() => ToolRun.OutputOfAsync("mount", "-o", "remount,ro", Path);

    /// <summary>Writes a file so large that only this much room is left.</summary>
    public async Task FillAsync(long leaveBytes)
    {
        var block = new byte[64 * 1024];
        await using var filler = File.Create(System.IO.Path.Combine(Path, "filler"));
        for (var left = FreeBytes - leaveBytes; left > 0; left -= block.Length)
        {
            await filler.WriteAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Lazily: a test that fails may leave a worker with an open file in it.
        await ToolRun.OutputOfAsync("umount", "--lazy", Path);
        Directory.Delete(Path);
    }
}
