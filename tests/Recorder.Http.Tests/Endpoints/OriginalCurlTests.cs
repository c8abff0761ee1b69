using System.Diagnostics;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>The curl lines of the original recorder's README, run by a shell as they stand there; only the port is
/// another.</summary>
[Trait("ring", "media")]
public sealed class OriginalCurlTests
{
    private const string OriginalAddress = "http://127.0.0.1:34568";

    [Theory]
    [InlineData(
        """curl -i -H "Accept: application/json" -H "Content-Type: application/json" --data '{"type":"uri", "data":{"bitrate":6000, "uri":"https://letsmeet.no/test-edumeet-recorder?headless=true&displayName=recorder", "stream_uri":"","mode":"record"}}' -X POST http://127.0.0.1:34568/api/start""",
        """{"id":1,"status":"started"}"""
    )]
    [InlineData(
        """curl -i -H "Accept: application/json" -H "Content-Type: application/json" --data '{"type":"uri", "data":{"bitrate":6000,"uri":"https://letsmeet.no/roomname?headless=true&displayName=recorder","stream_uri":"","mode":"record"}}' -X POST http://127.0.0.1:34568/api/start""",
        """{"id":1,"status":"started"}"""
    )]
    [InlineData(
        """curl -i -H "Accept: application/json" -H "Content-Type: application/json" --data '{"type":"uri", "data":{"bitrate":6000,"uri":"https://videojs.github.io/autoplay-tests/plain/attr/autoplay.html","stream_uri":"rtmp://b.rtmp.youtube.com/live2/xxxx-xxxx-xxxx-xxxx-xxxx","mode":"record"}}' -X POST http://127.0.0.1:34568/api/start""",
        """{"id":1,"status":"started"}"""
    )]
    [InlineData(
        """curl -i -H "Accept: application/json" -H "Content-Type: application/json" --data '{"id":1}' -X POST http://127.0.0.1:34568/api/stop""",
        """{"status":"stopped"}"""
    )]
    [InlineData(
        """curl -i -H "Accept: application/json" -H "Content-Type: application/json" -X GET http://127.0.0.1:34568/api/status""",
        """[{"id":1,"records":["/records/2021-09-22_07:56:00__0.mp4"],"running":false,"is_running":false}]"""
    )]
    [InlineData(
        """curl -i -H "Accept: application/json" -H "Content-Type: application/json" --data '{"id":1}' -X GET http://127.0.0.1:34568/api/get_records""",
        """["/records/2021-09-22_07:56:00__0.mp4"]"""
    )]
    public async Task The_originals_line_gets_the_originals_answer(string line, string body)
    {
        await using var edge = await EdgeFixture.StartAsync();
        var over = Session(1, SessionPhase.Stopped, Finished("/records/2021-09-22_07:56:00__0.mp4"));
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(1), 0, Node));
        edge.Farm.On<StartSession>(start => new SessionRecords(start.Id));
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 0, over));
        edge.Farm.On<ListSessions>(_ => new SessionList([over]));

        var printed = await ShellAsync(line.Replace(OriginalAddress, edge.Address, StringComparison.Ordinal));

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", printed, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Length: {body.Length}\r\n", printed, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/json\r\n", printed, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_ten_megabytes_sent_by_curl_gets_its_answer()
    {
        await using var edge = await EdgeFixture.StartAsync();

        var printed = await ShellAsync(
            $"head -c 10000000 /dev/zero | curl -sS -i -H 'Content-Type: application/json' --data-binary @- -X POST {edge.Address}/api/start"
        );

        Assert.Contains("HTTP/1.1 413 ", printed, StringComparison.Ordinal);
        Assert.EndsWith("\"code\":\"body_too_large\"}", printed, StringComparison.Ordinal);
    }

    private static async Task<string> ShellAsync(string line)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", line])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = shell.StandardError.ReadToEndAsync();
        var printed = await shell.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await shell.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(shell.ExitCode == 0, $"curl ended with {shell.ExitCode}: {await errors}");
        return printed;
    }
}
