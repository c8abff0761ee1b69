using Recorder.Node.Capacity;

namespace Recorder.Node.Tests.Capacity;

public sealed class ProcessTreeTests : IDisposable
{
    private readonly string _proc = Directory.CreateTempSubdirectory("rec-").FullName;

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    [Fact]
    public void A_process_counts_with_all_its_descendants_and_with_nobody_else()
    {
        Put(1, parent: 0, ticks: "1000 1000 0 0", "Pss:  9000 kB");
        Put(10, parent: 1, ticks: "100 20 7 3", "Rss:  9000 kB\nPss:    2000 kB");
        Put(12, parent: 10, ticks: "50 10 0 0", "Pss: 3000 kB", name: "odd) S 1 name");
        Put(11, parent: 12, ticks: "1 2 0 0", smaps: null, statm: "900 300 200 1 0 1 0");
        Put(13, parent: 1, ticks: "1000 1000 0 0", "Pss: 9000 kB");

        var tree = ProcessTree.Read(_proc, 10);

        Assert.Equal(TimeSpan.FromMilliseconds(1930), tree.Cpu);
        Assert.Equal(((5000 * 1024L) + (100 * Environment.SystemPageSize)) / 1_000_000, tree.MemoryMegabytes);
    }

    [Fact]
    public void This_process_can_be_read()
    {
        var tree = ProcessTree.Read("/proc", Environment.ProcessId);

        Assert.True(tree.Cpu > TimeSpan.Zero, $"{tree}");
        Assert.InRange(tree.MemoryMegabytes, 10, 100_000);
    }

    private void Put(int id, int parent, string ticks, string? smaps, string statm = "0 0 0", string name = "name")
    {
        var folder = Directory.CreateDirectory(Path.Combine(_proc, $"{id}")).FullName;
        File.WriteAllText(
            Path.Combine(folder, "stat"),
            $"{id} ({name}) S {parent} 1 1 0 -1 4194304 1 0 0 0 {ticks} 20 0 1 0 100\n"
        );
        File.WriteAllText(Path.Combine(folder, "statm"), statm);
        if (smaps is not null)
        {
            File.WriteAllText(Path.Combine(folder, "smaps_rollup"), smaps);
        }
    }
}
