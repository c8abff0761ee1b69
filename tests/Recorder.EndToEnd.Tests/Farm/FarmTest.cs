using System.Globalization;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>
/// A test with a farm of its own, which records the page that shows the time of day: what several hosts recorded of one session can be held
/// against each other, picture by picture.
/// </summary>
[Collection(RealNodes.Name)]
public abstract class FarmTest(PagesFixture fixture, ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Pictures a second of the page: a record of 15 frames/s holds each of them three times, so one that is missing was not recorded.</summary>
    protected const int Pictures = 5;

    private RecorderFarm? farm;

    /// <summary>How long a node may be given up, a browser started and a frame written, on a busy machine with two cores.</summary>
    protected static TimeSpan ResumeLimit { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Every node with both roles.</summary>
    protected static IReadOnlyList<string> ThreeNodes { get; } = ["recorder, edge", "recorder, edge", "recorder, edge"];

    protected ReferencePageServer Pages => fixture.Pages;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (farm is null)
            return;
        output.WriteLine(farm.LogTails());
        await farm.DisposeAsync();
    }

    /// <summary>Starts the test's farm.</summary>
    internal async Task<RecorderFarm> StartFarmAsync(IReadOnlyList<string> roles, int sessions = 3, FarmNetwork? network = null) =>
        farm = await RecorderFarm.StartAsync(roles, sessions, network);

    /// <summary>A start of the clock page, small: several browsers share two cores.</summary>
    internal StartRequest Clock(ReferencePageServer? pages = null) =>
        new((pages ?? Pages).Clock(Pictures)) { Width = 320, Height = 180, Framerate = 15, Bitrate = 400 };

    /// <summary>Lets recordings run: their length is what the test chooses, no event ends it.</summary>
    protected static Task RecordForAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds));

    /// <summary>Tells a measured figure; it stands in the test's output.</summary>
    protected void Tell(FormattableString figure) => output.WriteLine(figure.ToString(CultureInfo.InvariantCulture));

    /// <summary>What each of the session's records shows, in their order; each of them must play.</summary>
    internal static async Task<IReadOnlyList<ClockTrack>> ReadAsync(SessionDetails session)
    {
        var tracks = new List<ClockTrack>();
        foreach (var record in session.Records)
        {
            await RecordFile.AssertPlayableAsync(record.Path);
            tracks.Add(ClockTrack.Of(await new MediaAnalysis(record.Path).FrameNumbersAsync(), Pictures, record.OpenedAt!.Value));
        }

        return tracks;
    }
}
