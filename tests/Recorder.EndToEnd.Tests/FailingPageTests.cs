using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>
/// Pages that do not load, one after another on a node on which a good page is being recorded all the while. What came
/// of each, and what was still running for it after its answer, is kept for the tests.
/// </summary>
public sealed class FailingPages(PagesFixture fixture) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-failing-").FullName;
    private readonly Dictionary<string, ApiAnswer> _answers = [];

    /// <summary>How long a page may take to answer, on this node.</summary>
    public static TimeSpan PageLimit { get; } = TimeSpan.FromSeconds(4);

    internal StartedSession Healthy { get; private set; } = null!;

    internal StoppedSession HealthyStopped { get; private set; } = null!;

    internal RecordDetails HealthyRecord { get; private set; } = null!;

    internal IReadOnlyList<StatusEntry> StatusAtTheEnd { get; private set; } = [];

    internal IReadOnlyList<string> FilesWhileHealthy { get; private set; } = [];

    internal string Logs { get; private set; } = "";

    internal ApiAnswer CrashedPage { get; private set; } = null!;

    internal ApiAnswer CrashedBrowser { get; private set; } = null!;

    internal ApiAnswer AnswerOf(string page) => _answers[page];

    public async Task InitializeAsync()
    {
        await using var node = await RecorderNode.StartAsync(
            new RecorderNodeSettings { RecordsFolder = _folder, PageLimit = PageLimit }
        );
        try
        {
            Healthy = await node.Api.StartAsync(new StartRequest(fixture.Pages.Reference));
            var untouched = node.SessionProcesses().Count(process => process.IsLeader);
            foreach (var (name, page) in Pages())
            {
                _answers[name] = await node.Api.TryStartAsync(new StartRequest(page) { Framerate = 15 });
                await Eventually.BeAsync(
                    $"nothing is left running for the page '{name}'",
                    TimeSpan.FromSeconds(5),
                    () => node.SessionProcesses().Count(process => process.IsLeader) == untouched,
                    () => string.Join("; ", node.SessionProcesses().Where(process => process.IsLeader))
                );
            }

            CrashedPage = await StartWhileKillingAsync(
                node,
                process => process.CommandLine.Contains("--type=renderer", StringComparison.Ordinal)
            );
            CrashedBrowser = await StartWhileKillingAsync(
                node,
                process => process is { Role: "browser", IsLeader: true }
            );
            await Eventually.BeAsync(
                "nothing is left running for what crashed",
                TimeSpan.FromSeconds(5),
                () => node.SessionProcesses().Count(process => process.IsLeader) == untouched,
                () => string.Join("; ", node.SessionProcesses().Where(process => process.IsLeader))
            );
            FilesWhileHealthy = Directory.GetFileSystemEntries(_folder, "20*");
            HealthyStopped = await node.Api.StopAsync(Healthy.Id);
            HealthyRecord = Assert.Single((await node.Api.SessionAsync(Healthy.Id)).Records);
            StatusAtTheEnd = await node.Api.StatusAsync();
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

    /// <summary>Starts a session and kills, as soon as they appear, those of its processes that are to crash.</summary>
    private async Task<ApiAnswer> StartWhileKillingAsync(RecorderNode node, Func<NodeProcess, bool> crashes)
    {
        var others = node.SessionProcesses().Select(process => process.Id).ToHashSet();
        var answer = node.Api.TryStartAsync(new StartRequest(fixture.Pages.Animated) { Framerate = 15 });
        while (!answer.IsCompleted)
        {
            foreach (
                var process in node.SessionProcesses()
                    .Where(process => !others.Contains(process.Id) && crashes(process))
            )
            {
                NodeProcesses.KillNow(process);
            }
            await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(20)));
        }

        return await answer;
    }

    private Dictionary<string, Uri> Pages() =>
        new()
        {
            // RFC 6761: never a name.
            ["does not resolve"] = new Uri("http://recorder-test.invalid/"),
            ["refuses"] = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/"),
            ["404"] = fixture.Pages.Status(404),
            ["500"] = fixture.Pages.Status(500),
            ["never answers"] = fixture.Pages.Never,
            ["redirects for ever"] = fixture.Pages.RedirectLoop,
            ["leads nowhere"] = fixture.Pages.LeadsNowhere,
            ["spins"] = fixture.Pages.Spins,
        };
}

/// <summary>A page that does not load is an error that says why, leaves nothing behind and touches no other
/// session.</summary>
[Collection(RealNodes.Name)]
[Trait("ring", "media")]
public sealed class FailingPageTests(FailingPages pages, ITestOutputHelper output)
    : IClassFixture<FailingPages>,
        IDisposable
{
    [Theory]
    [InlineData("does not resolve", "net::ERR_NAME_NOT_RESOLVED")]
    [InlineData("refuses", "net::ERR_CONNECTION_REFUSED")]
    [InlineData("404", "404")]
    [InlineData("500", "500")]
    [InlineData("never answers", "4 s")]
    [InlineData("redirects for ever", "net::ERR_TOO_MANY_REDIRECTS")]
    [InlineData("leads nowhere", "net::ERR_UNSAFE_PORT")]
    [InlineData("spins", "its script has kept it from showing anything for 4 s")]
    public void The_answer_is_422_page_failed_with_the_reason(string page, string reason)
    {
        var answer = pages.AnswerOf(page);
        var error = answer.ReadError();
        output.WriteLine(
            FormattableString.Invariant($"after {(answer.Answered - answer.Called).TotalSeconds:0.0} s: {answer.Body}")
        );

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal("page_failed", error.Code);
        Assert.Contains(reason, error.Error, StringComparison.Ordinal);
        Assert.InRange(
            answer.Answered - answer.Called,
            TimeSpan.Zero,
            FailingPages.PageLimit + TimeSpan.FromSeconds(8)
        );
    }

    [Fact]
    public void A_page_or_a_browser_that_crashes_in_its_first_second_is_told()
    {
        foreach (
            var (answer, reason) in new[]
            {
                (pages.CrashedPage, "The page crashed."),
                (pages.CrashedBrowser, "was ended by signal 9"),
            }
        )
        {
            output.WriteLine(
                FormattableString.Invariant(
                    $"after {(answer.Answered - answer.Called).TotalSeconds:0.0} s: {answer.Body}"
                )
            );
            var error = answer.ReadError();
            Assert.Equal("browser_failed", error.Code);
            Assert.Contains(reason, error.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_start_that_failed_is_no_session_of_the_status_list_and_leaves_no_file()
    {
        Assert.Equal(pages.Healthy.Id, Assert.Single(pages.StatusAtTheEnd).Id);
        Assert.Equal(pages.HealthyRecord.Path, Assert.Single(pages.FilesWhileHealthy));
    }

    [Fact]
    public async Task The_session_beside_them_keeps_its_frames()
    {
        await RecordFile.AssertPlayableAsync(pages.HealthyRecord.Path);
        var track = await new MediaAnalysis(pages.HealthyRecord.Path).FrameNumbersAsync();
        var seen = track.FromItsFirstMovement().Continuity(25, ReferenceClipFormat.Small.FrameCount);
        var expected = RecordFile.TimeIn(pages.HealthyRecord, pages.HealthyStopped.Called);
        output.WriteLine(
            FormattableString.Invariant(
                $"{expected.TotalSeconds:0.0} s, distinct frames {seen.DistinctRatio:0.000}, longest freeze {seen.LongestFreeze.TotalMilliseconds:0} ms"
            )
        );

        // The recorder hears of the stop some time after the call, and goes on until then.
        var longest = RecordFile.TimeIn(pages.HealthyRecord, pages.HealthyStopped.Answered) + TimeSpan.FromSeconds(0.5);
        Assert.InRange(RecordFile.LengthOf(track, 25), expected - TimeSpan.FromSeconds(0.5), longest);
        // Six browsers start beside it on two cores.
        Assert.InRange(seen.DistinctRatio, 0.8, 1.01);
        Assert.Equal(0, seen.BackwardSteps);
    }

    public void Dispose() => output.WriteLine(pages.Logs);
}
