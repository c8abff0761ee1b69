using System.Diagnostics;

namespace Recorder.EndToEnd.Tests.Docker;

/// <summary>podman in place of docker. The set-up lets podman run on machines with old control groups and with limits
/// that cannot be raised.</summary>
internal static class Podman
{
    private const string Settings = """
        [engine]
        runtime="runc"
        cgroup_manager="cgroupfs"
        events_logger="file"
        [containers]
        netns="host"
        default_ulimits=["nofile=20000:20000","nproc=4096:4096"]
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly Lazy<string?> Reason = new(FindWhyNot);

    private static readonly Lazy<string> Folder = new(MakeFolder);

    /// <summary>The commit's root: where <c>docker build</c> is called.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Why no container can be run here; null: they can.</summary>
    public static string? WhyNot => Reason.Value;

    /// <summary>Runs a command of podman to its end.</summary>
    public static Task<ToolRun> RunAsync(params string[] arguments) => RunAsync(Limit, ["podman", .. arguments]);

    /// <summary>Runs a command of podman to its end and expects success.</summary>
    public static async Task<string> OutputOfAsync(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        Assert.True(
            run.ExitCode == 0,
            $"podman {string.Join(' ', arguments)} ended with {run.ExitCode}: {run.Errors}{run.Output}"
        );
        return run.Output.Trim();
    }

    /// <summary>Runs any command line with podman in place of docker.</summary>
    public static async Task<ToolRun> RunAsync(TimeSpan limit, IReadOnlyList<string> line)
    {
        using var process = Process.Start(Prepare(line))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit);
            return new ToolRun(process.ExitCode, await output, await errors);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{string.Join(' ', line)} had not ended after {limit.TotalSeconds:0} s: {await errors}{await output}"
            );
        }
    }

    /// <summary>A process of this command line, with podman in place of docker, that is not started yet.</summary>
    public static ProcessStartInfo Prepare(IReadOnlyList<string> line)
    {
        // The program is looked for in the path that it is given, and not in this process's: Docker itself may be
        // installed here.
        var start = new ProcessStartInfo("/usr/bin/env")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Root,
        };
        foreach (var argument in line)
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["CONTAINERS_CONF"] = Path.Combine(Folder.Value, "containers.conf");
        start.Environment["BUILDAH_ISOLATION"] = "chroot";
        // The other format of images knows no health checks.
        start.Environment["BUILDAH_FORMAT"] = "docker";
        // Without systemd nobody asks for it but the test.
        start.Environment["DISABLE_HC_SYSTEMD"] = "true";
        start.Environment["PATH"] = $"{Folder.Value}:{Environment.GetEnvironmentVariable("PATH")}";
        return start;
    }

    private static string MakeFolder()
    {
        var folder = Path.Combine(Root, "artifacts", "podman");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "containers.conf"), Settings);
        var docker = Path.Combine(folder, "docker");
        if (!File.Exists(docker))
        {
            File.CreateSymbolicLink(docker, "/usr/bin/podman");
        }
        return folder;
    }

    private static string? FindWhyNot()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "Containers are built and run as root here.";
        }
        if (!new[] { "/usr/bin/podman", "/usr/sbin/runc", "/usr/sbin/debootstrap" }.All(File.Exists))
        {
            return "podman, runc and debootstrap are not installed; deploy/install-dependencies --test installs them.";
        }
        using var process = Process.Start(Prepare(["podman", "info"]))!;
        // Neither is long enough to fill a pipe.
        var errors = process.StandardError.ReadToEnd();
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"podman does not run here: {errors.Trim()}";
    }

    private static string FindRoot([System.Runtime.CompilerServices.CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", ".."));
}

/// <summary>A fact that builds or runs containers; skipped, with the reason, where podman cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithContainersAttribute : FactAttribute
{
    public FactWithContainersAttribute() => Skip = Podman.WhyNot;
}
