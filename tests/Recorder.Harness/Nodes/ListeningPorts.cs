using System.Globalization;

namespace Recorder.Harness.Nodes;

/// <summary>The TCP ports that processes listen on, as proc(5) tells them.</summary>
internal static class ListeningPorts
{
    /// <summary>TCP_LISTEN of the kernel's <c>tcp_states.h</c>.</summary>
    private const string Listening = "0A";

    /// <summary>The ports that one of these processes listens on, on any address.</summary>
    public static IReadOnlyList<int> Of(IEnumerable<int> processes)
    {
        var ports = new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == Listening)
            .ToLookup(
                fields => $"socket:[{fields[9]}]",
                fields => int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            );
        return [.. processes.SelectMany(Sockets).Distinct().SelectMany(socket => ports[socket]).Distinct().Order()];
    }

    private static IEnumerable<string> Sockets(int process)
    {
        try
        {
            return
            [
                .. Directory
                    .GetFiles($"/proc/{process}/fd")
                    .Select(file => new FileInfo(file).LinkTarget)
                    .OfType<string>(),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process has ended meanwhile, or belongs to another user. Nothing of ours looks into such a process.
            return [];
        }
    }
}
