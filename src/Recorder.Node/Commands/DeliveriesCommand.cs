using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary><c>recorder deliveries</c>: the deliveries of records, and the command that tries one again.</summary>
internal static class DeliveriesCommand
{
    private const int DeliveriesAtOnce = 500;

    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create()
    {
        var command = new Command("deliveries", "List the deliveries of records, and try them again.");
        command.Add(List());
        command.Add(Retry());
        return command;
    }

    private static Command List()
    {
        var state = new Option<DeliveryProgress?>("--state")
        {
            HelpName = "STATE",
            Description = "Only in this state: queued, sending, delivered, retrying or failed.",
        };
        var to = new Option<string?>("--to") { HelpName = "NAME", Description = "Only to this destination." };
        var session = new Option<int?>("--session") { HelpName = "ID", Description = "Only of this session." };
        var json = Json();
        return new Command("list", "List deliveries: record, destination, state and since when, attempts, error.")
        {
            state,
            to,
            session,
            json,
        }.Asking(
            async (node, parsed, output, _) =>
            {
                var filter = string.Concat(
                    parsed.GetValue(state) is { } wanted ? $"&state={SessionDisplay.Word(wanted)}" : "",
                    parsed.GetValue(to) is { } name ? $"&to={Uri.EscapeDataString(name)}" : "",
                    parsed.GetValue(session) is { } id
                        ? string.Create(CultureInfo.InvariantCulture, $"&session={id}")
                        : ""
                );
                var (count, after) = (0, "");
                while (true)
                {
                    var page = await node.GetJsonAsync(
                        $"/api/deliveries?limit={DeliveriesAtOnce.ToString(CultureInfo.InvariantCulture)}{filter}{after}"
                    );
                    var deliveries = NodeClient.Read<List<ListedDeliveryAnswer>>(page);
                    for (var index = 0; index < deliveries.Count; index++)
                    {
                        count++;
                        await output.WriteLineAsync(
                            parsed.GetValue(json) ? page[index].GetRawText() : EntryOf(deliveries[index])
                        );
                    }
                    if (deliveries.Count < DeliveriesAtOnce)
                    {
                        break;
                    }
                    after = $"&after={deliveries[^1].Record}/{deliveries[^1].Delivery.To}";
                }
                if (!parsed.GetValue(json))
                {
                    await output.WriteLineAsync($"Count: {count} deliveries");
                }
            }
        );
    }

    private static Command Retry()
    {
        var record = new Argument<string>("RECORD") { Description = "The id of the record, such as 7-2." };
        var to = new Argument<string>("TO") { Description = "The name of the destination." };
        var json = Json();
        return new Command("retry", "Try a delivery again that has failed or waits for its next attempt.")
        {
            record,
            to,
            json,
        }.Asking(
            async (node, parsed, output, _) =>
            {
                var answer = await node.PostAsync<JsonDocument>(
                    $"/api/records/{Uri.EscapeDataString(parsed.GetRequiredValue(record))}/deliveries/{Uri.EscapeDataString(parsed.GetRequiredValue(to))}/retry",
                    new JsonObject()
                );
                await output.WriteLineAsync(
                    parsed.GetValue(json)
                        ? answer.RootElement.GetRawText()
                        : EntryOf(NodeClient.Read<ListedDeliveryAnswer>(answer.RootElement))
                );
            }
        );
    }

    private static Option<bool> Json() => new("--json") { Description = "Write the node's JSON, for programs." };

    private static string EntryOf(ListedDeliveryAnswer one) =>
        $"{one.Record} | {one.Delivery.To} | {SessionDisplay.Word(one.Delivery.State)} | {Time(one.Delivery.Since)} | attempts: {one.Delivery.Attempts.ToString(CultureInfo.InvariantCulture)}"
        + (one.Delivery.NextTry is { } next ? $" | next: {Time(next)}" : "")
        + (one.Delivery.Error is { } error ? $" | {error}" : "");

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
