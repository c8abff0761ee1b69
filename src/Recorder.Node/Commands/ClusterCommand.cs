using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;

using Recorder.Cluster.Membership;

namespace Recorder.Node.Commands;

/// <summary>
/// <c>recorder cluster …</c>: asks a running node over HTTP who is in the farm, and lets members go. Command names and output
/// are those of Petabridge.Cmd's cluster palette.
/// </summary>
internal static class ClusterCommand
{
    /// <summary>The exit code of a command that a node refused, or that found no node.</summary>
    public const int Failed = 4;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>The command with its subcommands.</summary>
    public static Command Create()
    {
        var command = new Command("cluster", "Look at the farm of a running node, and let members go.");
        var show = new Command("show", "List all members: address, roles, status, whether it answers, version.");
        var leave = new Command("leave", "Let a member hand its sessions over, finish the others' records and leave, as on SIGTERM.");
        var down = new Command("down", "Give up a member that is dead; one that lives ends itself when it hears of it.");
        var downUnreachable = new Command("down-unreachable", "Give up every member that does not answer.");
        var leader = new Command("leader", "Show the farm's leader.");
        Add(command, show, (node, _) => node.ShowAsync());
        Add(command, leader, (node, _) => node.LeaderAsync());
        AddForMember(command, leave, (node, member) => node.ChangeAsync(member, MemberOperation.Leave));
        AddForMember(command, down, (node, member) => node.ChangeAsync(member, MemberOperation.Down));
        AddDrain(command);
        Add(command, downUnreachable, (node, _) => node.DownUnreachableAsync());
        return command;
    }

    private static void AddDrain(Command parent)
    {
        var drain = new Command("drain", "Hand the sessions of a member over to others and give it no new ones; wait until it has none.");
        var undo = new Option<bool>("--undo") { Description = "Let it take sessions again." };
        var limit = new Option<int>("--limit") { HelpName = "SECONDS", DefaultValueFactory = _ => 600, Description = "How long to wait; the drain goes on after it." };
        drain.Add(undo);
        drain.Add(limit);
        var address = new Argument<string>("address") { Description = "The member's address as show tells it, or its host:port." };
        drain.Add(address);
        Add(parent, drain, (node, parsed) => parsed.GetValue(undo)
            ? node.ChangeAsync(parsed.GetValue(address)!, "Undrain")
            : node.DrainAsync(parsed.GetValue(address)!, TimeSpan.FromSeconds(parsed.GetValue(limit))));
    }

    private static void AddForMember(Command parent, Command command, Func<NodeClient, string, Task<int>> run)
    {
        var address = new Argument<string>("address") { Description = "The member's address as show tells it, or its host:port." };
        command.Add(address);
        Add(parent, command, (node, parsed) => run(node, parsed.GetValue(address)!));
    }

    private static void Add(Command parent, Command command, Func<NodeClient, ParseResult, Task<int>> run)
    {
        var url = new Option<string>("--url") { HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:34568", Description = "Any node of the farm." };
        var keyFile = new Option<string?>("--key-file") { HelpName = "FILE", Description = "A file whose first line is an API key; leave, down and drain need one of the scope Admin." };
        command.Add(url);
        command.Add(keyFile);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (output, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            try
            {
                if (!Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out var node) || node.Scheme is not ("http" or "https"))
                    throw new InvalidDataException($"--url is \"{parsed.GetValue(url)}\"; it must be the address of a node, such as http://127.0.0.1:34568.");
                using var http = new HttpClient { BaseAddress = node, Timeout = Limit };
                if (parsed.GetValue(keyFile) is { } file)
                    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadLines(file).FirstOrDefault()?.Trim() ?? "");
                return await run(new NodeClient(http, output, cancellation), parsed);
            }
            catch (Exception error) when (error is HttpRequestException or IOException or UnauthorizedAccessException or InvalidDataException or JsonException or OperationCanceledException)
            {
                await errors.WriteLineAsync($"recorder: {(error is HttpRequestException or OperationCanceledException ? $"The node at {parsed.GetValue(url)} cannot be asked: {error.Message}" : error.Message)}");
                return Failed;
            }
        });
        parent.Add(command);
    }

    /// <summary>The calls to one node, and their output.</summary>
    private sealed class NodeClient(HttpClient http, TextWriter output, CancellationToken cancellation)
    {
        public async Task<int> ShowAsync()
        {
            var farm = await GetAsync();
            var unreachable = Unreachable(farm);
            foreach (var member in farm.GetProperty("members").EnumerateArray())
            {
                var node = member.GetProperty("node").GetString()!;
                var roles = string.Join(", ", member.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
                var status = member.GetProperty("status").GetString()!.ToLowerInvariant();
                await output.WriteLineAsync($"{node} | [{roles}] | {status} | {(unreachable.Contains(node) ? "unreachable" : "")} | {member.GetProperty("appVersion").GetString()}");
            }

            await output.WriteLineAsync($"Count: {farm.GetProperty("members").GetArrayLength()} nodes");
            return 0;
        }

        public async Task<int> LeaderAsync()
        {
            await output.WriteLineAsync((await GetAsync()).GetProperty("leader").GetString() ?? "There is no leader; nodes that do not answer are in the way of one.");
            return 0;
        }

        public async Task<int> DownUnreachableAsync()
        {
            foreach (var node in Unreachable(await GetAsync())) await ChangeAsync(node, MemberOperation.Down);
            return 0;
        }

        public Task<int> ChangeAsync(string member, MemberOperation operation) => ChangeAsync(member, operation.ToString());

        public async Task<int> ChangeAsync(string member, string operation)
        {
            await output.WriteLineAsync((await PutAsync(member, operation)).GetProperty("message").GetString());
            return 0;
        }

        /// <summary>Tells how many sessions are left whenever that changes, until none is.</summary>
        public async Task<int> DrainAsync(string member, TimeSpan limit)
        {
            var since = TimeProvider.System.GetTimestamp();
            int? left = null;
            while (true)
            {
                var answer = await PutAsync(member, "Drain");
                var sessions = answer.GetProperty("sessions").GetInt32();
                if (sessions != left) await output.WriteLineAsync(answer.GetProperty("message").GetString());
                left = sessions;
                if (sessions == 0) return 0;
                if (TimeProvider.System.GetElapsedTime(since) > limit)
                    throw new InvalidDataException($"{member} still has {sessions} sessions after {limit.TotalSeconds:0} seconds; it goes on being drained.");
                await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            }
        }

        private async Task<JsonElement> PutAsync(string member, string operation)
        {
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("operation", operation)]);
            using var answer = await http.PutAsync(new Uri("/cluster/members/" + Uri.EscapeDataString(member), UriKind.Relative), form, cancellation);
            return await ReadAsync(answer);
        }

        private static List<string> Unreachable(JsonElement farm) =>
            [.. farm.GetProperty("unreachable").EnumerateArray().Select(one => one.GetProperty("node").GetString()!)];

        private async Task<JsonElement> GetAsync()
        {
            using var answer = await http.GetAsync(new Uri("/cluster/members", UriKind.Relative), cancellation);
            return await ReadAsync(answer);
        }

        /// <summary>The answer's JSON; an error of the node is its sentence.</summary>
        private async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
        {
            var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation)).RootElement;
            return answer.IsSuccessStatusCode ? body : throw new InvalidDataException(body.GetProperty("error").GetString());
        }
    }
}
