using System.Text;
using Recorder.Cluster.Settings;
using Recorder.Node.Browsing;
using Recorder.Node.Parts;
using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Browsing;

/// <summary>What a browser takes, and when that is too much.</summary>
public sealed class PageBoundsTests : IDisposable
{
    private const int Browser = 10;
    private static readonly long Page = Environment.SystemPageSize;
    private static readonly PageBounds Bounds = new(ByteSize.FromMegabytes(100), 50, ByteSize.FromMegabytes(10));
    private readonly string _folder = Directory.CreateTempSubdirectory("rec-").FullName;

    private string Proc => Path.Combine(_folder, "proc");

    private string Profile => Directory.CreateDirectory(Path.Combine(_folder, "profile")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(100, 50, 10, null)]
    [InlineData(101, 50, 10, "The page's browser takes 101 MB of memory, and Media:PageMemory allows 100 MB.")]
    [InlineData(100, 51, 10, "The page's browser runs 51 threads, and Media:PageThreads allows 50.")]
    [InlineData(100, 50, 11, "The page's browser takes 11 MB of disk, and Media:PageDisk allows 10 MB.")]
    public void What_is_above_a_bound_is_told_with_the_option(int memory, int threads, int disk, string? told) =>
        Assert.Equal(told, Bounds.Broken(new PageUse(memory * 1_000_000L, threads, disk * 1_000_000L)));

    [Fact]
    public void Without_bounds_nothing_is_too_much()
    {
        var none = new PageBounds(default, 0, default);
        Assert.False(none.Any);
        Assert.Null(none.Broken(new PageUse(long.MaxValue, int.MaxValue, long.MaxValue)));
        Assert.Equal(new PageUse(0, 0, 0), Weigh("/proc", Environment.ProcessId, none));
    }

    [Fact]
    public void A_first_users_bounds_are_above_a_meeting_of_many()
    {
        var bounds = PageBounds.Of(new MediaOptions());
        Assert.Null(bounds.Broken(new PageUse(2_500_000_000, 700, 500_000_000)));
        Assert.NotNull(bounds.Broken(new PageUse(8_000_000_000, 700, 0)));
    }

    [Fact]
    public void A_browser_counts_with_its_descendants_and_with_those_that_lost_their_parent()
    {
        Put(Browser, parent: 1, session: Browser, threads: 5, pages: 100);
        Put(12, parent: Browser, session: 12, threads: 3, pages: 20, name: "odd) S 1 name");
        Put(11, parent: 12, session: 12, threads: 2, pages: 7);
        Put(14, parent: 1, session: Browser, threads: 1, pages: 1);
        Put(13, parent: 1, session: 1, threads: 99, pages: 9_000);

        Assert.Equal(new PageUse(128 * Page, 11, 0), Weigh(Proc, Browser, Bounds));
    }

    [Fact]
    public void Memory_that_processes_share_counts_once_where_that_matters()
    {
        var pages = (int)(60_000_000 / Page);
        Put(Browser, parent: 1, session: Browser, threads: 1, pages, smaps: "Rss: 60000 kB\nPss:   40000 kB\n");
        var statm = $"{pages * 2} {pages} {pages - 3} 1 0 1 0";
        Put(12, parent: Browser, session: Browser, threads: 1, pages, statm: statm);

        Assert.Equal((40_000 * 1024L) + (3 * Page), Weigh(Proc, Browser, Bounds).MemoryBytes);
    }

    [Fact]
    public void Files_count_by_length_small_ones_by_a_block_and_links_not_at_all()
    {
        var inner = Directory.CreateDirectory(Path.Combine(Profile, "Default", "Cache")).FullName;
        File.WriteAllBytes(Path.Combine(inner, "large"), new byte[1_000_000]);
        File.WriteAllBytes(Path.Combine(inner, "empty"), []);
        File.CreateSymbolicLink(Path.Combine(Profile, "link"), inner);

        Assert.Equal(1_004_096, PageUse.DiskOf([Profile, Path.Combine(_folder, "not there")], long.MaxValue));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1_600_000_000, 2)]
    [InlineData(2_000_000_000, 0)]
    [InlineData(9_000_000_000, 0)]
    public void Files_are_counted_again_before_the_fastest_page_can_have_passed_its_bound(long taken, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), PageBounds.Of(new MediaOptions()).UntilDiskMatters(taken));
        var large = new PageBounds(default, 0, ByteSize.FromMegabytes(100_000));
        Assert.Equal(TimeSpan.FromSeconds(10), large.UntilDiskMatters(taken));
    }

    [Fact]
    public async Task All_who_read_at_the_same_time_get_one_reading_of_the_processes()
    {
        Put(Browser, parent: 1, session: Browser, threads: 5, pages: 100);
        var time = new SetTime();
        var shared = new SharedProcesses(Proc, time);
        var first = shared.ReadAsync();
        time.Now += TimeSpan.FromSeconds(0.4);
        Assert.Same(await first, await shared.ReadAsync());
        Assert.Equal(TimeSpan.FromSeconds(1.6), shared.UntilNext(PageBounds.Interval));
        time.Now += TimeSpan.FromSeconds(1.6);
        Assert.NotSame(await first, await shared.ReadAsync());
        Assert.Equal(PageBounds.Interval, shared.UntilNext(PageBounds.Interval));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10 (name) S 1 2 3")]
    [InlineData("no process")]
    public void What_is_no_stat_of_a_process_is_no_process(string stat) =>
        Assert.Null(RunningProcess.Parse(10, Encoding.ASCII.GetBytes(stat)));

    private static PageUse Weigh(string proc, int browser, PageBounds bounds) =>
        PageUse.Of(proc, RunningProcesses.Read(proc), browser, bounds);

    private void Put(
        int id,
        int parent,
        int session,
        int threads,
        int pages,
        string? smaps = null,
        string statm = "0 0 0",
        string name = "name"
    )
    {
        var folder = Directory.CreateDirectory(Path.Combine(Proc, $"{id}")).FullName;
        File.WriteAllText(
            Path.Combine(folder, "stat"),
            $"{id} ({name}) S {parent} {session} {session} 0 -1 4194304 1 0 0 0 9 9 9 9 20 0 {threads} 0 100 999999 {pages} 18446744073709551615\n"
        );
        File.WriteAllText(Path.Combine(folder, "statm"), statm);
        if (smaps is not null)
        {
            File.WriteAllText(Path.Combine(folder, "smaps_rollup"), smaps);
        }
    }

    private sealed class SetTime : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromSeconds(100);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
