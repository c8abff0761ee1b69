using System.Net;
using System.Net.Sockets;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Network;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Recorder.Worker.Streams.Rtmp;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Worker.Tests.Streams;

/// <summary>Streams to servers that the policy refuses.</summary>
[Trait("ring", "media")]
public sealed class RefusedServerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("rtmp://127.0.0.1:1/live/KEY")]
    [InlineData("rtmp://localhost:1/live/KEY")]
    [InlineData("srt://127.0.0.1:1?streamid=KEY")]
    [InlineData("srt://2130706433:1")]
    public async Task A_target_whose_server_is_refused_says_why_and_is_tried_again(string address)
    {
        Application.Init();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        StreamTarget? target = null;
        target = new StreamTarget(
            new WorkerTarget("target-1", address, "…"),
            StreamKinds.Of(address),
            new StreamSettings("127.0.0.1", null) { Policy = NetworkPolicy.PublicOnly },
            new KeyFrameRequests(() => { }, TimeProvider.System),
            () =>
            {
                if (target!.Summary.State == WorkerOutputState.Retrying)
                {
                    told.TrySetResult();
                }
            },
            TimeProvider.System
        );

        target.Start();
        await told.Task.WaitAsync(Limit);

        Assert.Contains("RECORDER_NETWORK_ALLOW=127.0.0.0/8", target.Summary.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("KEY", target.Summary.Reason, StringComparison.Ordinal);
        target.Close();
        await target.Closed.WaitAsync(Limit);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1:1", false)]
    public async Task The_address_is_looked_at_again_where_the_connection_is_made(string listed, bool reached)
    {
        Application.Init();
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var port = ((IPEndPoint)server.LocalEndpoint).Port;
        string[] allow = listed.Length == 0 ? [] : [listed];
        using var hook = AllowedServers.Of(NetworkPolicy.Read(allow, []));
        using var connection = new RtmpConnection(
            new RtmpAddress(false, "localhost", port, "live", "key", null, null),
            TimeProvider.System
        );
        var accepted = server.AcceptSocketAsync();

        connection.Open();

        if (reached)
        {
            using var socket = await accepted.WaitAsync(Limit);
        }
        else
        {
            Assert.NotNull(await Task.Run(() => connection.Wait(Limit)).WaitAsync(Limit + Limit));
            Assert.False(accepted.IsCompleted, "The server was reached.");
        }
    }
}
