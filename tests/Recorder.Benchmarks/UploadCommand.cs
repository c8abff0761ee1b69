using System.CommandLine;
using System.Security.Cryptography;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Recorder.Benchmarks.Systems;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>upload</c>: how fast a large record is sent to a store. Exit code 1 when the target is missed.</summary>
internal static class UploadCommand
{
    private static readonly Option<DirectoryInfo> ProductFolder = new("--product")
    {
        Description = "The product's build output, with the executable `recorder`.",
        DefaultValueFactory = _ => new DirectoryInfo("src/Recorder.Node/bin/Release/net10.0"),
    };

    private static readonly Option<int> Size = new("--mebibytes")
    {
        Description = "The length of the record, MiB.",
        DefaultValueFactory = _ => 1024,
    };

    private static readonly Option<int> PartSize = new("--part-mebibytes")
    {
        Description = "The length of a part, MiB.",
        DefaultValueFactory = _ => 16,
    };

    private static readonly Option<int> Parallel = new("--parallel")
    {
        Description = "How many parts are sent at once.",
        DefaultValueFactory = _ => 2,
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "How often each way sends the record, in turns.",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<string?> Store = new("--store")
    {
        Description = "The address of an S3 store with the bucket `records`; without it, a store that keeps nothing.",
    };

    private static readonly Option<int> Line = new("--megabits")
    {
        Description = "The speed of the line to the store that keeps nothing, Mbit/s; 0: as fast as can be.",
    };

    private static readonly Option<string> User = new("--user")
    {
        Description = "The id of the access key of --store.",
        DefaultValueFactory = _ => "S3RVER",
    };

    private static readonly Option<string> Secret = new("--secret")
    {
        Description = "The secret access key of --store.",
        DefaultValueFactory = _ => "S3RVER",
    };

    private static readonly Option<UploadWay[]> Against = new("--against")
    {
        Description = "What the product is compared with: Plain, Aws (`aws s3 cp`, which must be on PATH).",
        DefaultValueFactory = _ => [UploadWay.Plain],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<FileInfo?> Json = new("--json")
    {
        Description = "Writes everything measured to this file.",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(
            "upload",
            "Sends a large record to an S3 store by the product's transfer process and by other ways, in turns, and compares their rates."
        )
        {
            ProductFolder,
            Size,
            PartSize,
            Parallel,
            Rounds,
            Store,
            Line,
            User,
            Secret,
            Against,
            Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>Makes a file of random bytes, and returns its SHA-256.</summary>
    internal static async Task<string> MakeFileAsync(string path, int mebibytes, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = File.Create(path);
        var some = new byte[1 << 20];
        for (var written = 0; written < mebibytes; written++)
        {
            Random.Shared.NextBytes(some);
            hash.AppendData(some);
            await file.WriteAsync(some, cancellation);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Console;
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        var folder = Directory.CreateTempSubdirectory("recorder-upload-").FullName;
        try
        {
            var file = Path.Join(folder, "record.mp4");
            var hash = await MakeFileAsync(file, arguments.GetValue(Size), cancellationToken);
            var partSize = arguments.GetValue(PartSize) << 20;
            await using var discard = arguments.GetValue(Store) is null
                ? await DiscardStore.StartAsync(
                    file,
                    partSize,
                    arguments.GetValue(Line) * 125_000L,
                    cancellationToken
                )
                : null;
            var target = new UploadTarget(
                arguments.GetValue(Store) ?? discard!.Address,
                "records",
                arguments.GetRequiredValue(User),
                arguments.GetRequiredValue(Secret),
                file,
                hash,
                partSize,
                arguments.GetValue(Parallel)
            );
            var product = arguments.GetRequiredValue(ProductFolder).FullName;
            var rounds = await new UploadScenario(target, product, folder).RunAsync(
                [UploadWay.Product, .. arguments.GetRequiredValue(Against)],
                arguments.GetValue(Rounds),
                cancellationToken
            );
            return await ReportAsync(console, machine, rounds, arguments.GetValue(Json), cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> ReportAsync(
        IAnsiConsole console,
        MachineDescription machine,
        IReadOnlyList<IReadOnlyList<UploadRun>> rounds,
        FileInfo? json,
        CancellationToken cancellationToken
    )
    {
        var ways = rounds[0].Select(run => run.Way).ToList();
        var table = new Table().AddColumns([.. ways.Select(way => $"{way}, MB/s; CPU, s")]);
        foreach (var round in rounds)
        {
            table.AddRow([
                .. round.Select(run =>
                    FormattableString.Invariant($"{run.Rate:0} ({round[0].Rate / run.Rate:0.00}); {run.Cpu:0.0}")
                ),
            ]);
        }
        console.Write(table);
        var targets = ways.Skip(1)
            .Select(way =>
            {
                var ratios = rounds
                    .Select(round => round[0].Rate / round.Single(run => run.Way == way).Rate)
                    .Order()
                    .ToList();
                return new FarmTarget($"rate of the product by that of {way}, median", ratios[ratios.Count / 2], 0.8)
                {
                    AtLeast = true,
                };
            })
            .ToList();
        foreach (var target in targets)
        {
            console.WriteLine(target.Sentence);
        }
        if (json is not null)
        {
            await JsonFile.WriteAsync(
                json.FullName,
                new
                {
                    At = TimeProvider.System.GetUtcNow(),
                    machine,
                    rounds,
                    targets,
                },
                cancellationToken
            );
        }
        return targets.TrueForAll(target => target.Reached) ? 0 : 1;
    }
}
