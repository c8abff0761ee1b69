using System.CommandLine;
using System.Globalization;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary><c>recorder audit</c>: who changed what.</summary>
internal static class AuditCommand
{
    private const int LinesAtOnce = 500;
    private const int UsualLimit = 100;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var who = new Option<string?>("--who")
        {
            HelpName = "NAME",
            Description = "Only calls of this key, or of loopback, page or unknown.",
        };
        var session = new Option<int?>("--session") { HelpName = "ID", Description = "Only calls about this session." };
        var action = new Option<string?>("--action")
        {
            HelpName = "CALL",
            Description = "Only calls of this name, such as start or erase_record.",
        };
        var from = new Option<string?>("--from")
        {
            HelpName = "TIME",
            Description = "Only calls from this time on: 2026-12-01 or 2026-12-01T08:00:00Z.",
        };
        var to = new Option<string?>("--to") { HelpName = "TIME", Description = "Only calls before this time." };
        var limit = new Option<int>("--limit")
        {
            HelpName = "COUNT",
            Description = "At most this many lines.",
            DefaultValueFactory = _ => UsualLimit,
        };
        var json = new Option<bool>("--json") { Description = "Write the node's JSON, for programs." };
        return new Command("audit", "Tell who changed what and who was refused, newest first.")
        {
            who,
            session,
            action,
            from,
            to,
            limit,
            json,
        }.Asking(
            async (node, parsed, output, _) =>
            {
                var filter = string.Concat(
                    Word("who", parsed.GetValue(who)),
                    Word("session", parsed.GetValue(session)?.ToString(CultureInfo.InvariantCulture)),
                    Word("action", parsed.GetValue(action)),
                    Word("from", parsed.GetValue(from)),
                    Word("to", parsed.GetValue(to))
                );
                var (left, before) = (Math.Max(1, parsed.GetValue(limit)), "");
                while (left > 0)
                {
                    var most = Math.Min(left, LinesAtOnce);
                    var page = await node.GetJsonAsync(
                        string.Create(CultureInfo.InvariantCulture, $"/api/audit?limit={most}{filter}{before}")
                    );
                    var lines = NodeClient.Read<List<AuditAnswer>>(page);
                    for (var index = 0; index < lines.Count; index++)
                    {
                        await output.WriteLineAsync(
                            parsed.GetValue(json) ? page[index].GetRawText() : EntryOf(lines[index])
                        );
                    }
                    if (lines.Count < most)
                    {
                        break;
                    }
                    left -= lines.Count;
                    before = string.Create(CultureInfo.InvariantCulture, $"&before={lines[^1].Number}");
                }
            }
        );
    }

    private static string Word(string name, string? value) =>
        value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static string EntryOf(AuditAnswer line) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{line.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} | {line.Who} | {line.Address} | {line.Action} | {line.Call} | {line.Status}"
        )
        + (line.Code is { } code ? $" {code}" : "")
        + (
            line.Session is { } session
                ? string.Create(CultureInfo.InvariantCulture, $" | session {session}")
                : ""
        )
        + (line.Detail is { } detail ? $" | {detail}" : "");
}
