using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Recorder.Cluster.Capacity;
using Recorder.Node.Capacity;

namespace Recorder.Node.Tests.Commands;

/// <summary>How many sessions a node takes, as a caller and an operator meet it.</summary>
[Trait("ring", "media")]
public sealed partial class CapacityCommandTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("rec-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_broken_cpu_table_is_one_sentence_with_file_line_and_ways_out()
    {
        var table = Path.Combine(_folder, "table.csv");
        await File.WriteAllTextAsync(
            table,
            "# mine\ncpu,threads,memory_gb,recordings,cpu_percent,memory_percent,distinct_frames\nA,8,16,one,141,5,\n"
        );

        using var node = NodeProcess.Start(
            _folder,
            "--capacity-cpu-table",
            table,
            "--http-port",
            "0",
            "--remoting-port",
            "0"
        );

        Assert.Equal(2, await node.ExitedAsync());
        Assert.Equal(
            $"recorder: The CPU table {table} is wrong in line 3: recordings is \"one\" and must be a number from 0 to 10000. "
                + "Correct the line, name another file by Capacity:CpuTable, or set Placement:Sessions, with which no table is read.",
            node.Errors.TrimEnd()
        );
    }

    [Fact]
    public async Task A_node_tells_its_slots_and_its_load_and_why_it_is_closed_by_it()
    {
        // More memory than any host has: the node is closed from the first look on.
        using var node = NodeProcess.Start(
            _folder,
            "--http-port",
            "0",
            "--remoting-port",
            "0",
            "--media-rehearse",
            "false",
            "--placement-sessions",
            "3",
            "--capacity-memory-low-water",
            "10000000"
        );
        var address = Address().Match(await node.ReadyAsync()).Value;
        using var http = new HttpClient { BaseAddress = new Uri(address) };

        var pressure = await PressureAsync(
            http,
            told => told.GetProperty("cpu_percent").ValueKind == JsonValueKind.Number
        );

        Assert.Equal(3, pressure.GetProperty("slots").GetInt32());
        Assert.Equal("Configured by Placement:Sessions.", pressure.GetProperty("slots_found").GetString());
        Assert.Equal(3, pressure.GetProperty("free").GetDecimal());
        Assert.InRange(pressure.GetProperty("cpu_percent").GetDouble(), 0, 100);
        Assert.True(pressure.GetProperty("memory_available_mb").GetInt64() > 0, $"{pressure}");
        Assert.True(pressure.GetProperty("disk_free_mb").GetInt64() > 0, $"{pressure}");
        Assert.Matches(
            @"^It has \d+ MB of memory available; it takes sessions again from 12500000 MB\.$",
            pressure.GetProperty("reason").GetString()!
        );

        using var refused = await http.PostAsJsonAsync(
            "/api/start",
            new { type = "uri", data = new { uri = "https://example.org/" } }
        );
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains(
            "MB of memory available; it takes sessions again from 12500000 MB.",
            await refused.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );

        node.Terminate();
        Assert.Equal(0, await node.ExitedAsync());
        Assert.Contains(
            "This node has 3 slots. Configured by Placement:Sessions.",
            node.Output,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("--size", "1281x720", "recorder: --size is \"1281x720\"; it must be ")]
    [InlineData("--data", "/proc/none", "recorder: The data folder /proc/none cannot be written to: ")]
    public async Task A_calibration_that_cannot_begin_is_one_sentence(string option, string value, string sentence)
    {
        using var calibration = NodeProcess.Start(_folder, "calibrate", option, value);

        Assert.Equal(2, await calibration.ExitedAsync());
        Assert.StartsWith(sentence, calibration.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_calibration_records_a_real_meeting_and_saves_the_row_of_this_host()
    {
        // The browser's account must be able to pass through.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_001_001);
        using var calibration = NodeProcess.Start(
            _folder,
            "calibrate",
            "--size",
            "320x180",
            "--duration",
            "2s",
            "--max",
            "1",
            "--media-start-limit-seconds",
            "100",
            "--media-page-limit-seconds",
            "100"
        );

        Assert.True(
            await calibration.ExitedAsync(TimeSpan.FromMinutes(5)) == 0,
            calibration.Output + calibration.Errors
        );

        var data = Path.Combine(_folder, "data");
        var row = Assert.Single(CpuTableFiles.ReadMeasured(data).Rows);
        Assert.Equal(
            [
                0,
                SessionCost.Of(
                    new Recorder.Cluster.Sessions.Model.PageSessionSpec(new Uri("http://a/"))
                    {
                        Video = new() { Width = 320, Height = 180 },
                    }
                ),
            ],
            row.Measurements.Select(one => one.Recordings)
        );
        Assert.Null(row.Measurements[0].DistinctFrames);
        var (idle, one) = (row.Measurements[0], row.Measurements[1]);
        Assert.True(
            one.CpuPercent > idle.CpuPercent && one.MemoryPercent > idle.MemoryPercent && one.DistinctFrames > 0,
            $"{one} should take more than {idle}, and show something."
        );
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"{one.CpuPercent,5:0}"),
            calibration.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("Measured on this host by recorder calibrate: ", calibration.Output, StringComparison.Ordinal);
        Assert.Equal(["cpu-table.csv", "lock"], Directory.GetFileSystemEntries(data).Select(Path.GetFileName).Order());
        Assert.Equal(["data"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    private static async Task<JsonElement> PressureAsync(HttpClient http, Func<JsonElement, bool> expected)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            var nodes = (await http.GetFromJsonAsync<JsonElement>("/api/pressure", limit.Token)).GetProperty("nodes");
            if (nodes.GetArrayLength() == 1 && expected(nodes[0]))
            {
                return nodes[0];
            }
            await Task.Delay(100, limit.Token);
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[1-9]\d*")]
    private static partial Regex Address();
}
