using Recorder.Harness;
using Recorder.Harness.Fuzzing;
using Recorder.Worker.Files.Formats;
using Recorder.Worker.Files.Joining;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Tests.Files;

/// <summary>Files that a disk, a power cut or somebody else has changed.</summary>
[Trait("ring", "media")]
public sealed class MutatedFilesTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>What one file may make of memory, in bytes. The files have some 100 kB.</summary>
    private const long Memory = 256 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-mutated-").FullName;

    public MutatedFilesTests() => Application.Init();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(FileContainer.Mp4, "-c:v libx264 -c:a aac -movflags +frag_keyframe+empty_moov+default_base_moof -g 5")]
    [InlineData(FileContainer.Mkv, "-c:v libx264 -c:a libopus -g 5")]
    [InlineData(FileContainer.Webm, "-c:v libvpx -c:a libopus -g 5")]
    [InlineData(FileContainer.Ts, "-c:v libx264 -c:a aac -g 5")]
    public async Task A_changed_record_is_repaired_or_kept_or_refused(FileContainer container, string encoding)
    {
        var right = await RecordAsync(container, encoding);
        var random = new Random(FuzzSize.Seed);
        for (var number = 0; number < FuzzSize.Of(60); number++)
        {
            var bytes = MutatedBytes.Of(random, right);
            await TryAsync(number, bytes, path => RecordFormat.HoldsPicture(path, container));
            await TryAsync(number, bytes, path => RecordFormat.Repair(path, container, minimumFreeBytes: 0));
            await TryAsync(number, bytes, path => RecordFormat.Keep(path, container));
        }
    }

    [Theory]
    [InlineData("-movflags +faststart")]
    [InlineData("-movflags +frag_keyframe+empty_moov+default_base_moof")]
    public async Task A_changed_record_is_joined_or_refused(string flags)
    {
        var right = await RecordAsync(FileContainer.Mp4, $"-c:v libx264 -c:a aac -g 5 {flags}");
        var random = new Random(FuzzSize.Seed);
        for (var number = 0; number < FuzzSize.Of(100); number++)
        {
            var bytes = MutatedBytes.Of(random, right);
            await TryAsync(
                number,
                bytes,
                path =>
                {
                    using var file = File.OpenHandle(path);
                    var length = RandomAccess.GetLength(file);
                    var record = new JoinedRecord(
                        "a",
                        "Part",
                        length,
                        (from, count) =>
                        {
                            var buffer = new byte[count];
                            var read = RandomAccess.Read(file, buffer, from);
                            return Task.FromResult<ReadOnlyMemory<byte>>(buffer.AsMemory(0, read));
                        }
                    );
                    MovieJoin.PlanAsync([record, record]).GetAwaiter().GetResult();
                }
            );
        }
    }

    /// <summary>Holds one try to what a caller is told: the file is right, or an error that is named.</summary>
    private async Task TryAsync(int number, byte[] bytes, Action<string> act)
    {
        var path = Path.Join(_folder, "changed");
        await File.WriteAllBytesAsync(path, bytes);
        var before = GC.GetTotalAllocatedBytes();
        var what = $"Change {number} with the seed {FuzzSize.Seed}";
        try
        {
            await Task.Run(() => act(path)).WaitAsync(Limit);
        }
        catch (Exception error)
            when (error is IOException or InvalidDataException or GStreamerException or NotJoinableException)
        {
            // The sentence of the caller has a place in it.
            Assert.False(string.IsNullOrWhiteSpace(error.Message));
        }
        catch (Exception error)
        {
            var kept = Path.Join(Path.GetTempPath(), $"recorder-fuzz-{FuzzSize.Seed}-{number}");
            await File.WriteAllBytesAsync(kept, bytes);
            throw new InvalidOperationException($"{what} made {error.GetType().Name}; the file is kept as {kept}.", error);
        }
        var made = GC.GetTotalAllocatedBytes() - before;
        Assert.True(made < Memory, $"{what} took {made >> 20} MiB.");
    }

    private async Task<byte[]> RecordAsync(FileContainer container, string encoding)
    {
        var path = Path.Join(_folder, $"right.{container.ToString().ToLowerInvariant()}");
        await ToolRun.OutputOfAsync(
            "ffmpeg",
            [
                .. "-v error -y -f lavfi -i testsrc2=size=160x90:rate=10:duration=2 -f lavfi -i sine=duration=2".Split(' '),
                .. encoding.Split(' '),
                path,
            ]
        );
        return await File.ReadAllBytesAsync(path);
    }
}
