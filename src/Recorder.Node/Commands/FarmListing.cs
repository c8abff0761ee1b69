using System.Collections.Immutable;
using Recorder.Cluster.Farm;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary>The answer of <c>GET /cluster/members</c>, as far as the command line shows it.</summary>
/// <param name="Self">The node that was asked.</param>
/// <param name="Members">All members.</param>
/// <param name="Leader">The leader's address, or null.</param>
/// <param name="OldestRecorder">The node that carries the placement, or null.</param>
internal sealed record FarmListing(
    string Self,
    ImmutableList<ListedMember> Members,
    string? Leader,
    string? OldestRecorder
)
{
    /// <summary>What is shown of an answer.</summary>
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
                )),
            ],
            answer.Leader,
            answer.OldestPerRole.GetValueOrDefault(NodeRoles.Recorder)
        );
    }

    /// <summary>What has changed since an earlier listing, one line each, in the order of addresses. Pure.</summary>
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

/// <summary>A member as it is listed.</summary>
/// <param name="Node">Its address.</param>
/// <param name="Uid">The number of its incarnation.</param>
/// <param name="Roles">Its roles, parted by commas.</param>
/// <param name="Status">Its status in small letters.</param>
/// <param name="Reachable">Whether the node that was asked hears it.</param>
/// <param name="Version">The recorder's version.</param>
internal sealed record ListedMember(
    string Node,
    string Uid,
    string Roles,
    string Status,
    bool Reachable,
    string Version
)
{
    /// <summary>The line of Petabridge.Cmd's <c>cluster show</c>.</summary>
    public override string ToString() =>
        $"{Node} | [{Roles}] | {Status} | {(Reachable ? "" : "unreachable")} | {Version}";
}
