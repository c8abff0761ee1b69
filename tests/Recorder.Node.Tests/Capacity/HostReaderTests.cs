using Recorder.Cluster.Capacity;
using Recorder.Node.Capacity;

namespace Recorder.Node.Tests.Capacity;

/// <summary>The kernel's files of different hosts, in a folder.</summary>
public sealed class HostReaderTests : IDisposable
{
    private const string Version2 = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw";

    private readonly string _root = Directory.CreateTempSubdirectory("rec-").FullName;

    public HostReaderTests()
    {
        Put(
            "/proc/cpuinfo",
            string.Join(
                "\n",
                Enumerable.Range(0, 8).Select(cpu => $"processor\t: {cpu}\nmodel name\t: Some(R) CPU @ 4.00GHz\n")
            )
        );
        Put("/proc/meminfo", "MemTotal:       16000000 kB\nMemFree:  1 kB\nMemAvailable:   10000000 kB\n");
        Put("/proc/self/status", "Name:\trecorder\nCpus_allowed_list:\t0-7\n");
        Put("/proc/stat", Stat(busy: 100, idle: 300));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_plain_host_is_used_whole() =>
        Assert.Equal(new HostFacts("Some(R) CPU @ 4.00GHz", 8, 8, 16_384), Read().Facts());

    [Theory]
    [InlineData("0-3", 4)]
    [InlineData("0,2,4-6", 5)]
    [InlineData("", 8)]
    public void Affinity_and_cpusets_count(string allowed, double threads)
    {
        Put("/proc/self/status", $"Cpus_allowed_list:\t{allowed}\n");

        Assert.Equal(threads, Read().Facts().Threads);
    }

    [Theory]
    [InlineData("150000 100000", "max 100000", 1.5)]
    [InlineData("max 100000", "200000 100000", 2)]
    [InlineData("400000 100000", "50000 100000", 0.5)]
    [InlineData("max 100000", "max 100000", 8)]
    [InlineData("9900000 100000", "max 100000", 8)]
    public void The_tightest_quota_of_version_2_counts(string own, string parents, double threads)
    {
        InVersion2();
        Put("/sys/fs/cgroup/a/b/cpu.max", own + "\n");
        Put("/sys/fs/cgroup/a/cpu.max", parents + "\n");

        Assert.Equal(threads, Read().Facts().Threads);
    }

    [Theory]
    [InlineData("-1", 8)]
    [InlineData("250000", 2.5)]
    public void The_quota_of_version_1_counts(string quota, double threads)
    {
        InVersion1();
        Put("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", quota + "\n");
        Put("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");

        Assert.Equal(threads, Read().Facts().Threads);
    }

    [Fact]
    public void The_tightest_memory_limit_counts_and_its_cache_is_available()
    {
        InVersion2();
        Put("/sys/fs/cgroup/a/b/memory.max", "max\n");
        Put("/sys/fs/cgroup/a/memory.max", "4000000000\n");
        Put("/sys/fs/cgroup/a/memory.current", "3000000000\n");
        Put("/sys/fs/cgroup/a/memory.stat", "anon 2500000000\ninactive_file 500000000\n");

        Assert.Equal(4_000, Read().Facts().MemoryMegabytes);
        Assert.Equal(1_500, Read().MemoryAvailable());
    }

    [Fact]
    public void The_memory_limit_of_version_1_counts()
    {
        InVersion1();
        Put("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "4000000000\n");
        Put("/sys/fs/cgroup/memory/a/memory.usage_in_bytes", "3000000000\n");
        Put("/sys/fs/cgroup/memory/a/memory.stat", "inactive_file 1\ntotal_inactive_file 500000000\n");
        Put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

        Assert.Equal(4_000, Read().Facts().MemoryMegabytes);
        Assert.Equal(1_500, Read().MemoryAvailable());
    }

    [Fact]
    public void Without_a_limit_the_hosts_available_memory_counts() => Assert.Equal(10_240, Read().MemoryAvailable());

    [Fact]
    public void Only_the_allowed_processors_are_looked_at_and_stolen_time_is_busy()
    {
        Put("/proc/self/status", "Cpus_allowed_list:\t1\n");
        Put(
            "/proc/stat",
            "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 9 9 9 9 9 9 9 9 9 9\ncpu1 10 20 30 400 50 1 2 3 7 8\nintr 1\n"
        );

        var sample = Read().Sample();

        Assert.Equal(TimeSpan.FromMilliseconds(660), sample.Busy);
        Assert.Equal(TimeSpan.FromMilliseconds(5160), sample.Total);
        Assert.Null(sample.Quota);
    }

    [Fact]
    public void A_quota_comes_with_what_its_group_has_used()
    {
        InVersion2();
        Put("/sys/fs/cgroup/a/cpu.max", "150000 100000\n");
        Put("/sys/fs/cgroup/a/cpu.stat", "usage_usec 2500000\nuser_usec 1\n");
        var version2 = Read().Sample();
        InVersion1();
        Put("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "150000\n");
        Put("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
        Put("/sys/fs/cgroup/cpu/a/cpuacct.usage", "2500000000\n");
        var version1 = Read().Sample();

        Assert.Equal((1.5, TimeSpan.FromSeconds(2.5)), (version2.Quota, version2.Used));
        Assert.Equal((1.5, TimeSpan.FromSeconds(2.5)), (version1.Quota, version1.Used));
    }

    [Fact]
    public void This_machine_can_be_read()
    {
        var host = new HostReader("", TimeProvider.System);

        var facts = host.Facts();
        Assert.NotEmpty(facts.Cpu);
        Assert.InRange(facts.Threads, 0.01, facts.HostThreads);
        Assert.InRange(facts.MemoryMegabytes, 1, long.MaxValue / 1_000_000 - 1);
        Assert.InRange(host.MemoryAvailable()!.Value, 1, facts.MemoryMegabytes);
        var sample = host.Sample();
        Assert.InRange(sample.Busy, TimeSpan.FromMilliseconds(1), sample.Total);
    }

    private static string Stat(int busy, int idle) => $"cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 {busy} 0 0 {idle} 0 0 0 0 0 0\n";

    private HostReader Read() => new(_root, TimeProvider.System);

    private void InVersion2()
    {
        Put("/proc/self/mountinfo", Version2);
        Put("/proc/self/cgroup", "0::/a/b\n");
    }

    private void InVersion1()
    {
        Put(
            "/proc/self/mountinfo",
            "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n33 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
        );
        Put("/proc/self/cgroup", "3:cpu,cpuacct:/a\n4:memory:/a\n");
    }

    private void Put(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root + file)!);
        File.WriteAllText(_root + file, text);
    }
}
