using System.Diagnostics;

namespace Recorder.Worker.Tests.Loop;

/// <summary>A small file system to fill up. Only root may mount; elsewhere the tests that need one have nothing to
/// say.</summary>
internal static class Tmpfs
{
    public static async Task<bool> TryMountAsync(string folder, int megabytes) =>
        Environment.IsPrivilegedProcess
        && await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder) == 0;

    public static async Task UnmountAsync(string folder)
    {
        await RunAsync("umount", "--lazy", folder);
        Directory.Delete(folder);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
