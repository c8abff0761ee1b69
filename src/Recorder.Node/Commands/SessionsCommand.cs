using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recorder.Http.Answers;
using Spectre.Console;

namespace Recorder.Node.Commands;

/// <summary>
/// <c>recorder sessions</c>: the list of sessions, and the commands that start, stop, show and watch one session. Each
/// entry of the list is one line with <c> | </c> between the columns, as in Petabridge.Cmd's lists.
/// </summary>
internal static class SessionsCommand
{
    private const int SessionsAtOnce = 500;

    /// <summary>How long a start or a stop may take. A node answers within its own limits, which are shorter by
    /// default.</summary>
    private static readonly TimeSpan ChangeLimit = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create()
    {
        var command = List();
        command.Add(Start());
        command.Add(Stop());
        command.Add(Mark());
        command.Add(Show());
        command.Add(Watch());
        return command;
    }

    /// <summary>Makes an option for fields of a start call, which may be given several times.</summary>
    public static Option<string[]> Fields() =>
        new("--set")
        {
            HelpName = "FIELD=VALUE",
            DefaultValueFactory = _ => [],
            Description = "A field of the start call, such as width=1280; may be given several times.",
        };

    private static Option<bool> Json() => new("--json") { Description = "Write the node's JSON, for programs." };

    private static Command List()
    {
        var all = new Option<bool>("--all") { Description = "Those that have ended too." };
        var json = Json();
        return new Command(
            "sessions",
            "List the farm's sessions: number, state and since when, node, attempt, records, gaps, faults."
        )
        {
            all,
            json,
        }.Asking(
            async (node, parsed, output, _) =>
            {
                var count = 0;
                var after = 0;
                while (true)
                {
                    var page = await node.GetJsonAsync(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"/api/sessions?limit={SessionsAtOnce}&after={after}"
                        )
                    );
                    var sessions = NodeClient.Read<List<SessionAnswer>>(page);
                    for (var index = 0; index < sessions.Count; index++)
                    {
                        if (!parsed.GetValue(all) && !sessions[index].Running)
                        {
                            continue;
                        }
                        count++;
                        await output.WriteLineAsync(
                            parsed.GetValue(json) ? page[index].GetRawText() : EntryOf(sessions[index])
                        );
                    }

                    if (sessions.Count < SessionsAtOnce)
                    {
                        break;
                    }
                    after = sessions[^1].Id;
                }

                if (!parsed.GetValue(json))
                {
                    await output.WriteLineAsync($"Count: {count} sessions");
                }
            }
        );
    }

    private static string EntryOf(SessionAnswer session) =>
        $"{session.Id} | {SessionDisplay.Word(session.State)} | {session.Since.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} | "
        + $"{session.Node} | attempt: {session.Attempt} | records: {session.Records.Count} | gaps: {session.Gaps.Count} | faults: {session.Faults.Count}";

    private static Command Start()
    {
        var page = new Argument<string?>("URL")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The page to record; none with --rtp.",
        };
        var rtp = new Option<bool>("--rtp") { Description = "Receive RTP instead of a page." };
        var name = new Option<string?>("--name") { HelpName = "TEXT", Description = "A name for the session." };
        var streams = new Option<string[]>("--stream")
        {
            HelpName = "TARGET",
            DefaultValueFactory = _ => [],
            Description = "Stream to this rtmp:, rtmps: or srt: address too; may be given several times.",
        };
        var fields = Fields();
        var noWait = new Option<bool>("--no-wait") { Description = "Return when the session has its place." };
        var json = Json();
        return new Command("start", "Start a session, and wait until its first frame is recorded.")
        {
            page,
            rtp,
            name,
            streams,
            fields,
            noWait,
            json,
        }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                var address = parsed.GetValue(page);
                if (address is null != parsed.GetValue(rtp))
                {
                    throw new InvalidDataException("Name the page to record, or give --rtp, and not both.");
                }
                var started = await node.PostAsync<JsonDocument>(
                    parsed.GetValue(noWait) ? "/api/start?wait=false" : "/api/start",
                    SessionBody.Of(
                        address,
                        parsed.GetValue(name),
                        parsed.GetValue(streams) ?? [],
                        parsed.GetValue(fields) ?? []
                    )
                );
                var answer = NodeClient.Read<StartAnswer>(started.RootElement);
                await output.WriteLineAsync(
                    parsed.GetValue(json)
                        ? started.RootElement.GetRawText()
                        : $"Session {answer.Id} {(answer.Status == "started" ? "has started" : "is starting")}.{(answer.Host is null ? "" : $" Send to {answer.Host}:{answer.RtpPort}.")}"
                );
                return 0;
            },
            ChangeLimit
        );
    }

    private static Command Stop()
    {
        var id = Id();
        return new Command("stop", "Stop a session, and wait until its records are final.") { id }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                var session = parsed.GetValue(id);
                await node.PostAsync<JsonDocument>("/api/stop", new JsonObject { ["id"] = session });
                await output.WriteLineAsync($"Session {session} has stopped.");
                var stopped = await node.GetAsync<SessionAnswer>(PathOf(session));
                foreach (var record in stopped.Records.Where(record => record.Finished))
                {
                    await output.WriteLineAsync(record.Path);
                }
                return 0;
            },
            ChangeLimit
        );
    }

    private static Command Mark()
    {
        var id = Id();
        var title = new Argument<string>("TITLE") { Description = "What players show." };
        return new Command("mark", "Mark this moment of a session, as a chapter of its record.")
        {
            id,
            title,
        }.AskingForCode(
            async (node, parsed, output, _) =>
            {
                var answer = await node.PostAsync<JsonDocument>(
                    PathOf(parsed.GetValue(id)) + "/marks",
                    new JsonObject { ["title"] = parsed.GetValue(title) }
                );
                var mark = NodeClient.Read<MarkAnswer>(answer.RootElement);
                await output.WriteLineAsync(
                    mark is { Record: { } record, At: { } at }
                        ? string.Create(CultureInfo.InvariantCulture, $"{mark.Id} is at {at:0.###} s of {record}.")
                        : $"{mark.Id} waits for the next record."
                );
                return 0;
            },
            ChangeLimit
        );
    }

    private static Command Show()
    {
        var id = Id();
        var json = Json();
        return new Command("show", "Show a session: state, outputs, records, gaps and faults.") { id, json }.Asking(
            async (node, parsed, output, _) =>
            {
                var session = await node.GetJsonAsync(PathOf(parsed.GetValue(id)));
                if (parsed.GetValue(json))
                {
                    await output.WriteLineAsync(session.GetRawText());
                }
                else
                {
                    SessionDisplay.Show(SessionDisplay.ConsoleOn(output), NodeClient.Read<SessionAnswer>(session));
                }
            }
        );
    }

    private static Command Watch()
    {
        var id = Id();
        return new Command("watch", "Show the state and the frames of a session each second, until its end.")
        {
            id,
        }.Asking(
            async (node, parsed, output, cancellation) =>
            {
                var console = SessionDisplay.ConsoleOn(output);
                if (console.Profile.Capabilities.Interactive)
                {
                    await console
                        .Status()
                        .StartAsync(
                            "…",
                            status =>
                                FollowAsync(line => status.Status(Markup.Escape(line)), node, parsed, id, cancellation)
                        );
                }
                else
                {
                    await FollowAsync(output.WriteLine, node, parsed, id, cancellation);
                }
                SessionDisplay.Show(console, await node.GetAsync<SessionAnswer>(PathOf(parsed.GetValue(id))));
            }
        );
    }

    private static async Task FollowAsync(
        Action<string> tell,
        NodeClient node,
        ParseResult parsed,
        Argument<int> id,
        CancellationToken cancellation
    )
    {
        while (true)
        {
            var session = await node.GetAsync<SessionAnswer>(PathOf(parsed.GetValue(id)));
            tell(SessionDisplay.LineOf(session));
            if (!session.Running)
            {
                return;
            }
            await Task.Delay(WatchInterval, TimeProvider.System, cancellation);
        }
    }

    private static Argument<int> Id() => new("ID") { Description = "The number of the session." };

    private static string PathOf(int session) => string.Create(CultureInfo.InvariantCulture, $"/api/sessions/{session}");
}
