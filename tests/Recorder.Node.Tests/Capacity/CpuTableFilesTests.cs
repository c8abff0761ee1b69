using Recorder.Cluster.Capacity;
using Recorder.Node.Capacity;
using Recorder.Node.Configuration;

namespace Recorder.Node.Tests.Capacity;

public sealed class CpuTableFilesTests : IDisposable
{
    private static readonly HostFacts Host = new("AMD EPYC", 2, 2, 24_000);
    private static readonly CpuRow Measured = new(
        "AMD EPYC",
        2,
        24,
        [new CpuMeasurement(0, 3, 5, null), new CpuMeasurement(1, 140, 9, 0.97)]
    );

    private readonly string _data = Directory.CreateTempSubdirectory("rec-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData("Intel(R) Core(TM) i7-4790K CPU @ 4.00GHz", 8, 8_000, 4)]
    [InlineData("Intel(R) Core(TM) i7-7700K CPU @ 4.20GHz", 8, 16_000, 5)]
    [InlineData("11th Gen Intel(R) Core(TM) i7-11700K @ 3.60GHz", 16, 32_000, 13)]
    [InlineData("AMD EPYC", 2, 24_000, 1)]
    [InlineData("AMD EPYC", 64, 256_000, 32)]
    public void The_table_that_ships_has_the_originals_rows(string cpu, int threads, long memory, int slots) =>
        Assert.Equal(slots, CpuTableFiles.DecideSlots(Settings(), new HostFacts(cpu, threads, threads, memory)).Count);

    [Fact]
    public void The_originals_figures_are_all_there()
    {
        var table = CpuTable.Parse(
            "cpu-table.csv",
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cpu-table.csv"))
        );

        Assert.Equal([5, 7, 16], table.Rows.Select(row => row.Measurements.Count));
        Assert.Equal([1427.0, 2365, 10_675], table.Rows.Select(row => row.Measurements.Sum(one => one.CpuPercent)));
        Assert.Equal([49.0, 48, 198], table.Rows.Select(row => row.Measurements.Sum(one => one.MemoryPercent)));
    }

    [Fact]
    public void What_was_measured_is_used_from_then_on()
    {
        CpuTableFiles.SaveMeasured(_data, Measured with { Measurements = [new CpuMeasurement(1, 190, 9, 0.5)] });
        CpuTableFiles.SaveMeasured(_data, new CpuRow("Another", 4, 8, [new CpuMeasurement(1, 190, 9, null)]));
        CpuTableFiles.SaveMeasured(_data, Measured);

        var slots = CpuTableFiles.DecideSlots(Settings(), Host);
        Assert.Equal(
            "Measured on this host by recorder calibrate: AMD EPYC held 1 with 70 % of its 2 threads and 9 % of its memory.",
            slots.Found
        );
        Assert.Equal(["Another", "AMD EPYC"], CpuTableFiles.ReadMeasured(_data).Rows.Select(row => row.Cpu));
        Assert.Equal([CpuTableFiles.MeasuredIn(_data)], Directory.GetFileSystemEntries(_data));
    }

    [Fact]
    public void A_broken_table_names_file_line_and_ways_out_and_stays_as_it_is()
    {
        var file = Path.Combine(_data, "mine.csv");
        File.WriteAllText(file, "cpu,threads\n");
        var settings = Settings();
        settings.Cluster.Capacity.CpuTable = file;

        var refusal = Assert.Throws<StartRefusedException>(() => CpuTableFiles.DecideSlots(settings, Host));

        Assert.StartsWith($"The CPU table {file} is wrong in line 1: ", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "Correct the line, name another file by Capacity:CpuTable, or set Placement:Sessions, with which no table is read.",
            refusal.Message,
            StringComparison.Ordinal
        );
        Assert.Equal("cpu,threads\n", File.ReadAllText(file));

        settings.Cluster.Placement.Sessions = 3;
        Assert.Equal(3, CpuTableFiles.DecideSlots(settings, Host).Count);
    }

    [Fact]
    public void A_broken_measured_table_is_not_overwritten()
    {
        File.WriteAllText(CpuTableFiles.MeasuredIn(_data), "x");

        Assert.Contains(
            "measure again",
            Assert.Throws<StartRefusedException>(() => CpuTableFiles.SaveMeasured(_data, Measured)).Message,
            StringComparison.Ordinal
        );
        Assert.Equal("x", File.ReadAllText(CpuTableFiles.MeasuredIn(_data)));
    }

    [Fact]
    public void A_table_that_is_not_there_is_a_sentence()
    {
        var settings = Settings();
        settings.Cluster.Capacity.CpuTable = Path.Combine(_data, "none.csv");

        Assert.StartsWith(
            $"The CPU table {_data}/none.csv cannot be read: ",
            Assert.Throws<StartRefusedException>(() => CpuTableFiles.DecideSlots(settings, Host)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Marks_that_contradict_each_other_are_refused()
    {
        var settings = Settings();
        settings.Cluster.Capacity.CpuClosedAbove = 80;

        Assert.Contains(
            "CpuOpenBelow",
            Assert.Throws<StartRefusedException>(() => CpuTableFiles.DecideSlots(settings, Host)).Message,
            StringComparison.Ordinal
        );
    }

    private RecorderSettings Settings()
    {
        var settings = RecorderSettings.Bind(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build());
        settings.Node.Data = _data;
        return settings;
    }
}
