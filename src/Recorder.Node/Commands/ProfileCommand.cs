using System.CommandLine;
using System.Text.Json;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary><c>recorder profile</c>: how kinds of meetings are entered, seen and left.</summary>
internal static class ProfileCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create() =>
        new("profile", "List and show the profiles by which meetings are entered.") { List(), Show() };

    private static Option<bool> Json() => new("--json") { Description = "Write the node's JSON, for programs." };

    private static Command List()
    {
        var json = Json();
        return new Command("list", "List the profiles of a node.") { json }.Asking(
            async (node, parsed, output, _) =>
            {
                var page = await node.GetJsonAsync("/api/profiles");
                if (parsed.GetValue(json))
                {
                    await output.WriteLineAsync(page.GetRawText());
                    return;
                }
                TableDisplay.Write(
                    output,
                    ["profile", "from", "parameters", "layouts"],
                    NodeClient
                        .Read<List<ProfileAnswer>>(page)
                        .ConvertAll(profile =>
                            (string[])
                                [
                                    profile.Name,
                                    profile.Shipped ? "recorder" : "farm",
                                    string.Join(
                                        ", ",
                                        profile.Parameters.Select(one => one.Value.Required ? one.Key : $"[{one.Key}]")
                                    ),
                                    string.Join(", ", profile.Layouts),
                                ]
                        ),
                    "The node has no profiles."
                );
            }
        );
    }

    private static Command Show()
    {
        var name = new Argument<string>("NAME") { Description = "The name of the profile." };
        var json = Json();
        return new Command("show", "Show what a profile asks for, and the fields of the starts that it makes.")
        {
            name,
            json,
        }.Asking(
            async (node, parsed, output, _) =>
            {
                var path = $"/api/profiles/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}";
                var answer = await node.GetJsonAsync(path);
                if (parsed.GetValue(json))
                {
                    await output.WriteLineAsync(answer.GetRawText());
                    return;
                }
                var profile = NodeClient.Read<ProfileAnswer>(answer);
                await output.WriteLineAsync(profile.Description);
                TableDisplay.Write(
                    output,
                    ["parameter", "kind", "without", "what"],
                    [
                        .. profile.Parameters.Select(one =>
                            (string[])
                                [
                                    one.Key,
                                    one.Value.Kind,
                                    one.Value.Required ? "refused" : one.Value.Default ?? "left out",
                                    one.Value.Description,
                                ]
                        ),
                    ],
                    "The profile has no parameters."
                );
                await output.WriteLineAsync(profile.Data?.ToJsonString(Indented) ?? "");
                foreach (var file in profile.ReadFrom)
                {
                    await output.WriteLineAsync($"Read from {file}.");
                }
            }
        );
    }
}
