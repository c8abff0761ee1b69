using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;

namespace Recorder.Cluster.Membership;

/// <summary>Turns the cluster's state into <see cref="FarmMembers"/>.</summary>
internal static class MembersView
{
    public static FarmMembers Of(Address self, ClusterEvent.CurrentClusterState state)
    {
        var settled = state.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving).ToList();
        return new FarmMembers(
            self.ToString(),
            [
                .. state
                    .Members.OrderBy(member => member.Address.ToString(), StringComparer.Ordinal)
                    .Select(member => new FarmMember(
                        member.Address.ToString(),
                        member.UniqueAddress.Uid,
                        member.Status.ToString(),
                        [.. member.Roles.Order(StringComparer.Ordinal)],
                        FarmVersion.Plain(member.AppVersion.Version)
                    )
                    {
                        Protocol = FarmVersion.ProtocolOf(member.AppVersion.Version),
                    }),
            ],
            [.. state.Unreachable.Select(member => member.Address.ToString()).Order(StringComparer.Ordinal)],
            state.Leader?.ToString(),
            Oldest(settled),
            settled
                .SelectMany(member => member.Roles)
                .Distinct(StringComparer.Ordinal)
                .ToImmutableSortedDictionary(
                    role => role,
                    role => Oldest(settled.Where(member => member.HasRole(role)))!,
                    StringComparer.Ordinal
                )
        );
    }

    private static string? Oldest(IEnumerable<Member> members) =>
        members
            .Aggregate(
                default(Member),
                (oldest, member) => oldest is null || member.IsOlderThan(oldest) ? member : oldest
            )
            ?.Address.ToString();
}
