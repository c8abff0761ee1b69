using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Recorder.Node.Configuration;
using Recorder.Node.Hosting;

namespace Recorder.Node.Commands;

/// <summary>The common part of all commands that ask a running node: which node, with which key, and the message when
/// the node does not answer.</summary>
internal static class NodeCommand
{
    /// <summary>The exit code of a command that a node refused, or that reached no node.</summary>
    public const int Failed = 4;

    /// <summary>The exit code of <c>recorder cluster upgrade-check</c> when no node may be replaced now.</summary>
    public const int NotNow = 5;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>Makes a command that asks a node.</summary>
    /// <param name="command">The command, with its own arguments and options.</param>
    /// <param name="run">Asks the node, and writes the answer.</param>
    public static Command Asking(
        this Command command,
        Func<NodeClient, ParseResult, TextWriter, CancellationToken, Task> run
    ) =>
        command.AskingForCode(
            async (node, parsed, output, cancellation) =>
            {
                await run(node, parsed, output, cancellation);
                return 0;
            }
        );

    /// <summary>Makes a command that asks a node, and whose exit code depends on the answer.</summary>
    /// <param name="command">The command, with its own arguments and options.</param>
    /// <param name="run">Asks the node, writes the answer, and returns the exit code.</param>
    /// <param name="limit">How long one answer may take; null: 15 s.</param>
    public static Command AskingForCode(
        this Command command,
        Func<NodeClient, ParseResult, TextWriter, CancellationToken, Task<int>> run,
        TimeSpan? limit = null
    )
    {
        var url = new Option<string>("--url")
        {
            HelpName = "URL",
            DefaultValueFactory = _ => "http://127.0.0.1:34568",
            Description = "Any node of the farm.",
        };
        var keyFile = new Option<string?>("--key-file")
        {
            HelpName = "FILE",
            Description = "A file whose first line is an API key: of the scope Read to look, Record to start and stop, Admin to change the farm.",
        };
        var data = new Option<string?>("--data")
        {
            HelpName = "FOLDER",
            Description = "The data folder of the node on this machine. Without --key-file, the node's own key is taken from there. [default: the option Data]",
        };
        command.Add(url);
        command.Add(keyFile);
        command.Add(data);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                try
                {
                    if (
                        !Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out var node)
                        || node.Scheme is not ("http" or "https")
                    )
                    {
                        throw new InvalidDataException(
                            $"--url is \"{parsed.GetValue(url)}\"; it must be the address of a node, such as http://127.0.0.1:34568."
                        );
                    }
                    using var http = new HttpClient { BaseAddress = node, Timeout = limit ?? Limit };
                    if (KeyOf(parsed.GetValue(keyFile), node, parsed.GetValue(data)) is { } key)
                    {
                        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
                    }
                    return await run(
                        new NodeClient(http, cancellation),
                        parsed,
                        parsed.InvocationConfiguration.Output,
                        cancellation
                    );
                }
                catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
                {
                    // Ctrl-C is the normal end of a command that keeps watching.
                    return 0;
                }
                catch (HttpRequestException error) when (error.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    return await FailAsync(error.Message);
                }
                catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
                {
                    return await FailAsync($"The node at {parsed.GetValue(url)} cannot be asked: {error.Message}");
                }
                catch (Exception error)
                    when (error is IOException or UnauthorizedAccessException or InvalidDataException or JsonException)
                {
                    return await FailAsync(error.Message);
                }

                async Task<int> FailAsync(string why)
                {
                    await parsed.InvocationConfiguration.Error.WriteLineAsync($"recorder: {why}");
                    return Failed;
                }
            }
        );
        return command;
    }

    private static string? KeyOf(string? keyFile, Uri node, string? data) =>
        keyFile is not null
            ? File.ReadLines(keyFile).FirstOrDefault()?.Trim() ?? ""
            : LocalKeyFile.For(node, data ?? DataFolder());

    /// <summary>The data folder as the configuration of a node on this machine has it. A mistake in the configuration
    /// is the node's to tell.</summary>
    private static string DataFolder()
    {
        try
        {
            var configuration = NodeConfiguration.Read(null, Environment.GetEnvironmentVariables(), [], out _);
            return RecorderSettings.Bind(configuration).Node.Data;
        }
        catch (Exception error) when (error is StartRefusedException or InvalidOperationException)
        {
            return new NodeOptions().Data;
        }
    }

    /// <summary>An option in seconds, 1 to 86400.</summary>
    public static Option<int> Seconds(string name, int usual, string description)
    {
        var option = new Option<int>(name)
        {
            HelpName = "SECONDS",
            DefaultValueFactory = _ => usual,
            Description = description,
        };
        option.Validators.Add(result =>
        {
            if (
                result.Tokens is [var token]
                && !(
                    int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var given)
                    && given is >= 1 and <= 86_400
                )
            )
            {
                result.AddError($"{name} is \"{token.Value}\"; it must be a whole number of seconds from 1 to 86400.");
            }
        });
        return option;
    }
}
