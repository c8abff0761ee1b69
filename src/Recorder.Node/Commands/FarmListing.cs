using System.Collections.Immutable;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Serialization;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary>The part of the answer of <c>GET /cluster/members</c> that the command line shows.</summary>
/// <param name="Self">The node that was asked.</param>
/// <param name="Members">All members.</param>
/// <param name="Leader">The leader's address; null when there is none.</param>
/// <param name="OldestRecorder">The node that runs the placement; null when there is none.</param>
internal sealed record FarmListing(
    string Self,
    ImmutableList<ListedMember> Members,
    string? Leader,
    string? OldestRecorder
)
{
    /// <summary>The protocol that the farm writes.</summary>
    public int Protocol { get; init; } = 1;

    /// <summary>Takes the shown part out of an answer.</summary>
    public static FarmListing Of(MembersAnswer answer)
    {
        var unreachable = answer.Unreachable.Select(one => one.Node).ToHashSet(StringComparer.Ordinal);
        return new FarmListing(
            answer.SelfNode,
            [
                .. answer.Members.Select(member => new ListedMember(
                    member.Node,
                    member.NodeUid,
                    string.Join(", ", member.Roles),
                    member.Status.ToLowerInvariant(),
                    !unreachable.Contains(member.Node),
                    member.AppVersion
                )
                {
                    Protocol = member is { Speaks: { } speaks, Understands: { } understands }
                        ? new WireProtocol(speaks, understands)
                        : null,
                }),
            ],
            answer.Leader,
            answer.OldestPerRole.GetValueOrDefault(NodeRoles.Recorder)
        )
        {
            Protocol = answer.Protocol,
        };
    }

    /// <summary>The changes since an earlier listing, one line each, in the order of addresses. Pure.</summary>
    /// <param name="earlier">The earlier listing.</param>
    public IEnumerable<string> ChangesSince(FarmListing earlier)
    {
        foreach (
            var node in Members
                .Concat(earlier.Members)
                .Select(member => member.Node)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
        )
        {
            var (before, now) = (
                earlier.Members.Find(member => member.Node == node),
                Members.Find(member => member.Node == node)
            );
            if (before is not null && now?.Uid != before.Uid)
            {
                yield return $"{node} | removed";
            }
            if (now is not null && now.Uid != before?.Uid)
            {
                yield return $"{node} | [{now.Roles}] | {now.Status}";
            }
            else if (now is not null && before is not null)
            {
                if (now.Status != before.Status)
                {
                    yield return $"{node} | {before.Status} -> {now.Status}";
                }
                if (now.Reachable != before.Reachable)
                {
                    yield return $"{node} | {(now.Reachable ? "reachable" : "unreachable")}";
                }
            }
        }

        if (Leader != earlier.Leader)
        {
            yield return $"{Leader ?? "nobody"} | leader";
        }
    }
}

/// <summary>A member in a listing.</summary>
/// <param name="Node">The member's address.</param>
/// <param name="Uid">The number of the member's incarnation.</param>
/// <param name="Roles">The member's roles, separated by commas.</param>
/// <param name="Status">The member's status in small letters.</param>
/// <param name="Reachable">Whether the asked node hears the member.</param>
/// <param name="Version">The member's version of the recorder.</param>
internal sealed record ListedMember(
    string Node,
    string Uid,
    string Roles,
    string Status,
    bool Reachable,
    string Version
)
{
    /// <summary>The protocols of the member's build; null for a build before the protocols had numbers.</summary>
    public WireProtocol? Protocol { get; init; }

    /// <summary>The line of Petabridge.Cmd's <c>cluster show</c>.</summary>
    public override string ToString() =>
        $"{Node} | [{Roles}] | {Status} | {(Reachable ? "" : "unreachable")} | {Version}";
}
