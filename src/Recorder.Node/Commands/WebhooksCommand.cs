using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary><c>recorder webhooks</c>: the receivers of events, and what became of the events.</summary>
internal static class WebhooksCommand
{
    /// <summary>How long a test may take: a receiver has 15 s to answer.</summary>
    private static readonly TimeSpan TestLimit = TimeSpan.FromSeconds(40);

    /// <summary>How long a call may take.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create() =>
        new("webhooks", "List, make, change, remove and test the receivers of events, and show what became of the events.")
        {
            List(),
            Add(),
            Remove(),
            Test(),
            WebhookChangeCommands.Enable(),
            WebhookChangeCommands.Disable(),
            WebhookChangeCommands.Rotate(),
            Redeliver(),
            WebhookChangeCommands.Replay(),
            Deliveries(),
        };

    internal static Option<bool> Json() => new("--json") { Description = "Write the node's JSON, for programs." };

    internal static Argument<string> Id() => new("ID") { Description = "The id of the webhook." };

    internal static string PathOf(string? webhook) => $"/api/webhooks/{Uri.EscapeDataString(webhook ?? "")}";

    private static Command List()
    {
        var json = Json();
        return new Command("list", "List the receivers of events.") { json }.Asking(
            async (node, parsed, output, _) =>
            {
                var page = await node.GetJsonAsync("/api/webhooks");
                if (parsed.GetValue(json))
                {
                    await output.WriteLineAsync(page.GetRawText());
                    return;
                }
                TableDisplay.Write(
                    output,
                    ["webhook", "address", "types", "labels", "session", "state"],
                    NodeClient
                        .Read<List<WebhookAnswer>>(page)
                        .ConvertAll(webhook =>
                            (string[])
                                [
                                    webhook.Id,
                                    webhook.Url,
                                    webhook.Types.Count == 0 ? "*" : string.Join(", ", webhook.Types),
                                    string.Join(", ", webhook.Labels.Select(label => $"{label.Key}={label.Value}")),
                                    webhook.Session?.ToString(CultureInfo.InvariantCulture) ?? "",
                                    webhook.Enabled ? "on" : $"off: {webhook.DisabledReason}",
                                ]
                        ),
                    "There are no webhooks."
                );
            }
        );
    }

    private static Command Add()
    {
        var url = new Argument<string>("URL") { Description = "Where events are sent to." };
        var types = new Option<string[]>("--type")
        {
            HelpName = "TYPE",
            DefaultValueFactory = _ => [],
            Description = "A type of events, such as record.*; may be given several times. Without: every type.",
        };
        var labels = new Option<string[]>("--label")
        {
            HelpName = "KEY=VALUE",
            DefaultValueFactory = _ => [],
            Description = "Only events of sessions with this label; may be given several times.",
        };
        var session = new Option<int?>("--session") { HelpName = "ID", Description = "Only events of this session." };
        var description = new Option<string?>("--description") { HelpName = "TEXT", Description = "A note for people." };
        var secret = new Option<FileInfo?>("--secret-file")
        {
            HelpName = "PATH",
            Description = "A file with the secret. Without: the farm makes a secret, and tells it once.",
        };
        var json = Json();
        return new Command("add", "Make a receiver of events.")
        {
            url,
            types,
            labels,
            session,
            description,
            secret,
            json,
        }.AskingForCode(
            async (node, parsed, output, cancellation) =>
            {
                var body = BodyOf(
                    parsed.GetRequiredValue(url),
                    parsed.GetValue(types) ?? [],
                    parsed.GetValue(labels) ?? [],
                    parsed.GetValue(session),
                    parsed.GetValue(description)
                );
                var given = parsed.GetValue(secret);
                if (given is not null)
                {
                    body["secret"] = await ReadAsync(given, cancellation);
                }
                var made = (await node.PostAsync<JsonDocument>("/api/webhooks", body)).RootElement;
                var answer = NodeClient.Read<WebhookAnswer>(made);
                await output.WriteLineAsync(
                    parsed.GetValue(json) ? made.GetRawText()
                        : given is not null ? $"Webhook {answer.Id} is made."
                        : $"Webhook {answer.Id} is made. Its secret is not told again: {answer.Secret}"
                );
                return 0;
            },
            Limit
        );
    }

    /// <summary>The body of the call that makes a webhook.</summary>
    /// <exception cref="InvalidDataException">A label is not of the form key=value.</exception>
    public static JsonObject BodyOf(
        string url,
        IReadOnlyCollection<string> types,
        IReadOnlyCollection<string> labels,
        int? session,
        string? description
    )
    {
        var body = new JsonObject { ["url"] = url };
        if (types.Count > 0)
        {
            body["types"] = new JsonArray([.. types.Select(type => (JsonNode)type)]);
        }
        if (labels.Count > 0)
        {
            var wanted = new JsonObject();
            foreach (var label in labels)
            {
                if (label.Split('=', 2) is not [var key, var value])
                {
                    throw new InvalidDataException($"A label is written as key=value; \"{label}\" has no =.");
                }
                wanted[key] = value;
            }
            body["labels"] = wanted;
        }
        if (session is { } one)
        {
            body["session"] = one;
        }
        if (description is not null)
        {
            body["description"] = description;
        }
        return body;
    }

    private static async Task<string> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        try
        {
            return (await File.ReadAllTextAsync(file.FullName, cancellation)).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The secret cannot be read: {error.Message}", error);
        }
    }

    private static Command Remove()
    {
        var id = Id();
        return new Command("rm", "Remove a receiver of events, with its ledger.") { id }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                await node.DeleteAsync<WebhookDeletedAnswer>(PathOf(parsed.GetValue(id)));
                await output.WriteLineAsync($"Webhook {parsed.GetValue(id)} is removed.");
                return 0;
            },
            Limit
        );
    }

    private static Command Test()
    {
        var id = Id();
        var json = Json();
        return new Command("test", "Send a test event now. Exit code 1 when the receiver does not take it.")
        {
            id,
            json,
        }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                var answer = (await node.PostAsync<JsonDocument>(PathOf(parsed.GetValue(id)) + "/test", [])).RootElement;
                var tested = NodeClient.Read<WebhookTestAnswer>(answer);
                await output.WriteLineAsync(
                    parsed.GetValue(json) ? answer.GetRawText()
                        : tested.Delivered
                            ? string.Create(
                                CultureInfo.InvariantCulture,
                                $"The receiver answered {tested.Status} after {tested.TookMs:0} ms."
                            )
                        : $"The receiver did not take the event. {tested.Error}"
                );
                return tested.Delivered ? 0 : 1;
            },
            TestLimit
        );
    }

    private static Command Redeliver()
    {
        var id = Id();
        var told = new Argument<string>("EVENT") { Description = "The id of the event." };
        return new Command("redeliver", "Send an event again.") { id, told }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                var one = parsed.GetRequiredValue(told);
                await node.PostAsync<JsonDocument>(
                    $"{PathOf(parsed.GetValue(id))}/deliveries/{Uri.EscapeDataString(one)}/redeliver",
                    []
                );
                await output.WriteLineAsync($"Event {one} is to be sent again.");
                return 0;
            },
            Limit
        );
    }

    private static Command Deliveries()
    {
        var id = Id();
        var state = new Option<string?>("--state")
        {
            HelpName = "STATE",
            Description = "Only events that are waiting, pending, delivered or dead.",
        };
        var limit = new Option<int>("--limit")
        {
            HelpName = "NUMBER",
            DefaultValueFactory = _ => 100,
            Description = "At most this many, newest first.",
        };
        var json = Json();
        return new Command("deliveries", "Show what became of the events of a receiver, newest first.")
        {
            id,
            state,
            limit,
            json,
        }.Asking(
            async (node, parsed, output, _) =>
            {
                var only = parsed.GetValue(state) is { } word ? $"&state={Uri.EscapeDataString(word)}" : "";
                var page = await node.GetJsonAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{PathOf(parsed.GetValue(id))}/deliveries?limit={parsed.GetValue(limit)}{only}"
                    )
                );
                if (parsed.GetValue(json))
                {
                    await output.WriteLineAsync(page.GetRawText());
                    return;
                }
                TableDisplay.Write(
                    output,
                    ["event", "type", "state", "tries", "next", "answer"],
                    NodeClient
                        .Read<List<WebhookDeliveryAnswer>>(page)
                        .ConvertAll(one =>
                            (string[])
                                [
                                    one.Event,
                                    one.Type,
                                    one.State,
                                    one.Attempts.ToString(CultureInfo.InvariantCulture),
                                    one.NextAt is { } next
                                        ? next.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
                                        : "",
                                    one.Error ?? one.Status?.ToString(CultureInfo.InvariantCulture) ?? "",
                                ]
                        ),
                    "There are no such events."
                );
            }
        );
    }
}
