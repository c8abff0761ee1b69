using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Recorder.Node.Commands;

/// <summary>
/// <c>recorder cluster-sharding …</c>, <c>recorder sessions</c> and <c>recorder pressure</c>: where the farm's sessions are and how full it is,
/// one line each with <c> | </c> between the columns, as Petabridge.Cmd writes its lists.
/// </summary>
internal static class FarmCommands
{
    private const int SessionsAtOnce = 500;

    /// <summary>The shards of the sessions: each node's counts, or every shard.</summary>
    public static Command Sharding() => new("cluster-sharding", "Look at the shards of the farm of a running node: each running session has one.")
    {
        new Command("region-stats", "Count each node's shards and the sessions in them.").Asking(async (node, _, output, _) =>
        {
            var shards = await ShardsAsync(node);
            var counts = shards.GroupBy(shard => shard.Node).ToDictionary(group => group.Key, group => (Shards: group.Count(), Entities: group.Sum(shard => shard.Entities)));
            foreach (var member in (await node.MembersAsync()).Members.Where(member => member.Roles.Split(", ").Contains("recorder")))
            {
                var count = counts.GetValueOrDefault(member.Node);
                await output.WriteLineAsync($"{member} | shards: {count.Shards} | entities: {count.Entities}");
            }
        }),
        new Command("list-shards", "List every shard: its number, its node, how many sessions are in it.").Asking(async (node, _, output, _) =>
        {
            foreach (var shard in await ShardsAsync(node))
                await output.WriteLineAsync($"{shard.Id} | {shard.Node} | entities: {shard.Entities}");
        }),
    };

    /// <summary>The list of sessions.</summary>
    public static Command Sessions()
    {
        var all = new Option<bool>("--all") { Description = "Those that have ended too." };
        return new Command("sessions", "List the farm's sessions: number, state and since when, node, attempt, records, gaps, faults.") { all }.Asking(async (node, parsed, output, _) =>
        {
            var count = 0;
            var after = 0;
            while (true)
            {
                var page = (await node.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/sessions?limit={SessionsAtOnce}&after={after}"))).EnumerateArray().ToList();
                foreach (var session in page.Where(session => parsed.GetValue(all) || session.GetProperty("running").GetBoolean()))
                {
                    count++;
                    await output.WriteLineAsync(
                        $"{session.GetProperty("id")} | {session.GetProperty("state").GetString()} | {session.GetProperty("since").GetDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} | "
                        + $"{session.GetProperty("node").GetString()} | attempt: {session.GetProperty("attempt")} | records: {Count("records")} | gaps: {Count("gaps")} | faults: {Count("faults")}");
                    int Count(string list) => session.GetProperty(list).GetArrayLength();
                }

                if (page.Count < SessionsAtOnce)
                    break;
                after = page[^1].GetProperty("id").GetInt32();
            }

            await output.WriteLineAsync($"Count: {count} sessions");
        });
    }

    /// <summary>How full each node is, and why it takes no more.</summary>
    public static Command Pressure() => new Command("pressure", "Show how full each node is, and why it takes no more sessions.").Asking(async (node, _, output, _) =>
    {
        var pressure = await node.GetAsync("/api/pressure");
        foreach (var one in pressure.GetProperty("nodes").EnumerateArray())
        {
            await output.WriteLineAsync(
                $"{one.GetProperty("node").GetString()} | sessions: {one.GetProperty("running")} | slots: {one.GetProperty("used")} of {one.GetProperty("slots")} | cpu: {Figure(one, "cpu_percent", "%")} | "
                + $"memory free: {Figure(one, "memory_available_mb", "MB")} | disk free: {Figure(one, "disk_free_mb", "MB")} | {one.GetProperty("reason").GetString() ?? "open"}");
        }

        await output.WriteLineAsync(pressure.GetProperty("has_room").GetBoolean() ? "The farm takes one more session." : "The farm takes no more sessions.");
    });

    private static async Task<List<(string Id, string Node, int Entities)>> ShardsAsync(NodeClient node) =>
    [
        .. (await node.GetAsync("/cluster/shards/session")).GetProperty("regions").EnumerateArray()
            .Select(shard => (shard.GetProperty("shardId").GetString()!, shard.GetProperty("node").GetString()!, shard.GetProperty("numEntities").GetInt32())),
    ];

    private static string Figure(JsonElement node, string name, string unit) =>
        node.GetProperty(name) is { ValueKind: JsonValueKind.Number } figure ? $"{figure.GetDouble().ToString("0.#", CultureInfo.InvariantCulture)} {unit}" : "unknown";
}
