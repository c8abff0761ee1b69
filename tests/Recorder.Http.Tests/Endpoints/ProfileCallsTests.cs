using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Recorder.Http.Profiles;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>The profiles of a node, as its callers are told of them.</summary>
[Trait("ring", "actor")]
public sealed class ProfileCallsTests
{
    private const string Own =
        """{"description":"Ours.","parameters":{"url":{"kind":"address","required":true}},"data":{"page":{"locale":"nb"}}}""";

    [Fact]
    public async Task The_list_has_the_shipped_profiles_and_a_profile_tells_what_its_starts_have()
    {
        await using var edge = await EdgeFixture.StartAsync();

        var list = JsonDocument.Parse(await edge.Client.GetStringAsync("/api/profiles")).RootElement;
        Assert.Equal(
            ["bbb", "edumeet", "janus", "jitsi", "livekit", "nextcloud-talk"],
            list.EnumerateArray().Select(profile => profile.GetProperty("name").GetString())
        );
        var jitsi = JsonDocument.Parse(await edge.Client.GetStringAsync("/api/profiles/jitsi")).RootElement;
        Assert.Equal(
            ["tiles", "speaker"],
            jitsi.GetProperty("layouts").EnumerateArray().Select(layout => layout.GetString())
        );
        var url = jitsi.GetProperty("parameters").GetProperty("url");
        Assert.Equal(("address", true), (url.GetProperty("kind").GetString(), url.GetProperty("required").GetBoolean()));
        Assert.Equal("{{url}}", jitsi.GetProperty("data").GetProperty("uri").GetString());

        var none = await edge.Client.GetAsync("/api/profiles/zoom");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Contains("no_such_profile", await none.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_folder_is_read_again_and_a_broken_file_takes_only_its_profile_away()
    {
        var folder = Directory.CreateTempSubdirectory("profiles-");
        try
        {
            var watch = new ProfileWatch(
                new ProfileOptions { Folder = folder.FullName },
                ProfileRequest.ProblemOf,
                TimeProvider.System,
                NullLogger<ProfileWatch>.Instance
            );
            Assert.Null(watch.Current.Find("ours"));

            var file = Path.Combine(folder.FullName, "ours.json");
            File.WriteAllText(file, Own);
            watch.Look();
            Assert.False(watch.Current.Find("ours")!.Shipped);

            File.WriteAllText(file, Own + "}");
            watch.Look();
            Assert.Null(watch.Current.Find("ours"));
            Assert.Contains("ours", Assert.Single(watch.Current.Problems), StringComparison.Ordinal);
            Assert.NotNull(watch.Current.Find("edumeet"));

            folder.Delete(recursive: true);
            watch.Look();
            Assert.Contains("cannot be read", Assert.Single(watch.Current.Problems), StringComparison.Ordinal);
        }
        finally
        {
            if (Directory.Exists(folder.FullName))
            {
                folder.Delete(recursive: true);
            }
        }
    }
}
