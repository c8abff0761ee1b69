
namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>A file system with room for a part of a record.</summary>
internal sealed class FullDisk : IAsyncDisposable
{
    private FullDisk(string path) => Path = path;

    public string Path { get; }

    public static async Task<FullDisk> MountAsync(string path)
    {
        Directory.CreateDirectory(path);
        await ToolRun.OutputOfAsync("mount", "-t", "tmpfs", "-o", "size=4m", "recorder-test", path);
        return new FullDisk(path);
    }

    public async ValueTask DisposeAsync() => await ToolRun.RunAsync("umount", "-l", Path);
}

/// <summary>A test that mounts a file system.</summary>
internal sealed class FactThatMountsAttribute : FactAttribute
{
    public FactThatMountsAttribute() =>
        Skip = Environment.IsPrivilegedProcess ? null : "Mounting a file system needs root.";
}
