using System.Net;
using System.Net.Sockets;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>What happens after a record is closed.</summary>
public sealed class DeliveryTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [Fact]
    public async Task A_store_that_hangs_does_not_reach_the_recording_beside_it()
    {
        using var hanging = new TcpListener(IPAddress.Loopback, 0);
        hanging.Start();
        var store = new Uri($"http://127.0.0.1:{((IPEndPoint)hanging.LocalEndpoint).Port}");
        var node = await StartNodeAsync(new RecorderNodeSettings { GrowingStore = store });
        var started = await node.Api.StartAsync(new StartRequest(Pages.Silent) { Framerate = 15 });
        using var connection = await hanging.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await RecordForAsync(5);

        await node.Api.StopAsync(started.Id);

        var session = await node.Api.SessionAsync(started.Id);
        Assert.Equal("stopped", session.State);
        Assert.Empty(session.Gaps);
        Assert.Empty(session.Faults);
        Assert.NotEqual("delivered", Assert.Single(Assert.Single(session.Records).Deliveries).State);
        await RecordFile.AssertPlayableAsync(session.Records[0].Path);
    }

    [Fact]
    public async Task A_record_is_delivered_although_the_node_dies_in_the_middle_and_the_stop_does_not_wait()
    {
        using var folder = new NodeFolder();
        var (command, log, again) = (
            Path.Combine(folder.Root, "deliver"),
            Path.Combine(folder.Root, "log"),
            Path.Combine(folder.Root, "again")
        );
        await File.WriteAllTextAsync(
            command,
            $$"""
            #!/bin/sh
            echo "$#|$1|$2|$3|$RECORDER_SESSION|$RECORDER_ATTEMPT" >>'{{log}}'
            if [ -e '{{again}}' ]; then echo "all of it"; exit 0; fi
            touch '{{again}}'
            sleep 1000

            """
        );
        File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var node = await StartNodeAsync(new RecorderNodeSettings { DeliveryCommand = command });
        var started = await node.Api.StartAsync(new StartRequest(Pages.Silent) { Framerate = 15 });
        await RecordForAsync(3);
        await node.Api.StopAsync(started.Id);
        var path = Assert.Single(await node.Api.RecordsAsync(started.Id));
        await node.Api.SeeSessionAsync(started.Id, "its record is being delivered", TimeSpan.FromSeconds(20), session =>
            session.Records is [{ Deliveries: [{ State: "sending", Attempts: 1 }] }]
        );
        await Eventually.BeAsync("the command runs", TimeSpan.FromSeconds(20), () => File.Exists(again));

        await node.KillAsync();
        await node.StartAsync();
        var session = await node.Api.SeeSessionAsync(
            started.Id,
            "its record is delivered",
            TimeSpan.FromSeconds(60),
            session => session.Records is [{ Deliveries: [{ State: "delivered" }] }]
        );

        Assert.Equal(
            new DeliveryDetails("command", "command", "delivered", 1, 0, "all of it", null),
            session.Records[0].Deliveries[0]
        );
        var run = $"3|--to=a b|{path}|{path}.json|{started.Id}|1";
        Assert.Equal([run, run], await File.ReadAllLinesAsync(log));
        Assert.Empty(session.Faults);
        await RecordFile.AssertPlayableAsync(path);
    }
}
