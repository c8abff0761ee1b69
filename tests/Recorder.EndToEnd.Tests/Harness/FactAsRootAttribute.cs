namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>A fact that mounts a file system of its own, which only root may do; skipped for everybody else.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactAsRootAttribute : FactAttribute
{
    public FactAsRootAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Skip = "Mounting a file system needs root.";
        }
    }
}
