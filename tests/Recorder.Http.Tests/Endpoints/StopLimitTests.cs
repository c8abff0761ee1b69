using System.Net;
using System.Net.Sockets;
using System.Text;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>Calls that are under way when the node is told to stop.</summary>
[Trait("ring", "actor")]
public sealed class StopLimitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_slow_upload_is_ended_and_a_stop_of_a_session_is_answered()
    {
        var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(find => new SessionLocation(
            find.Id,
            3,
            Session(1, SessionPhase.Recording, Growing("/records/a.mp4"))
        ));
        var finalised = new TaskCompletionSource<object>();
        edge.Farm.On<StopSession>(_ => finalised.Task);
        var stop = edge.SendAsync(HttpMethod.Post, "/api/stop", """{"id":1}""");
        await edge.Farm.NextAsync<StopSession>();
        using var slow = new TcpClient();
        var address = new Uri(edge.Address);
        await slow.ConnectAsync(address.Host, address.Port);
        var upload = DripAsync(slow.GetStream(), address.Authority);

        var stopping = edge.App.StopAsync();
        await upload.WaitAsync(Limit);
        Assert.False(stop.IsCompleted);
        finalised.SetResult(new StopDone(new SessionId(1)));
        Assert.Equal(HttpStatusCode.OK, (await stop.WaitAsync(Limit)).StatusCode);
        await stopping.WaitAsync(Limit);
        await edge.DisposeAsync();
    }

    /// <summary>Uploads 400 B/s, which the server takes for a living caller, until the server ends the
    /// connection.</summary>
    private static async Task DripAsync(NetworkStream stream, string host)
    {
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /api/start HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
            )
        );
        try
        {
            while (true)
            {
                await stream.WriteAsync(new byte[40]);
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
        catch (IOException)
        {
            // The server has ended the connection.
        }
    }
}
