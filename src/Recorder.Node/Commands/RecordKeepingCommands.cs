using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary><c>recorder records rm</c> and <c>hold</c>: erase records, and keep records from being erased.</summary>
internal static class RecordKeepingCommands
{
    /// <summary>Makes the command that erases records.</summary>
    public static Command Remove()
    {
        var ids = Ids("The ids of the records to erase, such as 7-2.");
        var json = RecordsCommand.Json("Write the node's JSON, one record a line.");
        return new Command("rm", "Erase records: file, manifest, picture and live playlist.") { ids, json }.Asking(
            (node, parsed, output, _) =>
                ForEachAsync(
                    parsed.GetRequiredValue(ids),
                    parsed.GetValue(json),
                    output,
                    id => node.DeleteAsync<JsonDocument>(RecordsCommand.PathOf(id)),
                    record =>
                        record.State == RecordStage.Erased
                            ? $"Record {record.Id} is erased."
                            : $"Record {record.Id} is erased as soon as {record.Node} can. {record.Erasing?.Obstacle}".TrimEnd()
                )
        );
    }

    /// <summary>Makes the command that puts records on hold.</summary>
    public static Command Hold()
    {
        var ids = Ids("The ids of the records, such as 7-2.");
        var reason = new Option<string?>("--reason") { HelpName = "TEXT", Description = "Why, for people." };
        var release = new Option<bool>("--release") { Description = "Release the records instead." };
        var json = RecordsCommand.Json("Write the node's JSON, one record a line.");
        return new Command("hold", "Put records on hold: nothing erases them.") { ids, reason, release, json }.Asking(
            (node, parsed, output, _) =>
                ForEachAsync(
                    parsed.GetRequiredValue(ids),
                    parsed.GetValue(json),
                    output,
                    id =>
                    {
                        var path = RecordsCommand.PathOf(id) + "/hold";
                        return parsed.GetValue(release)
                            ? node.DeleteAsync<JsonDocument>(path)
                            : node.PutAsync<JsonDocument>(path, BodyOf(parsed.GetValue(reason)));
                    },
                    record => $"Record {record.Id} is {(record.Hold is null ? "not " : "")}on hold."
                )
        );
    }

    private static JsonObject BodyOf(string? reason) => reason is null ? [] : new JsonObject { ["reason"] = reason };

    private static Argument<string[]> Ids(string description) =>
        new("ID") { Arity = ArgumentArity.OneOrMore, Description = description };

    private static async Task ForEachAsync(
        IEnumerable<string> ids,
        bool json,
        TextWriter output,
        Func<string, Task<JsonDocument>> change,
        Func<LibraryRecordAnswer, string> tell
    )
    {
        foreach (var id in ids)
        {
            var answer = (await change(id)).RootElement;
            await output.WriteLineAsync(
                json ? answer.GetRawText() : tell(NodeClient.Read<LibraryRecordAnswer>(answer))
            );
        }
    }
}
