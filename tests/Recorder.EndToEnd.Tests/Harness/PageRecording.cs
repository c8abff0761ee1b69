using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>
/// A recording of a page by a node of its own, from an empty farm to the finished file. The API's answer at each stage
/// is kept. A class of tests makes one recording, and each test looks at another side of the recording.
/// </summary>
public abstract class PageRecording(PagesFixture fixture) : IAsyncLifetime
{
    /// <summary>Frames a second, of the page's source and of the recording.</summary>
    public const int Framerate = 25;

    /// <summary>kbit/s.</summary>
    public const int Bitrate = 2000;

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-recording-").FullName;

    /// <summary>Frames in one turn of the page's source.</summary>
    public abstract int LoopFrames { get; }

    internal StartedSession Started { get; private set; } = null!;

    internal StoppedSession Stopped { get; private set; } = null!;

    internal StageAnswers Before { get; private set; } = null!;

    internal StageAnswers While { get; private set; } = null!;

    internal StageAnswers After { get; private set; } = null!;

    internal SessionDetails Session { get; private set; } = null!;

    internal string RecordsFolder => _folder;

    internal string Logs { get; private set; } = "";

    /// <summary>What the page shows.</summary>
    public FrameNumberTrack Track { get; private set; } = null!;

    internal RecordDetails Record => Assert.Single(Session.Records);

    internal MediaAnalysis Analysis => new(Record.Path);

    /// <summary>The page to record.</summary>
    protected abstract Uri PageOf(ReferencePageServer pages);

    /// <summary>How long to record, counted from the answer to start.</summary>
    protected virtual TimeSpan Length => TimeSpan.FromSeconds(11);

    public async Task InitializeAsync()
    {
        await using var node = await RecorderNode.StartAsync(new RecorderNodeSettings { RecordsFolder = _folder });
        try
        {
            Before = await StageAnswers.ReadAsync(node);
            Started = await node.Api.StartAsync(
                new StartRequest(PageOf(fixture.Pages)) { Framerate = Framerate, Bitrate = Bitrate }
            );
            While = await StageAnswers.ReadAsync(node);
            await Task.Delay(Length);
            Stopped = await node.Api.StopAsync(Started.Id);
            After = await StageAnswers.ReadAsync(node);
            Session = await node.Api.SeeSessionAsync(
                Started.Id,
                "its record's manifest is written",
                TimeSpan.FromSeconds(10),
                session => session.Records.All(record => record.Sha256 is not null)
            );
            await node.SeeNoSessionProcessAsync(TimeSpan.FromSeconds(5));
            Track = await Analysis.FrameNumbersAsync();
            Logs = node.LogTails();
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{error.Message}\n{node.LogTails()}", error);
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }
}

/// <summary>What the original's two reading calls answer at one moment, to the letter.</summary>
/// <param name="Status"><c>GET /api/status</c>.</param>
/// <param name="RecordsByQuery"><c>GET /api/get_records?id=1</c>.</param>
/// <param name="RecordsByBody"><c>GET /api/get_records</c> with a JSON body, by curl: few HTTP clients send a body with
/// a GET.</param>
internal sealed record StageAnswers(ApiAnswer Status, ApiAnswer RecordsByQuery, string RecordsByBody)
{
    public static async Task<StageAnswers> ReadAsync(RecorderNode node) =>
        new(
            await node.Api.SendAsync(HttpMethod.Get, "/api/status"),
            await node.Api.SendAsync(HttpMethod.Get, "/api/get_records?id=1"),
            await ToolRun.OutputOfAsync(
                "curl",
                "-sS",
                "-H",
                "Accept: application/json",
                "-H",
                "Content-Type: application/json",
                "--data",
                """{"id":1}""",
                "-X",
                "GET",
                new Uri(node.Address, "/api/get_records").ToString()
            )
        );
}
