using System.CommandLine;
using System.Globalization;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary>
/// <c>recorder cluster-sharding …</c> and <c>recorder pressure</c>: where the farm's sessions are and how full the farm
/// is. Each entry is one line with <c> | </c> between the columns, as in Petabridge.Cmd's
/// lists.
/// </summary>
internal static class FarmCommands
{
    /// <summary>The command for the shards of the sessions: the counts of each node, or every shard.</summary>
    public static Command Sharding() =>
        new("cluster-sharding", "Look at the shards of the farm of a running node: each running session has one.")
        {
            new Command("region-stats", "Count each node's shards and the sessions in them.").Asking(
                async (node, _, output, _) =>
                {
                    var shards = await ShardsAsync(node);
                    var counts = shards
                        .GroupBy(shard => shard.Node)
                        .ToDictionary(
                            group => group.Key,
                            group => (Shards: group.Count(), Entities: group.Sum(shard => shard.NumEntities))
                        );
                    foreach (
                        var member in (await node.MembersAsync()).Members.Where(member =>
                            member.Roles.Split(", ").Contains("recorder")
                        )
                    )
                    {
                        var count = counts.GetValueOrDefault(member.Node);
                        await output.WriteLineAsync($"{member} | shards: {count.Shards} | entities: {count.Entities}");
                    }
                }
            ),
            new Command("list-shards", "List every shard: its number, its node, how many sessions are in it.").Asking(
                async (node, _, output, _) =>
                {
                    foreach (var shard in await ShardsAsync(node))
                    {
                        await output.WriteLineAsync($"{shard.ShardId} | {shard.Node} | entities: {shard.NumEntities}");
                    }
                }
            ),
        };

    /// <summary>The command that shows how full each node is, and why a node takes no more sessions.</summary>
    public static Command Pressure() =>
        new Command("pressure", "Show how full each node is, and why it takes no more sessions.").Asking(
            async (node, _, output, _) =>
            {
                var pressure = await node.GetAsync<PressureAnswer>("/api/pressure");
                foreach (var one in pressure.Nodes)
                {
                    await output.WriteLineAsync(
                        $"{one.Node} | sessions: {one.Running} | slots: {one.Used.ToString(CultureInfo.InvariantCulture)} of {one.Slots} | cpu: {Figure(one.CpuPercent, "%")} | "
                            + $"memory free: {Figure(one.MemoryAvailableMb, "MB")} | disk free: {Figure(one.DiskFreeMb, "MB")} | {one.Reason ?? "open"}"
                    );
                }

                await output.WriteLineAsync(
                    pressure.HasRoom ? "The farm takes one more session." : "The farm takes no more sessions."
                );
            }
        );

    private static async Task<IReadOnlyList<ShardAnswer>> ShardsAsync(NodeClient node) =>
        (await node.GetAsync<ShardsAnswer>("/cluster/shards/session")).Regions;

    private static string Figure(double? figure, string unit) =>
        figure is { } known ? $"{known.ToString("0.#", CultureInfo.InvariantCulture)} {unit}" : "unknown";
}
