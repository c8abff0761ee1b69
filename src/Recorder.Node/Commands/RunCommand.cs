using Recorder.Node.Hosting;

namespace Recorder.Node.Commands;

/// <summary>Runs a node.</summary>
internal static class RunCommand
{
    public static Task<int> RunAsync(RecorderSettings settings, IReadOnlyList<string> warnings)
    {
        Folders.Prepare(settings.Node.Data, "data folder", "--data");
        Console.WriteLine(warnings.Count);
        return Task.FromResult(0);
    }
}
