using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>A host that is lost with its disk while it records.</summary>
public sealed class LostDiskTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    private const long PartSize = 5 << 20;

    [Fact]
    public async Task Of_a_record_whose_host_is_lost_with_its_disk_another_node_makes_an_object_that_plays()
    {
        await using var store = await PartStore.StartAsync();
        var farm = await PrepareFarmAsync(["recorder, edge", "recorder, edge"], store: store.Address);
        await farm.StartAsync();
        var started = await farm.Nodes[1].Api.StartAsync(
            new StartRequest(store.Page)
            {
                Width = 640,
                Height = 360,
                Framerate = 15,
                Bitrate = 8000,
            }
        );
        var sent = await farm.Nodes[1].Api.SeeSessionInFarmAsync(
            started.Id,
            "two parts of its record are confirmed",
            TimeSpan.FromMinutes(4),
            session => session.Records is [{ Deliveries: [{ SentBytes: >= 2 * PartSize }] }]
        );
        var lost = farm.NodeOf(sent);
        var left = farm.Other(lost);
        await lost.KillEverythingAsync();
        var written = new FileInfo(sent.Records[0].Path).Length;
        Directory.Delete(lost.RecordsFolder, recursive: true);

        var completed = await left.Api.SeeSessionInFarmAsync(
            started.Id,
            "another node has completed the object",
            TimeSpan.FromMinutes(4),
            session => session.Records.Any(record => record.Deliveries is [{ State: "delivered", Partial: true }])
        );

        Assert.False(completed.Records[0].Finished);
        var content = Assert.Single(store.Objects).Value;
        Tell($"{written} bytes were written, and {content.Length} bytes are in the object");
        Assert.True(written - content.Length < PartSize + (2 << 20), $"{written - content.Length} bytes are missing.");
        var path = Path.Join(Path.GetTempPath(), $"lost-disk-{started.Id}-{Environment.ProcessId}.mp4");
        try
        {
            await File.WriteAllBytesAsync(path, content);
            var analysis = new MediaAnalysis(path);
            var probe = await analysis.ProbeAsync();
            Assert.Equal("h264", probe.Video?.Codec);
            Assert.Equal("aac", probe.Sound?.Codec);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
