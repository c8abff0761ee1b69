using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Records that are held, erased and swept by a built node.</summary>
public sealed class ErasedRecordTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [Fact]
    public async Task A_record_on_hold_outlives_its_retention_and_goes_with_all_its_files_once_it_is_released()
    {
        var node = await StartNodeAsync(new RecorderNodeSettings { Retention = "1 s" });
        var started = await node.Api.StartAsync(new StartRequest(Pages.Silent) { Framerate = 15 });
        var record = $"/api/records/{started.Id}-1";
        await RecordForAsync(2);
        await ExpectAsync(HttpMethod.Delete, record, HttpStatusCode.Conflict, "not_finished");
        await ExpectAsync(HttpMethod.Put, record + "/hold", HttpStatusCode.OK, "\"reason\":\"Case 7\"");
        await node.Api.StopAsync(started.Id);
        var path = Assert.Single(await node.Api.RecordsAsync(started.Id));
        await ExpectAsync(HttpMethod.Get, record + "/poster.jpg", HttpStatusCode.OK, "");
        await Eventually.BeAsync("the manifest", TimeSpan.FromSeconds(20), () => File.Exists(path + ".json"));
        Assert.True(File.Exists(path + ".jpg"));

        // The node has looked for old records several times by now.
        await Task.Delay(TimeSpan.FromSeconds(5));
        Assert.True(File.Exists(path));
        await ExpectAsync(HttpMethod.Delete, record, HttpStatusCode.Conflict, "on_hold");

        await ExpectAsync(HttpMethod.Delete, record + "/hold", HttpStatusCode.OK, "\"hold\":null");
        await Eventually.BeAsync(
            "the record erased with all its files",
            TimeSpan.FromSeconds(30),
            () => Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*").Length == 0
        );
        await ExpectAsync(HttpMethod.Get, record + "/media", HttpStatusCode.Gone, "record_erased");
        await ExpectAsync(HttpMethod.Delete, record, HttpStatusCode.OK, "\"state\":\"erased\"");
        Assert.Empty(await node.Api.RecordsAsync(started.Id));

        async Task ExpectAsync(HttpMethod method, string call, HttpStatusCode status, string words)
        {
            var answer = await node.Api.SendAsync(
                method,
                call,
                method == HttpMethod.Put ? """{"reason":"Case 7"}""" : null
            );
            Assert.Equal(status, answer.Status);
            Assert.Contains(words, answer.Body, StringComparison.Ordinal);
        }
    }
}
