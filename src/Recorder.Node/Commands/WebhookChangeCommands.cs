using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary>The commands that change a receiver of events, or send it earlier events.</summary>
internal static class WebhookChangeCommands
{
    /// <summary>How long the replay of all kept events may take.</summary>
    private static readonly TimeSpan ReplayLimit = TimeSpan.FromMinutes(10);

    /// <summary><c>enable</c>.</summary>
    public static Command Enable() =>
        Switch("enable", "Send events to a receiver again, also after an answer 410.", isOn: true);

    /// <summary><c>disable</c>.</summary>
    public static Command Disable() =>
        Switch("disable", "Send a receiver no events until it is enabled. Its events wait.", isOn: false);

    /// <summary><c>rotate</c>.</summary>
    public static Command Rotate()
    {
        var id = WebhooksCommand.Id();
        var json = WebhooksCommand.Json();
        return new Command("rotate", "Give a receiver a new secret. The one before is valid for 24 hours more.")
        {
            id,
            json,
        }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                var changed = (
                    await node.PatchAsync<JsonDocument>(
                        WebhooksCommand.PathOf(parsed.GetValue(id)),
                        new JsonObject { ["rotate_secret"] = true }
                    )
                ).RootElement;
                var answer = NodeClient.Read<WebhookAnswer>(changed);
                await output.WriteLineAsync(
                    parsed.GetValue(json)
                        ? changed.GetRawText()
                        : $"Webhook {answer.Id} has a new secret, which is not told again: {answer.Secret}"
                );
                return 0;
            },
            WebhooksCommand.Limit
        );
    }

    /// <summary><c>replay</c>.</summary>
    public static Command Replay()
    {
        var id = WebhooksCommand.Id();
        var after = new Option<long>("--after")
        {
            HelpName = "PLACE",
            Description = "Only events after this place in the stream of events. Without: all that are kept.",
        };
        return new Command("replay", "Send earlier events to a receiver, all that it wants.")
        {
            id,
            after,
        }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                var (events, from, more) = (0L, parsed.GetValue(after), true);
                while (more)
                {
                    var part = await node.PostAsync<WebhookReplayAnswer>(
                        $"{WebhooksCommand.PathOf(parsed.GetValue(id))}/replay",
                        new JsonObject { ["after"] = from }
                    );
                    (events, from, more) = (events + part.Events, part.After, part.More);
                }
                await output.WriteLineAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{events} events are to be sent again.")
                );
                return 0;
            },
            ReplayLimit
        );
    }

    private static Command Switch(string word, string description, bool isOn)
    {
        var id = WebhooksCommand.Id();
        return new Command(word, description) { id }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                await node.PatchAsync<JsonDocument>(
                    WebhooksCommand.PathOf(parsed.GetValue(id)),
                    new JsonObject { ["enabled"] = isOn }
                );
                await output.WriteLineAsync(
                    isOn
                        ? $"Webhook {parsed.GetValue(id)} gets events."
                        : $"Webhook {parsed.GetValue(id)} gets no events until it is enabled."
                );
                return 0;
            },
            WebhooksCommand.Limit
        );
    }
}
