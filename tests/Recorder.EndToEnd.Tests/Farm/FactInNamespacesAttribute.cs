using System.ComponentModel;
using System.Diagnostics;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>A fact that makes network namespaces and bridges; skipped, with the reason, where that is not
/// allowed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactInNamespacesAttribute : FactAttribute
{
    public FactInNamespacesAttribute() => Skip = WhyNot();

    private static string? WhyNot()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "Network namespaces need root.";
        }
        try
        {
            // In a namespace of its own, so that it leaves nothing behind.
            var start = new ProcessStartInfo("unshare") { RedirectStandardError = true };
            foreach (var argument in new[] { "--net", "ip", "link", "add", "probe", "type", "bridge" })
            {
                start.ArgumentList.Add(argument);
            }
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"No network namespaces with bridges here: {errors.Trim()}";
        }
        catch (Win32Exception error)
        {
            return $"No network namespaces here: {error.Message}";
        }
    }
}
