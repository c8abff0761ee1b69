using System.Collections.Immutable;
using System.Globalization;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Serialization;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary>The answer of <c>recorder cluster upgrade-check</c>. Pure.</summary>
/// <param name="Lines">What is written: a line for each node, and then the farm's.</param>
/// <param name="MayGoOn">Whether a node may be replaced now, or every node runs this version.</param>
internal sealed record UpgradeCheck(ImmutableList<string> Lines, bool MayGoOn)
{
    /// <summary>Looks at a farm.</summary>
    /// <param name="farm">The members.</param>
    /// <param name="pressure">How full each node is.</param>
    /// <param name="own">The protocols of this build, which replaces the nodes' builds.</param>
    /// <param name="version">The version of this build.</param>
    public static UpgradeCheck Of(
        FarmListing farm,
        IReadOnlyList<NodePressureAnswer> pressure,
        WireProtocol own,
        string version
    )
    {
        var wait = WhyNobody(farm, own);
        var verdicts = farm
            .Members.Select(member =>
                (
                    Member: member,
                    Held: pressure.FirstOrDefault(node => node.Node == member.Node),
                    Why: wait ?? WhyNot(member, pressure, version, own)
                )
            )
            // The placement moves once when its node is the last to be replaced.
            .OrderBy(verdict => verdict.Member.Node == farm.OldestRecorder)
            .ThenBy(verdict => verdict.Member.Node, StringComparer.Ordinal)
            .ToList();
        var sessions = pressure.Sum(node => node.Running);
        var open = verdicts.Count(verdict => verdict.Why is null);
        var done = farm.Members.Count(member => IsOf(member, version, own));
        var lines = verdicts.Select(verdict =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{verdict.Member.Node} | {verdict.Member.Version} | {(verdict.Member.Protocol is { } told ? told.ToString() : "protocol unknown")} | {verdict.Member.Status} | sessions: {verdict.Held?.Running ?? 0} | {verdict.Why ?? "may be replaced now"}"
            )
        );
        var end =
            done == farm.Members.Count ? "Every node runs this version."
            : open == 0 ? "No node may be replaced now."
            : "One node may be replaced now. Ask again before the next one.";
        return new UpgradeCheck(
            [
                .. lines,
                $"The farm writes protocol {farm.Protocol} and runs {Count(sessions, "session")}. This is {version}, {own}.",
                end,
            ],
            open > 0 || done == farm.Members.Count
        );
    }

    /// <summary>Why no node of the farm may be replaced now; null when nothing is in the way.</summary>
    private static string? WhyNobody(FarmListing farm, WireProtocol own)
    {
        if (own.Speaks < farm.Protocol)
        {
            return $"never by this version: the farm writes protocol {farm.Protocol}";
        }
        if (farm.Members.Find(member => member.Protocol?.Overlaps(own) != true) is { } other)
        {
            return $"not one by one: this version and {other.Node} do not understand each other; stop the farm for this upgrade";
        }
        if (farm.Members.Find(member => !member.Reachable) is { } lost)
        {
            return $"not now: {lost.Node} does not answer";
        }
        return farm.Members.Find(member => member.Status != "up") is { } moving
            ? $"not now: {moving.Node} is {moving.Status}"
            : null;
    }

    private static string? WhyNot(
        ListedMember member,
        IReadOnlyList<NodePressureAnswer> pressure,
        string version,
        WireProtocol own
    )
    {
        if (IsOf(member, version, own))
        {
            return "runs this version";
        }
        if (
            !member.Roles.Split(", ").Contains(NodeRoles.Recorder)
            || pressure.FirstOrDefault(node => node.Node == member.Node) is not { Running: > 0 } held
        )
        {
            return null;
        }
        var others = pressure.Where(node => node.Node != member.Node && node.Reason is null).ToList();
        var room = others.Sum(node => node.Free);
        return held.Used <= room
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"not now: its {Count(held.Running, "session")} need {held.Used} slots, and the other nodes have {room} free"
            );
    }

    private static bool IsOf(ListedMember member, string version, WireProtocol own) =>
        member.Version == version && member.Protocol == own;

    private static string Count(int number, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");
}
