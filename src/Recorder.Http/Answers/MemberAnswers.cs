using System.Text.Json.Serialization;
using Recorder.Cluster.Membership;

namespace Recorder.Http.Answers;

/// <summary>The farm's members, in the form of Akka Management, with names in camelCase.</summary>
/// <param name="SelfNode">The address of the node that was asked.</param>
/// <param name="Members">All members.</param>
/// <param name="Unreachable">The members that do not answer.</param>
/// <param name="Leader">The leader's address; null when there is none.</param>
/// <param name="Oldest">The address of the oldest member; null when there is none.</param>
/// <param name="OldestPerRole">The address of the oldest member of each role.</param>
public sealed record MembersAnswer(
    [property: JsonPropertyName("selfNode"), JsonRequired] string SelfNode,
    [property: JsonPropertyName("members"), JsonRequired] IReadOnlyList<MemberAnswer> Members,
    [property: JsonPropertyName("unreachable"), JsonRequired] IReadOnlyList<UnreachableAnswer> Unreachable,
    [property: JsonPropertyName("leader")] string? Leader,
    [property: JsonPropertyName("oldest")] string? Oldest,
    [property: JsonPropertyName("oldestPerRole"), JsonRequired] IReadOnlyDictionary<string, string> OldestPerRole
)
{
    /// <summary>The protocol that the asked node writes: every node of the farm understands it.</summary>
    [JsonPropertyName("protocol")]
    public int Protocol { get; init; } = 1;

    internal static MembersAnswer Of(FarmMembers farm) =>
        new(
            farm.Self,
            [.. farm.Members.Select(MemberAnswer.Of)],
            [.. farm.Unreachable.Select(node => new UnreachableAnswer(node, [farm.Self]))],
            farm.Leader,
            farm.Oldest,
            farm.OldestPerRole
        )
        {
            Protocol = farm.Agreed,
        };
}

/// <summary>One member.</summary>
/// <param name="Node">The member's address.</param>
/// <param name="NodeUid">The number of the member's incarnation.</param>
/// <param name="Status">The member's status in Akka's words, such as Up.</param>
/// <param name="Roles">The member's roles.</param>
/// <param name="AppVersion">The member's version of the recorder.</param>
public sealed record MemberAnswer(
    [property: JsonPropertyName("node")] string Node,
    [property: JsonPropertyName("nodeUid"), JsonRequired] string NodeUid,
    [property: JsonPropertyName("status"), JsonRequired] string Status,
    [property: JsonPropertyName("roles"), JsonRequired] IReadOnlyList<string> Roles,
    [property: JsonPropertyName("appVersion")] string AppVersion
)
{
    /// <summary>The newest protocol that the member's build writes and reads; null for a build before the protocols had
    /// numbers.</summary>
    [JsonPropertyName("speaks")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Speaks { get; init; }

    /// <summary>The oldest protocol whose nodes the member works with; null as for <see cref="Speaks"/>.</summary>
    [JsonPropertyName("understands")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Understands { get; init; }

    internal static MemberAnswer Of(FarmMember member) =>
        new(
            member.Node,
            member.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture),
            member.Status,
            member.Roles,
            member.Version
        )
        {
            Speaks = member.Protocol?.Speaks,
            Understands = member.Protocol?.Understands,
        };
}

/// <summary>A member that does not answer.</summary>
/// <param name="Node">The member's address.</param>
/// <param name="ObservedBy">The node that reports this, which is the node that was asked.</param>
public sealed record UnreachableAnswer(
    [property: JsonPropertyName("node")] string Node,
    [property: JsonPropertyName("observedBy")] IReadOnlyList<string> ObservedBy
);

/// <summary>The result of changing a member.</summary>
/// <param name="Message">One sentence.</param>
public sealed record MemberChangeAnswer([property: JsonPropertyName("message"), JsonRequired] string Message)
{
    /// <summary>How many sessions a node that is being drained still has.</summary>
    [JsonPropertyName("sessions")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Sessions { get; init; }
}

/// <summary>The shards of a type, in the form of Akka Management, with the node of each shard added.</summary>
/// <param name="Regions">The shards.</param>
public sealed record ShardsAnswer(
    [property: JsonPropertyName("regions"), JsonRequired] IReadOnlyList<ShardAnswer> Regions
);

/// <summary>One shard.</summary>
/// <param name="ShardId">The shard's number.</param>
/// <param name="NumEntities">How many sessions are in the shard.</param>
/// <param name="Node">The address of the shard's node.</param>
public sealed record ShardAnswer(
    [property: JsonPropertyName("shardId")] string ShardId,
    [property: JsonPropertyName("numEntities")] int NumEntities,
    [property: JsonPropertyName("node")] string Node
);
