using System.CommandLine;
using System.Globalization;
using Recorder.Benchmarks.Systems;
using Recorder.Harness.Fuzzing;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>fuzz</c>: calls that nobody would make, to a node whose media are played. Exit code 1 when one was
/// answered as none may be.</summary>
internal static class FuzzCommand
{
    private static readonly Option<int> Count = new("--calls")
    {
        Description = "How many calls.",
        DefaultValueFactory = _ => 10_000,
    };

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "The seed of the first call. Each next call has the next seed.",
        DefaultValueFactory = _ => Random.Shared.Next(1_000_000_000),
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command("fuzz", "Sends random and changed requests over all routes of a played node.")
        {
            Count,
            Seed,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Console;
        var folder = Directory.CreateTempSubdirectory("recorder-fuzz-");
        try
        {
            await using var node = await ProductNode.StartPlayedAsync(folder.FullName, null, cancellationToken);
            using var http = new HttpClient { BaseAddress = node.Address };
            var shape = ApiShape.Of(await http.GetStringAsync("openapi/v1.json", cancellationToken));
            var seed = arguments.GetValue(Seed);
            var report = await new CallFuzzer(node.Address, shape).RunAsync(
                arguments.GetValue(Count),
                seed,
                cancellationToken
            );
            using var ready = await http.GetAsync("health/ready", cancellationToken);
            var table = new Table().AddColumns("Answer", "Calls");
            foreach (var (status, times) in report.Statuses.OrderBy(status => status.Key))
            {
                table.AddRow(
                    status == 0 ? "closed without an answer" : status.ToString(CultureInfo.InvariantCulture),
                    times.ToString(CultureInfo.InvariantCulture)
                );
            }
            console.Write(table);
            foreach (var fault in report.Faults.Take(20))
            {
                console.WriteLine(fault);
            }
            console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{report.Calls} calls over {shape.Operations.Count} operations from seed {seed}: {report.Faults.Count} faults; afterwards the node is {(ready.IsSuccessStatusCode ? "ready" : "not ready")}"
                )
            );
            return report.Faults.Count == 0 && ready.IsSuccessStatusCode ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
