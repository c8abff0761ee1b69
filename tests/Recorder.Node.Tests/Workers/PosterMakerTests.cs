using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Workers;

namespace Recorder.Node.Tests.Workers;

[Trait("ring", "media")]
public sealed class PosterMakerTests
{
    [Fact]
    public async Task A_run_folder_that_takes_no_folders_does_not_take_the_only_place_for_ever()
    {
        var path = Path.Combine(Path.GetTempPath(), $"rt-{Guid.NewGuid():N}"[..11]);
        await using var root = RunRoot.Open(path, user: null);
        using var launcher = new ProcessLauncher(null, TimeProvider.System);
        using var posters = new PosterMaker(launcher, root, new MediaOptions());
        Directory.Delete(path, recursive: true);
        await File.WriteAllTextAsync(path, "in the way");
        try
        {
            for (var call = 0; call < 2; call++)
            {
                await Assert.ThrowsAnyAsync<IOException>(() =>
                    posters.MakeAsync(new SessionId(1), "record", "picture")
                );
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
