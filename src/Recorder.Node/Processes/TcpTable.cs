using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Recorder.Node.Processes;

/// <summary>A TCP socket of this machine.</summary>
/// <param name="Uid">The user that the socket belongs to.</param>
/// <param name="Inode">The socket's number, which also appears among a process's open files.</param>
internal sealed record TcpSocket(uint Uid, long Inode);

/// <summary>Reads <c>/proc/net/tcp</c> and <c>/proc/net/tcp6</c>, see proc_net_tcp(5). Pure.</summary>
internal static class TcpTable
{
    /// <summary>Finds the socket between two ends; null when no socket of this machine connects them.</summary>
    /// <param name="table">The text of one of the files.</param>
    /// <param name="own">The socket's own end.</param>
    /// <param name="peer">The end that the socket is connected to.</param>
    public static TcpSocket? Find(string table, IPEndPoint own, IPEndPoint peer)
    {
        foreach (var line in table.Split('\n').Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (
                fields.Length > 9
                && IsAt(fields[1], own)
                && IsAt(fields[2], peer)
                && uint.TryParse(fields[7], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                && long.TryParse(fields[9], NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
            )
            {
                return new TcpSocket(uid, inode);
            }
        }

        return null;
    }

    /// <summary>The users that listen at a port, at whatever address.</summary>
    /// <param name="table">The text of one of the files.</param>
    /// <param name="port">The port.</param>
    public static IEnumerable<uint> Listeners(string table, int port)
    {
        // 0A is the state of a socket that listens (tcp_states.h).
        foreach (var line in table.Split('\n').Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (
                fields.Length > 9
                && fields[3] == "0A"
                && int.TryParse(
                    fields[1][(fields[1].IndexOf(':', StringComparison.Ordinal) + 1)..],
                    NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture,
                    out var known
                )
                && known == port
                && uint.TryParse(fields[7], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
            )
            {
                yield return uid;
            }
        }
    }

    /// <summary>Compares a written end with an end. An address is written in words of 32 bits in this machine's byte
    /// order. The port is written as a number.</summary>
    private static bool IsAt(string written, IPEndPoint end)
    {
        var parts = written.Split(':');
        if (
            parts.Length != 2
            || parts[0].Length is not (8 or 32)
            || !int.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port)
            || port != end.Port
        )
        {
            return false;
        }
        var address = Convert.FromHexString(parts[0]);
        if (BitConverter.IsLittleEndian)
        {
            for (var word = 0; word < address.Length; word += 4)
            {
                Array.Reverse(address, word, 4);
            }
        }

        return Plain(new IPAddress(address)).Equals(Plain(end.Address));

        static IPAddress Plain(IPAddress address) =>
            address.AddressFamily == AddressFamily.InterNetworkV6 && address.IsIPv4MappedToIPv6
                ? address.MapToIPv4()
                : address;
    }
}
