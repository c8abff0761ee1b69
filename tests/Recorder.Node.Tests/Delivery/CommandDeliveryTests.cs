using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Configuration;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Command;
using Recorder.Node.Hosting;
using Recorder.Node.Processes;
using Recorder.Node.Tests.Media;
using Xunit.Abstractions;

namespace Recorder.Node.Tests.Delivery;

/// <summary>Delivery commands as real processes.</summary>
public sealed class CommandDeliveryTests(ITestOutputHelper output) : MediaRig(output)
{
    private readonly DeliveryOptions _options = new() { CommandTimeout = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task The_command_gets_its_arguments_the_record_and_the_manifest_and_no_shell_reads_them()
    {
        var told = RecordPath("told");
        _options.CommandArguments = ["--to", "a b;$(touch /tmp/never)", "*"];
        var record = Record();
        Write(
            $"""
            printf '%s\n' "$@" > '{told}'
            env | sort >> '{told}'
            ps -o ni= -p $$ >> '{told}'
            pwd >> '{told}'
            echo out; echo err >&2
            """
        );

        var done = Assert.IsType<DeliveryOutcome.Delivered>(await DeliverAsync(record));

        Assert.Equal(0, done.ExitCode);
        Assert.Equal(["err", "out"], done.LastOutput!.Split('\n').Order());
        var lines = await File.ReadAllLinesAsync(told);
        Assert.Equal([.. _options.CommandArguments, record.Path, record.Manifest!], lines.Take(5));
        Assert.Contains("RECORDER_SESSION=7", lines);
        Assert.Contains($"RECORDER_RECORD={record.Path}", lines);
        Assert.Contains($"RECORDER_MANIFEST={record.Manifest}", lines);
        Assert.Contains("RECORDER_ATTEMPT=2", lines);
        Assert.Equal("10", lines[^2].Trim());
        Assert.StartsWith(Options.RunRoot, lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_runs_as_the_nodes_user()
    {
        Write("id -u; ");

        Assert.Equal(
            Posix.EffectiveUser().ToString(CultureInfo.InvariantCulture),
            (await DeliverAsync(Record())).LastOutput
        );
    }

    [Fact]
    public async Task A_command_that_fails_is_told_with_its_exit_code_and_its_last_lines()
    {
        Write("seq 1 1000; echo 'no such bucket' >&2; exit 7");

        var failed = await FailAsync(Record());

        Assert.Equal(7, failed.ExitCode);
        Assert.True(failed.MayPass);
        Assert.Contains("code 7", failed.Message, StringComparison.Ordinal);
        var lines = failed.LastOutput!.Split('\n');
        Assert.Equal(OutputTail.MostLines, lines.Length);
        Assert.Contains("no such bucket", lines);
    }

    [Fact]
    public async Task A_command_that_is_missing_a_folder_or_not_executable_is_told_so_and_may_be_there_later()
    {
        _options.Command = RecordPath("missing");
        Assert.Contains("is missing", (await FailAsync(Record())).Message, StringComparison.Ordinal);

        _options.Command = Options.RecordsFolder;
        Assert.Contains("is a folder", (await FailAsync(Record())).Message, StringComparison.Ordinal);

        Write("exit 0", UnixFileMode.UserRead);
        var failed = await FailAsync(Record());
        Assert.Contains("chmod +x", failed.Message, StringComparison.Ordinal);
        Assert.True(failed.MayPass);
        Assert.Null(failed.ExitCode);
    }

    [Fact]
    public async Task A_script_whose_interpreter_is_missing_has_failed()
    {
        Write("exit 0");
        await File.WriteAllTextAsync(_options.Command, "#!/no/such/interpreter\n");

        Assert.NotEqual(0, (await FailAsync(Record())).ExitCode);
    }

    [Fact]
    public async Task A_record_that_is_gone_is_given_up()
    {
        Write("exit 0");
        var record = Record();
        File.Delete(record.Path);

        var failed = await FailAsync(record);

        Assert.False(failed.MayPass);
        Assert.Contains(record.Path, failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_hangs_is_ended_with_its_children_at_its_time_limit()
    {
        _options.CommandTimeout = TimeSpan.FromSeconds(1);
        Write("trap 'echo asked to end; exit 0' TERM; sleep 1000 & echo $!; while true; do sleep 0.1; done");

        var failed = await FailAsync(Record());

        Assert.Null(failed.ExitCode);
        Assert.Contains("Delivery:CommandTimeout", failed.Message, StringComparison.Ordinal);
        var lines = failed.LastOutput!.Split('\n');
        Assert.Equal("asked to end", lines[^1]);
        var child = int.Parse(lines[0], CultureInfo.InvariantCulture);
        Assert.DoesNotContain(ProcessSweep.Find(Options.RunRoot), left => left.Id == child);
    }

    [Fact]
    public async Task A_command_that_does_not_end_after_its_time_limit_frees_its_place()
    {
        _options.CommandTimeout = TimeSpan.FromSeconds(1);
        Write($"trap '' TERM; echo $$ > '{RecordPath("pid")}'; while true; do sleep 0.1; done");
        var command = new DeliveryCommand(_options.Command, [], _options.CommandTimeout);
        var parent = CreateTestProbe();

        parent.ChildActorOf(
            CommandDeliveryActor.PropsFor(Launcher, Root, command, Record(), TimeSpan.FromSeconds(1))
        );
        var outcome = await Within<DeliveryOutcome>(parent, "the outcome of the delivery", 40);

        var failed = Assert.IsType<DeliveryOutcome.Failed>(outcome);
        Assert.True(failed.MayPass);
        Assert.Contains("could not be ended", failed.Message, StringComparison.Ordinal);
        var pid = (await File.ReadAllTextAsync(RecordPath("pid"))).Trim();
        Assert.True(Directory.Exists($"/proc/{pid}"), "The test wants a process that resists.");
    }

    [Fact]
    public async Task A_command_is_ended_with_the_actor_that_runs_it()
    {
        Write(
            $"echo $$ > '{RecordPath("pid")}.new'; mv '{RecordPath("pid")}.new' '{RecordPath("pid")}'; while true; do sleep 0.1; done"
        );
        var child = CreateTestProbe().ChildActorOf(Props(Record()));
        var pid = await WaitForFileAsync(RecordPath("pid"));

        Sys.Stop(child);

        var process = $"/proc/{pid.Trim()}";
        await WaitAsync(() => !Directory.Exists(process), $"process {pid.Trim()} to be gone");
    }

    [Fact]
    public async Task A_gigabyte_of_output_costs_no_memory()
    {
        Write("head -c 1000000000 /dev/zero | tr '\\0' 'x'; head -c 100000000 /dev/zero >&2; echo; echo the end");
        _options.CommandTimeout = TimeSpan.FromMinutes(5);
        using var self = Process.GetCurrentProcess();
        GC.Collect();
        self.Refresh();
        var (before, most) = (self.WorkingSet64, 0L);
        var delivery = DeliverAsync(Record(), seconds: 300);
        while (!delivery.IsCompleted)
        {
            await Task.WhenAny(delivery, Task.Delay(50));
            self.Refresh();
            most = Math.Max(most, self.WorkingSet64);
        }

        var done = Assert.IsType<DeliveryOutcome.Delivered>(await delivery);
        Assert.EndsWith("the end", done.LastOutput, StringComparison.Ordinal);
        Output!.WriteLine($"{before / 1e6:0.0} MB before, {most / 1e6:0.0} MB at most");
        Assert.True(most - before < 30_000_000, $"The process grew from {before / 1e6:0.0} to {most / 1e6:0.0} MB.");
    }

    [Fact]
    public void A_relative_command_keeps_a_node_from_starting_and_a_missing_one_is_a_warning()
    {
        Assert.Empty(DeliveryCheck.Check(new DeliveryOptions()));
        Assert.Contains(
            "upload.sh",
            Assert
                .Throws<StartRefusedException>(() => DeliveryCheck.Check(new DeliveryOptions { Command = "upload.sh" }))
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            RecordPath("missing"),
            Assert.Single(DeliveryCheck.Check(new DeliveryOptions { Command = RecordPath("missing") })),
            StringComparison.Ordinal
        );
        Write("exit 0");
        Assert.Empty(DeliveryCheck.Check(_options));
    }

    [Fact]
    public void A_node_without_a_command_has_no_destination_of_that_name_and_with_a_command_every_record_goes_there()
    {
        var none = new DestinationsOptions();
        Assert.Empty(Destinations.Of(new DeliveryOptions(), none).All);
        var list = Destinations.Of(new DeliveryOptions { Command = "/bin/true" }, none);
        Assert.Equal("command", Assert.Single(list.All).To);
        Assert.Equal(["command"], list.Default);
    }

    private void Write(
        string script,
        UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
    )
    {
        _options.Command = RecordPath("upload.sh");
        File.WriteAllText(_options.Command, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(_options.Command, mode);
    }

    private RecordToDeliver Record()
    {
        var path = RecordPath("2021-09-22_07:56:00__6.mp4");
        File.WriteAllText(path, "frames");
        return new RecordToDeliver(new SessionId(7), path, path + ".json", 2);
    }

    private Props Props(RecordToDeliver record) =>
        new RecordDelivery(_options, new DestinationsOptions(), "/data", [], Launcher, Root).DeliveryOf(
            "command",
            record
        );

    private async Task<DeliveryOutcome> DeliverAsync(RecordToDeliver record, double seconds = 40)
    {
        var parent = CreateTestProbe();
        parent.ChildActorOf(Props(record));
        return await Within<DeliveryOutcome>(parent, "the outcome of the delivery", seconds);
    }

    private async Task<DeliveryOutcome.Failed> FailAsync(RecordToDeliver record) =>
        Assert.IsType<DeliveryOutcome.Failed>(await DeliverAsync(record));

    private static async Task<string> WaitForFileAsync(string path)
    {
        await WaitAsync(() => File.Exists(path), $"{path} to be there");
        return await File.ReadAllTextAsync(path);
    }

    private static async Task WaitAsync(Func<bool> reached, string what)
    {
        var since = Stopwatch.GetTimestamp();
        while (!reached())
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(20), $"Waited 20 s for {what}.");
            await Task.Delay(20);
        }
    }
}
