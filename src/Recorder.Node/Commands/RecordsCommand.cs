using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recorder.Cluster.Settings;
using Recorder.Http.Answers;
using Spectre.Console;

namespace Recorder.Node.Commands;

/// <summary><c>recorder records</c>: the records of the farm, for a person or a script.</summary>
internal static class RecordsCommand
{
    private const int RecordsAtOnce = 500;

    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create() =>
        new("records", "Look at the records of the farm, bring them here, share them, erase them, and hold them.")
        {
            List(),
            Get(),
            Link(),
            RecordKeepingCommands.Remove(),
            RecordKeepingCommands.Hold(),
        };

    /// <summary>Makes an option to write JSON.</summary>
    public static Option<bool> Json(string description) => new("--json") { Description = description };

    private static Argument<string> Id() => new("ID") { Description = "The id of the record, such as 7-2." };

    private static Command List()
    {
        var session = new Option<int?>("--session") { HelpName = "ID", Description = "Only records of this session." };
        var state = new Option<string?>("--state")
        {
            HelpName = "STATE",
            Description = "Only growing, unrepaired or finished records.",
        };
        var labels = new Option<string[]>("--label")
        {
            HelpName = "KEY=VALUE",
            DefaultValueFactory = _ => [],
            Description = "Only with this label; may be given several times.",
        };
        var from = new Option<string?>("--from") { HelpName = "TIME", Description = "Only begun then or later." };
        var to = new Option<string?>("--to") { HelpName = "TIME", Description = "Only begun before." };
        var json = Json("Write the node's JSON, one record a line.");
        return new Command("list", "List the records: id, state, beginning, length, size, node, name.")
        {
            session,
            state,
            labels,
            from,
            to,
            json,
        }.Asking(
            async (node, parsed, output, _) =>
            {
                var filter = FilterOf(
                    [
                        ("session", parsed.GetValue(session)?.ToString(CultureInfo.InvariantCulture)),
                        ("state", parsed.GetValue(state)),
                        ("from", parsed.GetValue(from)),
                        ("to", parsed.GetValue(to)),
                    ],
                    parsed.GetValue(labels) ?? []
                );
                List<LibraryRecordAnswer> records = [];
                await foreach (var (record, text) in ReadAsync(node, filter))
                {
                    if (parsed.GetValue(json))
                    {
                        await output.WriteLineAsync(text);
                    }
                    else
                    {
                        records.Add(record);
                    }
                }
                if (!parsed.GetValue(json))
                {
                    RecordDisplay.Show(SessionDisplay.ConsoleOn(output), records);
                    await output.WriteLineAsync($"Count: {records.Count} records");
                }
            }
        );
    }

    /// <summary>The part of a query that chooses records. Pure.</summary>
    /// <param name="filters">Names of parameters with their values; those without a value are left out.</param>
    /// <param name="labels">Labels as <c>key=value</c>.</param>
    /// <exception cref="InvalidDataException">A label has no value.</exception>
    public static string FilterOf(IEnumerable<(string Name, string? Value)> filters, IEnumerable<string> labels)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in filters.Concat(labels.Select(Label)))
        {
            if (value is not null)
            {
                query.Append(CultureInfo.InvariantCulture, $"&{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}");
            }
        }
        return query.ToString();

        static (string, string?) Label(string label) =>
            label.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
                ? ($"label.{label[..at]}", label[(at + 1)..])
                : throw new InvalidDataException($"--label is \"{label}\"; it must be KEY=VALUE, such as room=Sal.");
    }

    private static async IAsyncEnumerable<(LibraryRecordAnswer Record, string Json)> ReadAsync(
        NodeClient node,
        string filter
    )
    {
        var after = "";
        while (true)
        {
            var page = await node.GetJsonAsync(
                string.Create(CultureInfo.InvariantCulture, $"/api/records?limit={RecordsAtOnce}{filter}{after}")
            );
            var records = NodeClient.Read<List<LibraryRecordAnswer>>(page);
            for (var index = 0; index < records.Count; index++)
            {
                yield return (records[index], page[index].GetRawText());
            }
            if (records.Count < RecordsAtOnce)
            {
                yield break;
            }
            after = $"&after={records[^1].Id}";
        }
    }

    private static Command Get()
    {
        var id = Id();
        var file = new Option<string?>("--output", "-o")
        {
            HelpName = "FILE",
            Description = "The file to write, or a folder. Without it: the record's own name, in this folder.",
        };
        var force = new Option<bool>("--force") { Description = "Replace the file if there is one." };
        var json = Json("Write what was brought as JSON, for programs.");
        return new Command(
            "get",
            "Bring a record here. What breaks off is continued, and the file's SHA-256 is compared."
        )
        {
            id,
            file,
            force,
            json,
        }.Asking(
            async (node, parsed, output, cancellation) =>
            {
                var record = await node.GetAsync<LibraryRecordAnswer>(PathOf(parsed.GetRequiredValue(id)));
                var download = new RecordDownload(node, record, TimeProvider.System);
                var wanted = parsed.GetValue(file);
                var path = Path.GetFullPath(
                    wanted is null ? await download.NameAsync()
                    : Directory.Exists(wanted) ? Path.Join(wanted, await download.NameAsync())
                    : wanted
                );
                if (!parsed.GetValue(force) && Path.Exists(path))
                {
                    throw new InvalidDataException($"There is a file {path}; give another --output, or --force.");
                }
                var console = SessionDisplay.ConsoleOn(output);
                var sha256 = await RecordDisplay.WithProgressAsync(
                    console,
                    Path.GetFileName(path),
                    console.Profile.Capabilities.Interactive && !parsed.GetValue(json),
                    tell => download.RunAsync(path, parsed.GetValue(force), tell, cancellation)
                );
                var bytes = new FileInfo(path).Length;
                await output.WriteLineAsync(
                    parsed.GetValue(json)
                        ? new JsonObject
                        {
                            ["record"] = record.Id,
                            ["file"] = path,
                            ["bytes"] = bytes,
                            ["sha256"] = sha256,
                            ["compared"] = record.Sha256 is not null,
                        }.ToJsonString(AnswerJson.Options)
                    : $"{path} ({SessionDisplay.Size(bytes)})"
                        + (
                            record.Sha256 is null
                                ? " The record's SHA-256 is not known yet, so the file was not compared."
                                : ""
                        )
                );
            }
        );
    }

    private static Command Link()
    {
        var id = Id();
        var expiresIn = new Option<string?>("--expires-in")
        {
            HelpName = "DURATION",
            Description = "How long the link opens the record, such as 2 h or 30 d. Default: 7 d.",
        };
        var downloads = new Option<int?>("--downloads")
        {
            HelpName = "NUMBER",
            Description = "How many downloads may begin. Default: any number.",
        };
        var inline = new Option<bool>("--inline") { Description = "A browser shows the record instead of saving it." };
        var list = new Option<bool>("--list") { Description = "List the links of the record instead." };
        var revoke = new Option<string?>("--revoke")
        {
            HelpName = "LINK",
            Description = "Revoke the link of this id instead.",
        };
        var json = Json("Write the node's JSON, for programs.");
        return new Command("link", "Make an address that opens one record without a key.")
        {
            id,
            expiresIn,
            downloads,
            inline,
            list,
            revoke,
            json,
        }.Asking(
            async (node, parsed, output, _) =>
            {
                var links = PathOf(parsed.GetRequiredValue(id)) + "/links";
                if (parsed.GetValue(revoke) is { } link)
                {
                    await node.DeleteAsync<JsonDocument>($"{links}/{Uri.EscapeDataString(link)}");
                    await output.WriteLineAsync($"The link {link} is revoked.");
                    return;
                }
                var answer = parsed.GetValue(list)
                    ? await node.GetJsonAsync(links)
                    : (
                        await node.PostAsync<JsonDocument>(
                            links,
                            BodyOf(parsed.GetValue(expiresIn), parsed.GetValue(downloads), parsed.GetValue(inline))
                        )
                    ).RootElement;
                if (parsed.GetValue(json))
                {
                    await output.WriteLineAsync(answer.GetRawText());
                }
                else if (parsed.GetValue(list))
                {
                    RecordDisplay.Show(SessionDisplay.ConsoleOn(output), NodeClient.Read<List<LinkAnswer>>(answer));
                }
                else
                {
                    await output.WriteLineAsync(NodeClient.Read<LinkAnswer>(answer).Url);
                }
            }
        );
    }

    /// <summary>The body of a call that makes a link. Pure.</summary>
    /// <exception cref="InvalidDataException">The duration is none.</exception>
    public static JsonObject BodyOf(string? expiresIn, int? downloads, bool inline)
    {
        var body = new JsonObject();
        if (expiresIn is not null)
        {
            body["expires_in"] =
                Duration.TryParse(expiresIn, out var time) && time.TotalSeconds is >= 1 and <= int.MaxValue
                    ? (int)time.TotalSeconds
                    : throw new InvalidDataException(
                        $"--expires-in is \"{expiresIn}\"; it must be a duration such as 2 h or 30 d."
                    );
        }
        if (downloads is { } number)
        {
            body["downloads"] = number;
        }
        if (inline)
        {
            body["inline"] = true;
        }
        return body;
    }

    /// <summary>The path of a record.</summary>
    public static string PathOf(string record) => "/api/records/" + Uri.EscapeDataString(record);
}
