using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Recorder.PlayedNode;

namespace Recorder.Benchmarks.Systems;

/// <summary><c>played-node</c>: a node whose media are played. Started by other commands.</summary>
internal static class PlayedNodeCommand
{
    /// <summary>The name of the command.</summary>
    public const string Name = "played-node";

    private static readonly Option<DirectoryInfo> Folder = new("--folder") { Required = true };

    private static readonly Option<int> Port = new("--http-port") { Required = true };

    private static readonly Option<string?> Connection = new("--connection");

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "Runs a node whose media are played, until SIGTERM.")
        {
            Folder,
            Port,
            Connection,
        };
        command.Hidden = true;
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        await using var app = await PlayedNodeHost.StartAsync(
            arguments.GetRequiredValue(Folder).FullName,
            arguments.GetValue(Connection),
            http =>
                http.Listen = string.Create(
                    CultureInfo.InvariantCulture,
                    $"http://127.0.0.1:{arguments.GetValue(Port)}"
                ),
            cancellationToken
        );
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
}
