using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Recorder.Cluster.Settings;
using Recorder.Node.Capacity;
using Recorder.Node.Configuration;
using Recorder.Node.Hosting;

namespace Recorder.Node.Tests.Commands;

/// <summary>The small parts of a start: folders, ports, disk, log lines.</summary>
[Trait("ring", "actor")]
public sealed class HostingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-hosting-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_missing_folder_is_made_and_left_empty()
    {
        var folder = Folders.Prepare(Path.Combine(_folder, "a", "b"), "records folder", "--records");

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Theory]
    [InlineData("/proc/recorder")]
    [InlineData("/dev/null")]
    [InlineData("/dev/null/records")]
    public void A_folder_that_cannot_be_written_to_is_a_sentence_with_the_way_out(string path)
    {
        var refusal = Assert.Throws<StartRefusedException>(() => Folders.Prepare(path, "records folder", "--records"));

        Assert.StartsWith(
            $"The records folder {path} cannot be written to: ",
            refusal.Message,
            StringComparison.Ordinal
        );
        Assert.EndsWith("or name another with --records.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_folder_belongs_to_one_node_at_a_time()
    {
        using (Folders.Lock(_folder))
        {
            Assert.Contains(
                $"Another recorder is running with the data folder {_folder}.",
                Assert.Throws<StartRefusedException>(() => Folders.Lock(_folder)).Message,
                StringComparison.Ordinal
            );
        }

        Folders.Lock(_folder).Dispose();
    }

    [Fact]
    public async Task A_port_in_use_is_a_sentence_with_the_way_out()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var refusal = await Assert.ThrowsAsync<StartRefusedException>(() =>
            Ports.TryAsync("127.0.0.1", port, "--http-port", default)
        );

        Assert.Equal(
            $"Port {port} on 127.0.0.1 is in use, perhaps by another recorder. Stop it, or name another port with --http-port.",
            refusal.Message
        );
    }

    [Fact]
    public async Task A_free_port_is_free_again_after_the_try()
    {
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        await Ports.TryAsync("127.0.0.1", port, "--http-port", default);

        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
    }

    [Fact]
    public async Task An_address_of_another_machine_is_a_sentence()
    {
        var refusal = await Assert.ThrowsAsync<StartRefusedException>(() =>
            Ports.TryAsync("192.0.2.1", 0, "--http-port", default)
        );

        Assert.StartsWith("192.0.2.1 is no address of this machine", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2_000_000_000L, null)]
    [InlineData(
        1_999_999_999L,
        "The disk of the records folder /r has 1999 MB free and the low-water mark is 2000 MB."
    )]
    [InlineData(null, "The records folder /r is missing or cannot be read.")]
    public void A_node_short_of_disk_is_closed_with_the_figures(long? free, string? reason) =>
        Assert.Equal(reason, DiskMeter.WhyClosed("/r", free, ByteSize.FromMegabytes(2000)));

    [Fact]
    public void A_records_folder_that_vanishes_closes_the_node_until_it_is_back()
    {
        var records = Directory.CreateDirectory(Path.Combine(_folder, "records"));
        using var limits = new DiskMeter(records.FullName, null, default, TimeProvider.System);
        limits.Measure();
        Assert.Null(limits.Standing.WhyClosed);

        records.Delete();
        limits.Measure();
        Assert.Equal($"The records folder {records.FullName} is missing or cannot be read.", limits.Standing.WhyClosed);

        records.Create();
        limits.Measure();
        Assert.Null(limits.Standing.WhyClosed);
    }

    [Fact]
    public void What_is_not_installed_is_named_with_the_script_that_installs_it()
    {
        var refusal = Assert.Throws<StartRefusedException>(() =>
            Prerequisites.Check(["sh", "no-such-browser"], ["libnothing.so.7"])
        );

        Assert.Equal(
            [
                "Not installed: the program no-such-browser. Run deploy/install-dependencies, which installs it.",
                "Not installed: the library libnothing.so.7. Run deploy/install-dependencies, which installs it.",
            ],
            refusal.Messages
        );
    }

    [Fact]
    public void A_log_entry_is_one_line_with_utc_time_whatever_is_in_it()
    {
        var output = new StringWriter();
        var entry = new LogEntry<string>(
            LogLevel.Warning,
            "Recorder.Node.Media.SessionMedia",
            default,
            "first\nsecond",
            new InvalidOperationException("broken\nbadly"),
            (state, _) => state
        );

        new LineFormatter(new FixedClock()).Write(entry, null, output);

        Assert.Equal(
            "2026-01-02T03:04:05.678Z WARN  SessionMedia: first | second | System.InvalidOperationException: broken | badly"
                + Environment.NewLine,
            output.ToString()
        );
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    }
}
