using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary><c>recorder schedules</c>: sessions that start without a caller, and what became of their times.</summary>
internal static class SchedulesCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create() =>
        new("schedules", "List, make, show, switch and remove what starts sessions without a caller.")
        {
            List(),
            Add(),
            Show(),
            Switch("enable", "Start the sessions of a schedule again. Times that passed meanwhile are not missed.", true),
            Switch("disable", "Start no sessions of a schedule until it is enabled.", false),
            Remove(),
        };

    private static Option<bool> Json() => new("--json") { Description = "Write the node's JSON, for programs." };

    private static Argument<string> Id() => new("ID") { Description = "The id of the schedule." };

    private static string PathOf(string? schedule) => $"/api/schedules/{Uri.EscapeDataString(schedule ?? "")}";

    private static Command List()
    {
        var json = Json();
        return new Command("list", "List the schedules.") { json }.Asking(
            async (node, parsed, output, _) =>
            {
                var page = await node.GetJsonAsync("/api/schedules?limit=10000");
                if (parsed.GetValue(json))
                {
                    await output.WriteLineAsync(page.GetRawText());
                    return;
                }
                TableDisplay.Write(
                    output,
                    ["schedule", "name", "times", "next", "state"],
                    NodeClient
                        .Read<List<ScheduleAnswer>>(page)
                        .ConvertAll(schedule =>
                            (string[])
                                [
                                    schedule.Id,
                                    schedule.Name ?? "",
                                    TimesOf(schedule),
                                    Shown(schedule.Next),
                                    schedule switch
                                    {
                                        { Enabled: false } => "off",
                                        { AtRisk: true } => "at risk",
                                        _ => "on",
                                    },
                                ]
                        ),
                    "There are no schedules."
                );
            }
        );
    }

    private static Command Add()
    {
        var page = new Argument<string>("PAGE") { Description = "The address of the page to record." };
        var at = new Option<string?>("--at")
        {
            HelpName = "TIME",
            Description = "The one time, with its offset, such as 2027-03-01T09:00:00+01:00.",
        };
        var cron = new Option<string?>("--cron")
        {
            HelpName = "LINE",
            Description = "The times, as minute, hour, day, month and weekday: \"30 9 * * MON-FRI\".",
        };
        var zone = new Option<string?>("--timezone")
        {
            HelpName = "ZONE",
            Description = "The time zone of --cron and --except, such as Europe/Oslo. Without: UTC.",
        };
        var duration = new Option<string?>("--duration")
        {
            HelpName = "TIME",
            Description = "How long each session records at most, such as \"1 h\".",
        };
        var lead = new Option<string?>("--lead")
        {
            HelpName = "TIME",
            Description = "How long before its time a session joins its page. Without: 45 s.",
        };
        var late = new Option<string?>("--late")
        {
            HelpName = "TIME",
            Description = "How late a session may still start, such as \"5 min\". Without: 10 min.",
        };
        var overlap = new Option<string?>("--overlap")
        {
            HelpName = "RULE",
            Description = "While the recording before runs: skip, parallel or queue. Without: skip.",
        };
        var until = new Option<string?>("--until")
        {
            HelpName = "TIME",
            Description = "The first moment without recordings, with its offset.",
        };
        var except = new Option<string[]>("--except")
        {
            HelpName = "DAY",
            DefaultValueFactory = _ => [],
            Description = "A day without a recording, such as 2026-12-24; may be given several times.",
        };
        var name = new Option<string?>("--name") { HelpName = "TEXT", Description = "A name for people." };
        var set = new Option<string[]>("--set")
        {
            HelpName = "FIELD=VALUE",
            DefaultValueFactory = _ => [],
            Description = "A field of the start's data, such as width=1280; may be given several times.",
        };
        var json = Json();
        return new Command("add", "Make a schedule that records a page.")
        {
            page,
            at,
            cron,
            zone,
            duration,
            lead,
            late,
            overlap,
            until,
            except,
            name,
            set,
            json,
        }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                var body = new JsonObject();
                foreach (var (field, option) in new[]
                {
                    ("name", name),
                    ("at", at),
                    ("cron", cron),
                    ("timezone", zone),
                    ("duration", duration),
                    ("lead", lead),
                    ("late", late),
                    ("overlap", overlap),
                    ("until", until),
                })
                {
                    if (parsed.GetValue(option) is { } value)
                    {
                        body[field] = value;
                    }
                }
                if (parsed.GetValue(except) is { Length: > 0 } days)
                {
                    body["exceptions"] = new JsonArray([.. days.Select(day => JsonValue.Create(day))]);
                }
                body["start"] = SessionBody.Of(parsed.GetRequiredValue(page), null, [], parsed.GetValue(set) ?? []);
                var made = (await node.PostAsync<JsonDocument>("/api/schedules", body)).RootElement;
                var answer = NodeClient.Read<ScheduleAnswer>(made);
                await output.WriteLineAsync(
                    parsed.GetValue(json)
                        ? made.GetRawText()
                        : $"Schedule {answer.Id} is made. It records next at {Shown(answer.Next)}."
                );
                return 0;
            },
            Limit
        );
    }

    private static Command Show()
    {
        var id = Id();
        var json = Json();
        return new Command("show", "Show the times of a schedule: the last week, and those to come.")
        {
            id,
            json,
        }.Asking(
            async (node, parsed, output, _) =>
            {
                var page = await node.GetJsonAsync(PathOf(parsed.GetValue(id)) + "/occurrences?limit=50");
                if (parsed.GetValue(json))
                {
                    await output.WriteLineAsync(page.GetRawText());
                    return;
                }
                TableDisplay.Write(
                    output,
                    ["time", "state", "session", "reason"],
                    NodeClient
                        .Read<List<OccurrenceAnswer>>(page)
                        .ConvertAll(time =>
                            (string[])
                                [
                                    Shown(time.At),
                                    time.AtRisk
                                        ? "at risk"
                                        : JsonNamingPolicy.SnakeCaseLower.ConvertName(time.State.ToString()),
                                    time.Session?.ToString(CultureInfo.InvariantCulture) ?? "",
                                    time.Code is null ? "" : $"{time.Code}: {time.Reason}",
                                ]
                        ),
                    "The schedule has no times."
                );
            }
        );
    }

    private static Command Switch(string word, string description, bool isOn)
    {
        var id = Id();
        return new Command(word, description) { id }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                var changed = NodeClient.Read<ScheduleAnswer>(
                    (
                        await node.PatchAsync<JsonDocument>(
                            PathOf(parsed.GetValue(id)),
                            new JsonObject { ["enabled"] = isOn }
                        )
                    ).RootElement
                );
                await output.WriteLineAsync(
                    isOn
                        ? $"Schedule {changed.Id} records next at {Shown(changed.Next)}."
                        : $"Schedule {changed.Id} starts nothing until it is enabled."
                );
                return 0;
            },
            Limit
        );
    }

    private static Command Remove()
    {
        var id = Id();
        return new Command("remove", "Remove a schedule. A session that has been started goes on.") { id }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                await node.DeleteAsync<ScheduleDeletedAnswer>(PathOf(parsed.GetValue(id)));
                await output.WriteLineAsync($"Schedule {parsed.GetValue(id)} is removed.");
                return 0;
            },
            Limit
        );
    }

    private static string TimesOf(ScheduleAnswer schedule) =>
        schedule.Cron is { } cron ? $"{cron} ({schedule.Timezone})" : Shown(schedule.At);

    private static string Shown(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
