using System.Text;
using Recorder.Cluster.Capacity;
using Recorder.Harness.Fuzzing;

namespace Recorder.Cluster.Tests.Capacity;

public sealed class CpuTableTests
{
    private const string Header = "cpu,threads,memory_gb,recordings,cpu_percent,memory_percent,distinct_frames\n";

    [Fact]
    public void Lines_of_one_processor_are_one_row()
    {
        var table = CpuTable.Parse(
            "t.csv",
            "# comment\r\n\n" + Header + "A,8,16,0,0.5,1,\nB 1,2,4,1.88,150,20,0.97\nA, 8 ,16,1,141,5,\n"
        );

        Assert.Equal(["A", "B 1"], table.Rows.Select(row => row.Cpu));
        Assert.Equal(
            [new CpuMeasurement(0, 0.5, 1, null), new CpuMeasurement(1, 141, 5, null)],
            table.Rows[0].Measurements
        );
        Assert.Equal([new CpuMeasurement(1.88m, 150, 20, 0.97)], table.Rows[1].Measurements);
        Assert.Equal((2, 4), (table.Rows[1].Threads, table.Rows[1].MemoryGigabytes));
    }

    [Fact]
    public void A_name_may_have_commas_and_rows_of_other_threads_are_other_rows() =>
        Assert.Equal(
            ["A, B", "A, B"],
            CpuTable.Parse("t.csv", Header + "A, B,8,16,1,141,5,\nA, B,4,16,1,141,5,\n").Rows.Select(row => row.Cpu)
        );

    [Theory]
    [InlineData("", "line 1: it is empty")]
    [InlineData("# nothing\n", "line 1: it is empty")]
    [InlineData("cpu;threads\n", "line 1: there should be the names of the columns: cpu,threads,")]
    [InlineData(Header + "A,8,16,1,141\n", "line 2: there are 5 values instead of 7")]
    [InlineData(Header + ",8,16,1,141,5,\n", "line 2: the name of the cpu is missing")]
    [InlineData(
        Header + "A,eight,16,1,141,5,\n",
        "line 2: threads is \"eight\" and must be a number from 0.01 to 10000"
    )]
    [InlineData(Header + "A,0,16,1,141,5,\n", "line 2: threads is \"0\"")]
    [InlineData(Header + "A,NaN,16,1,141,5,\n", "line 2: threads is \"NaN\"")]
    [InlineData(Header + "A,8,,1,141,5,\n", "line 2: memory_gb is \"\"")]
    [InlineData(Header + "A,8,16,-1,141,5,\n", "line 2: recordings is \"-1\"")]
    [InlineData(Header + "A,8,16,1,1e9,5,\n", "line 2: cpu_percent is \"1e9\"")]
    [InlineData(Header + "A,8,16,1,141,101,\n", "line 2: memory_percent is \"101\"")]
    [InlineData(Header + "A,8,16,1,141,5,1.1\n", "line 2: distinct_frames is \"1.1\"")]
    [InlineData(
        Header + "\n# comment\nA,8,16,1,141,5,\nA,8,16,1,150,6,\n",
        "line 5: recordings must grow from line to line of A"
    )]
    [InlineData(Header + "A,8,16,1,141,5,\nA,8,32,2,150,6,\n", "line 3: memory_gb differs from the lines of A above")]
    public void What_is_wrong_is_told_with_file_and_line(string text, string expected)
    {
        var error = Assert.Throws<CpuTableException>(() => CpuTable.Parse("/etc/t.csv", text));

        Assert.StartsWith($"The CPU table /etc/t.csv is wrong in {expected}", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_reads_the_same()
    {
        var table = CpuTable.Parse(
            "t.csv",
            Header + "A, B,1.5,16.5,0,0.5,1,\nA, B,1.5,16.5,1.88,141.25,5,0.971\nC,2,4,1,150,20,\n"
        );

        var text = table.Write("measured", "twice");

        Assert.StartsWith("# measured\n# twice\ncpu,", text, StringComparison.Ordinal);
        Assert.Equal(text, CpuTable.Parse("t.csv", text).Write("measured", "twice"));
        Assert.Equal(
            table.Rows.SelectMany(row => row.Measurements),
            CpuTable.Parse("t.csv", text).Rows.SelectMany(row => row.Measurements)
        );
    }

    [Fact]
    public void A_new_row_replaces_the_one_of_the_same_processor_and_threads()
    {
        var table = CpuTable
            .Parse("t.csv", Header + "A,2,4,1,150,20,\nA,4,4,1,150,20,\n")
            .With(new CpuRow("A", 2, 8, []));

        Assert.Equal([(4, 4), (2, 8)], table.Rows.Select(row => (row.Threads, row.MemoryGigabytes)));
    }

    [Fact]
    public void A_changed_table_is_a_table_or_refused_with_its_line()
    {
        var right = Encoding.UTF8.GetBytes("# comment\n" + Header + "A,8,16,0,0.5,1,\nB 1,2,4,1.88,150,20,0.97\n");
        var random = new Random(FuzzSize.Seed);
        var taken = 0;
        for (var number = 0; number < FuzzSize.Of(3_000); number++)
        {
            try
            {
                _ = CpuTable.Parse("t.csv", Encoding.UTF8.GetString(MutatedBytes.Of(random, right)));
                taken++;
            }
            catch (CpuTableException error)
            {
                Assert.Contains(" in line ", error.Message, StringComparison.Ordinal);
            }
        }

        Assert.True(taken > 100, $"Only {taken} tables were taken.");
    }
}
