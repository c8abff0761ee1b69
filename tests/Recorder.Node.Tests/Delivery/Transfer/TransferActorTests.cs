using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Delivery.Transfer;
using Recorder.Node.Tests.Media;
using Xunit.Abstractions;

namespace Recorder.Node.Tests.Delivery.Transfer;

/// <summary>Transfers whose processes do not do what they should.</summary>
public sealed class TransferActorTests(ITestOutputHelper output) : MediaRig(output)
{
    /// <summary>Shorter than the time that a process gets to end itself.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_process_that_tells_nothing_fails_its_attempt_although_the_process_does_not_end()
    {
        var pid = RecordPath("pid");

        var failed = Assert.IsType<DeliveryOutcome.Failed>(
            await RunAsync($"trap '' TERM; echo $$ > '{pid}'; while true; do sleep 0.1; done")
        );

        Assert.True(failed.MayPass);
        Assert.Contains("told nothing for 3 s", failed.Message, StringComparison.Ordinal);
        var id = int.Parse(await File.ReadAllTextAsync(pid), CultureInfo.InvariantCulture);
        Assert.True(Directory.Exists($"/proc/{id}"), "The test wants a process that resists.");
    }

    [Fact]
    public async Task Signs_of_life_keep_an_attempt_going()
    {
        var report = new TransferReport(null, false).ToLine();

        var begun = Stopwatch.GetTimestamp();
        Assert.IsType<DeliveryOutcome.Delivered>(
            await RunAsync($"for n in 1 2 3 4 5 6 7 8; do sleep 0.6; echo .; done; echo '{report}'")
        );

        Assert.True(Stopwatch.GetElapsedTime(begun) > TimeSpan.FromSeconds(4));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_a_delivery_that_nobody_could_compare_has_an_output(bool unconfirmed)
    {
        var report = new TransferReport(null, false) { Unconfirmed = unconfirmed }.ToLine();

        var delivered = Assert.IsType<DeliveryOutcome.Delivered>(await RunAsync($"echo '{report}'"));

        Assert.Equal(unconfirmed, delivered.LastOutput is not null);
    }

    private async Task<DeliveryOutcome> RunAsync(string script)
    {
        var record = new RecordToDeliver(new SessionId(7), RecordPath("a.mp4"), null, 1);
        var request = new TransferRequest("archive", new DestinationOptions(), [], 0, RecordPath("state"), null);
        var parent = CreateTestProbe();
        ImmutableArray<string> command = ["/bin/sh", "-c", script];
        parent.ChildActorOf(Props.Create(() => new TransferActor(Launcher, Root, record, command, request, Silence)));
        return await Within<DeliveryOutcome>(parent, "the outcome of the transfer");
    }
}
