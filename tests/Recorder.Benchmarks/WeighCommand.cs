using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Recorder.Cluster.Settings;
using Recorder.Node.Browsing;
using Recorder.Node.Processes;

namespace Recorder.Benchmarks;

/// <summary><c>weigh</c>: what the watch on the browsers of a node costs.</summary>
internal static class WeighCommand
{
    /// <summary>The processes of a browser with a meeting of four, as <c>ps</c> counts them.</summary>
    private const int ProcessesEach = 12;

    /// <summary>The files of a profile that has shown a meeting.</summary>
    private const int FilesEach = 250;

    private static readonly PageBounds Bounds = new(
        ByteSize.FromMegabytes(4_000),
        2_000,
        ByteSize.FromMegabytes(2_000)
    );

    private static readonly Option<int> Sessions = new("--sessions")
    {
        Description = "How many browsers are weighed.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "How often they are weighed; a node weighs them each 2 s.",
        DefaultValueFactory = _ => 100,
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(
            "weigh",
            "Starts processes and files as browsers have them and measures what it costs to weigh them. Exits with 1 when that is more than 0.2 % of a core."
        )
        {
            Sessions,
            Rounds,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (sessions, rounds) = (arguments.GetValue(Sessions), arguments.GetValue(Rounds));
        var folder = Directory.CreateTempSubdirectory("recorder-weigh-").FullName;
        var browsers = new List<Process>();
        try
        {
            for (var session = 0; session < sessions; session++)
            {
                browsers.Add(Start());
                Fill(Path.Combine(folder, Name(session)));
            }
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            var ids = browsers.Select(browser => browser.Id).ToList();
            var folders = Enumerable.Range(0, sessions).Select(session => Path.Combine(folder, Name(session))).ToList();

            void Together()
            {
                var all = RunningProcesses.Read("/proc");
                ids.ForEach(id => PageUse.Of("/proc", all, id, Bounds));
            }

            void Each() => ids.ForEach(id => PageUse.Of("/proc", RunningProcesses.Read("/proc"), id, Bounds));
            void Disk() => folders.ForEach(one => PageUse.DiskOf([one], Bounds.Disk.Bytes));

            var pause = PageBounds.Interval;
            var diskPause = Bounds.UntilDiskMatters(10_000_000);
            diskPause = pause * Math.Ceiling(diskPause / pause);
            var together = Share(Together, rounds, pause);
            var disk = Share(Disk, rounds, diskPause);
            Tell("one reading for all, each 2 s", together);
            Tell("a reading for each session, each 2 s", Share(Each, rounds, pause));
            Tell($"files, each {diskPause.TotalSeconds:0} s", disk);
            Tell("the watch together", together + disk);
            return together + disk <= 0.002 ? 0 : 1;
        }
        finally
        {
            foreach (var browser in browsers)
            {
                browser.Kill(entireProcessTree: true);
                browser.Dispose();
            }
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The share of a core that something takes which is done once in a while.</summary>
    private static double Share(Action what, int rounds, TimeSpan interval)
    {
        for (var round = 0; round < 20; round++)
        {
            what();
        }
        var before = Environment.CpuUsage.TotalTime;
        for (var round = 0; round < rounds; round++)
        {
            what();
        }
        return (Environment.CpuUsage.TotalTime - before) / rounds / interval;
    }

    private static Process Start() =>
        Process.Start(
            "setsid",
            [
                "sh",
                "-c",
                $"for n in $(seq 2 {ProcessesEach.ToString(CultureInfo.InvariantCulture)}); do sleep 300 & done; wait",
            ]
        );

    private static void Fill(string profile)
    {
        for (var file = 0; file < FilesEach; file++)
        {
            var path = Path.Combine(profile, Name(file % 30), Name(file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, new byte[file * 40]);
        }
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Tell(string what, double share) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {share * 100,7:0.000} % of a core"));
}
