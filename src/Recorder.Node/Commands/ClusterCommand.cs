using System.CommandLine;
using System.Globalization;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Serialization;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary>
/// <c>recorder cluster …</c>: asks a running node over HTTP for the members of the farm, and makes members leave.
/// Command names and output are those of Petabridge.Cmd's cluster palette. There is no <c>join</c>, because a node
/// joins by its own seed nodes.
/// </summary>
internal static class ClusterCommand
{
    private static readonly TimeSpan DrainInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TailInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create() =>
        new("cluster", "Look at the farm of a running node, and let members go.")
        {
            new Command("show", "List all members: address, roles, status, whether it answers, version.").Asking(
                async (node, _, output, _) =>
                {
                    var farm = await node.MembersAsync();
                    foreach (var member in farm.Members)
                    {
                        await output.WriteLineAsync(member.ToString());
                    }
                    await output.WriteLineAsync($"Count: {farm.Members.Count} nodes");
                }
            ),
            Status(),
            new Command("leader", "Show the farm's leader.").Asking(
                async (node, _, output, _) =>
                    await output.WriteLineAsync(
                        (await node.MembersAsync()).Leader
                            ?? "There is no leader; nodes that do not answer are in the way of one."
                    )
            ),
            new Command("tail", "Show changes of the farm as they happen, until Ctrl-C.").Asking(
                (node, _, output, cancellation) => TailAsync(node, output, cancellation)
            ),
            ForMember(
                "leave",
                "Let a member hand its sessions over, finish the others' records and leave, as on SIGTERM.",
                MemberOperation.Leave
            ),
            ForMember(
                "down",
                "Give up a member that is dead; one that lives ends itself when it hears of it.",
                MemberOperation.Down
            ),
            new Command("down-unreachable", "Give up every member that does not answer.").Asking(
                async (node, _, output, _) =>
                {
                    foreach (var member in (await node.MembersAsync()).Members.Where(member => !member.Reachable))
                    {
                        await ChangeAsync(node, member.Node, MemberOperation.Down, output);
                    }
                }
            ),
            Drain(),
            new Command(
                "upgrade-check",
                "Tell which node may be replaced by this version now; exit code 0 when there is one or none is left, 5 when there is none now."
            ).AskingForCode(
                async (node, _, output, _) =>
                {
                    var check = UpgradeCheck.Of(
                        await node.MembersAsync(),
                        (await node.GetAsync<PressureAnswer>("/api/pressure")).Nodes,
                        WireProtocol.OfThisBuild,
                        FarmNames.Version
                    );
                    foreach (var line in check.Lines)
                    {
                        await output.WriteLineAsync(line);
                    }
                    return check.MayGoOn ? 0 : NodeCommand.NotNow;
                }
            ),
        };

    private static Command Status()
    {
        var address = new Argument<string?>("address")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "A member's address, whole or as host:port; without one, the node that is asked.",
        };
        return new Command(
            "status",
            "Show one member: status, roles, version, whether it answers, what it does for the farm."
        )
        {
            address,
        }.Asking(
            async (node, parsed, output, _) =>
            {
                var farm = await node.MembersAsync();
                var name = parsed.GetValue(address) ?? farm.Self;
                var member =
                    farm.Members.Find(candidate => FarmMember.IsNamed(candidate.Node, name))
                    ?? throw new InvalidDataException(
                        parsed.GetValue(address) is null
                            ? $"{name} is in no farm yet."
                            : $"The farm has no member {name}; recorder cluster show lists them."
                    );
                await output.WriteLineAsync(member.ToString());
                await output.WriteLineAsync(
                    $"leader: {Word(farm.Leader == member.Node)} | placement: {Word(farm.OldestRecorder == member.Node)}"
                );
            }
        );
    }

    private static string Word(bool answer) => answer ? "yes" : "no";

    private static Command Drain()
    {
        var address = Address();
        var undo = new Option<bool>("--undo") { Description = "Let it take sessions again." };
        var limit = NodeCommand.Seconds("--limit", 600, "How long to wait, 1 to 86400; the drain goes on after it.");
        return new Command(
            "drain",
            "Hand the sessions of a member over to others and give it no new ones; wait until it has none."
        )
        {
            address,
            undo,
            limit,
        }.Asking(
            (node, parsed, output, cancellation) =>
                parsed.GetValue(undo)
                    ? ChangeAsync(node, parsed.GetValue(address)!, MemberOperation.Undrain, output)
                    : DrainAsync(
                        node,
                        parsed.GetValue(address)!,
                        TimeSpan.FromSeconds(parsed.GetValue(limit)),
                        output,
                        cancellation
                    )
        );
    }

    private static Command ForMember(string name, string description, MemberOperation operation)
    {
        var address = Address();
        return new Command(name, description) { address }.Asking(
            (node, parsed, output, _) => ChangeAsync(node, parsed.GetValue(address)!, operation, output)
        );
    }

    private static Argument<string> Address() =>
        new("address") { Description = "The member's address as show tells it, or its host:port." };

    private static async Task ChangeAsync(
        NodeClient node,
        string member,
        MemberOperation operation,
        TextWriter output
    ) => await output.WriteLineAsync((await node.ChangeAsync(member, operation)).Message);

    /// <summary>Drains a node and writes the number of remaining sessions whenever it changes, until no session
    /// remains.</summary>
    private static async Task DrainAsync(
        NodeClient node,
        string member,
        TimeSpan limit,
        TextWriter output,
        CancellationToken cancellation
    )
    {
        var since = TimeProvider.System.GetTimestamp();
        int? left = null;
        while (true)
        {
            try
            {
                var answer = await node.ChangeAsync(member, MemberOperation.Drain);
                if (answer.Sessions != left)
                {
                    await output.WriteLineAsync(answer.Message);
                }
                left =
                    answer.Sessions
                    ?? throw new InvalidDataException(
                        $"The node does not say how many sessions {member} has left: {answer.Message}"
                    );
            }
            catch (HttpRequestException) when (left is not null && TimeProvider.System.GetElapsedTime(since) <= limit)
            {
                // The placement moves, or waits for the database. The drain goes on meanwhile.
            }

            if (left is not { } sessions || sessions == 0)
            {
                return;
            }
            if (TimeProvider.System.GetElapsedTime(since) > limit)
            {
                throw new InvalidDataException(
                    $"{member} still has {(sessions == 1 ? "1 session" : $"{sessions} sessions")} after {limit.TotalSeconds:0} s; it goes on being drained."
                );
            }
            await Task.Delay(DrainInterval, cancellation);
        }
    }

    /// <summary>Asks for the members again and again. A node that does not answer is reported once, and is asked
    /// again.</summary>
    private static async Task TailAsync(NodeClient node, TextWriter output, CancellationToken cancellation)
    {
        var farm = await node.MembersAsync();
        foreach (var member in farm.Members)
        {
            await TellAsync(member.ToString());
        }
        var away = false;
        while (true)
        {
            await Task.Delay(TailInterval, cancellation);
            try
            {
                var now = await node.MembersAsync();
                if (away)
                {
                    await TellAsync("the node answers again");
                }
                away = false;
                foreach (var change in now.ChangesSince(farm))
                {
                    await TellAsync(change);
                }
                farm = now;
            }
            catch (Exception error)
                when (!cancellation.IsCancellationRequested
                    && (error is HttpRequestException or InvalidDataException or OperationCanceledException)
                )
            {
                if (!away)
                {
                    await TellAsync($"the node cannot be asked: {error.Message}");
                }
                away = true;
            }
        }

        async Task TellAsync(string line)
        {
            await output.WriteLineAsync(
                TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff ", CultureInfo.InvariantCulture)
                    + line
            );
            await output.FlushAsync(cancellation);
        }
    }
}
