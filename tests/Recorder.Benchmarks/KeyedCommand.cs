using System.CommandLine;
using System.Globalization;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>keyed</c>: how many calls with API keys one edge answers. Exit code 1 when the target is
/// missed.</summary>
internal static class KeyedCommand
{
    private static readonly Option<DirectoryInfo> ProductFolder = new("--product")
    {
        Description = "The product's published folder, with the executable `recorder`.",
        Required = true,
    };

    private static readonly Option<int[]> Keys = new("--keys")
    {
        Description = "How many keys the node knows; several numbers are measured one after the other.",
        DefaultValueFactory = _ => [10, 1_000],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Connections = new("--connections")
    {
        Description = "How many connections call at once.",
        DefaultValueFactory = _ => 16,
    };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "How long each path is asked.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<string[]> Paths = new("--paths")
    {
        Description = "What is asked.",
        DefaultValueFactory = _ => ["/api/pressure", "/api/sessions?limit=1", "/api/sessions/1000001"],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> NodeOptions = new("--node")
    {
        Description = "Further options of the node, each as one word: --node=--log-level --node=Warning.",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<FileInfo?> Json = new("--json")
    {
        Description = "Writes everything measured to this file.",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command("keyed", "Calls one node with API keys and measures how many calls it answers.")
        {
            ProductFolder,
            Keys,
            Connections,
            Seconds,
            Paths,
            NodeOptions,
            Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Console;
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        var scenario = new KeyedScenario(
            arguments.GetRequiredValue(ProductFolder).FullName,
            arguments.GetRequiredValue(NodeOptions),
            arguments.GetRequiredValue(Paths),
            arguments.GetValue(Connections)
        );
        List<KeyedReport> reports = [];
        foreach (var keys in arguments.GetRequiredValue(Keys))
        {
            reports.AddRange(
                await scenario.RunAsync(keys, TimeSpan.FromSeconds(arguments.GetValue(Seconds)), cancellationToken)
            );
        }
        var table = new Table().AddColumns("keys", "call", "calls/s", "median ms", "p99 ms", "node's processors");
        foreach (var report in reports)
        {
            var invariant = CultureInfo.InvariantCulture;
            table.AddRow(
                string.Create(invariant, $"{report.Keys}"),
                $"GET {report.Path}",
                string.Create(invariant, $"{report.PerSecond:0}"),
                string.Create(invariant, $"{report.Median:0.00}"),
                string.Create(invariant, $"{report.Late:0.00}"),
                string.Create(invariant, $"{report.NodeCores:0.00}")
            );
        }
        console.Write(table);
        if (arguments.GetValue(Json) is { } json)
        {
            await JsonFile.WriteAsync(
                json.FullName,
                new
                {
                    At = TimeProvider.System.GetUtcNow(),
                    machine,
                    reports,
                },
                cancellationToken
            );
        }

        // The pressure is answered by the edge and the placement, and asks no database.
        return reports.Where(report => report.Path == "/api/pressure")
            .All(report => report.PerSecond >= KeyedReport.Target)
            ? 0
            : 1;
    }
}
