using System.Text.Json.Serialization;

using Recorder.Cluster.Membership;

namespace Recorder.Http.Answers;

/// <summary>The farm's members, in the form of Akka Management, whose names are in camelCase.</summary>
internal sealed record MembersAnswer(
    [property: JsonPropertyName("selfNode")] string SelfNode,
    [property: JsonPropertyName("members")] IReadOnlyList<MemberAnswer> Members,
    [property: JsonPropertyName("unreachable")] IReadOnlyList<UnreachableAnswer> Unreachable,
    [property: JsonPropertyName("leader")] string? Leader,
    [property: JsonPropertyName("oldest")] string? Oldest,
    [property: JsonPropertyName("oldestPerRole")] IReadOnlyDictionary<string, string> OldestPerRole)
{
    public static MembersAnswer Of(FarmMembers farm) => new(
        farm.Self,
        [.. farm.Members.Select(MemberAnswer.Of)],
        [.. farm.Unreachable.Select(node => new UnreachableAnswer(node, [farm.Self]))],
        farm.Leader,
        farm.Oldest,
        farm.OldestPerRole);
}

/// <summary>One member.</summary>
internal sealed record MemberAnswer(
    [property: JsonPropertyName("node")] string Node,
    [property: JsonPropertyName("nodeUid")] string NodeUid,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("roles")] IReadOnlyList<string> Roles,
    [property: JsonPropertyName("appVersion")] string AppVersion)
{
    public static MemberAnswer Of(FarmMember member) => new(
        member.Node, member.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture), member.Status, member.Roles, member.Version);
}

/// <summary>A member that does not answer.</summary>
/// <param name="Node">Its address.</param>
/// <param name="ObservedBy">The node that tells so, which is the one that was asked.</param>
internal sealed record UnreachableAnswer(
    [property: JsonPropertyName("node")] string Node,
    [property: JsonPropertyName("observedBy")] IReadOnlyList<string> ObservedBy);

/// <summary>What came of a change of a member.</summary>
internal sealed record MemberChangeAnswer([property: JsonPropertyName("message")] string Message)
{
    /// <summary>How many sessions a node that is drained still has.</summary>
    [JsonPropertyName("sessions")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Sessions { get; init; }
}

/// <summary>The shards of a type, in the form of Akka Management, with the node of each besides.</summary>
internal sealed record ShardsAnswer([property: JsonPropertyName("regions")] IReadOnlyList<ShardAnswer> Regions);

/// <summary>One shard.</summary>
internal sealed record ShardAnswer(
    [property: JsonPropertyName("shardId")] string ShardId,
    [property: JsonPropertyName("numEntities")] int NumEntities,
    [property: JsonPropertyName("node")] string Node);
