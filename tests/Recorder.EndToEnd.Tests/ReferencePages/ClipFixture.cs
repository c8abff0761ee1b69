using System.Diagnostics;
using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.ReferencePages;

/// <summary>A short reference clip, and copies of it with a known defect each.</summary>
public sealed class ClipFixture : IAsyncLifetime
{
    public static ReferenceClipFormat Format { get; } = new(640, 360, 25, TimeSpan.FromSeconds(12));

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-analysis-").FullName;

    public ReferenceClip Clip { get; private set; } = null!;

    public async Task InitializeAsync() => Clip = await ReferenceClip.MakeAsync(Format);

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Runs the clip through ffmpeg with these arguments between input and output.</summary>
    public Task<MediaAnalysis> ChangedAsync(string name, params string[] arguments) =>
        MadeAsync(name, ["-i", Clip.Path, .. arguments]);

    /// <summary>Makes a file with ffmpeg from nothing but these arguments.</summary>
    public async Task<MediaAnalysis> MadeAsync(string name, params string[] arguments)
    {
        var path = PathOf(name);
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardError = true };
        foreach (var argument in (string[])["-nostdin", "-y", "-v", "error", .. arguments, path])
        {
            start.ArgumentList.Add(argument);
        }
        using var ffmpeg = Process.Start(start)!;
        var errors = await ffmpeg.StandardError.ReadToEndAsync();
        await ffmpeg.WaitForExitAsync();
        Assert.True(ffmpeg.ExitCode == 0, $"ffmpeg could not make {name}: {errors}");
        return new MediaAnalysis(path);
    }

    /// <summary>The first part of a file, as kill -9 would leave it.</summary>
    public async Task<MediaAnalysis> CutAsync(MediaAnalysis whole, double share)
    {
        var bytes = await File.ReadAllBytesAsync(whole.Path);
        var path = PathOf("cut-" + Path.GetFileName(whole.Path));
        await File.WriteAllBytesAsync(path, bytes[..(int)(bytes.Length * share)]);
        return new MediaAnalysis(path);
    }

    public string PathOf(string name) => Path.Combine(_folder, name);
}
