using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>A real server of a test's own, on a port of loopback, with a folder for its files.</summary>
internal sealed class PeerProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private readonly StringBuilder _log = new();
    private readonly Process _process;

    private PeerProcess(ProcessStartInfo start)
    {
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What the server has said.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts a server and waits until it takes connections.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="program">Its program.</param>
    /// <param name="arguments">The arguments.</param>
    public static async Task<PeerProcess> StartAsync(int port, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        var peer = new PeerProcess(start);
        try
        {
            await Eventually.BeAsync($"{program} takes connections on port {port}", Limit, () =>
                peer._process.HasExited ? throw new InvalidOperationException($"{program} ended: {peer.Log}") : Takes(port)
            );
        }
        catch
        {
            peer.Dispose();
            throw;
        }
        return peer;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    private static bool Takes(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Add(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }
}
