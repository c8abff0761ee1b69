using Recorder.Node.Commands;
using Recorder.Node.Configuration;

namespace Recorder.Node.Tests.Commands;

/// <summary>Words of the command line become the body of a start call.</summary>
public sealed class SessionBodyTests
{
    private const string Endings =
        "its name must end in .mp4, .mkv or .ts, or for sound alone in .m4a, .ogg, .mp3 or .flac.";

    [Theory]
    [InlineData("", """{"type":"uri","data":{"uri":"https://example.org/"}}""")]
    [InlineData("width=1280", """{"type":"uri","data":{"uri":"https://example.org/","width":1280}}""")]
    [InlineData("hls=true", """{"type":"uri","data":{"uri":"https://example.org/","hls":true}}""")]
    [InlineData("preset=fast", """{"type":"uri","data":{"uri":"https://example.org/","preset":"fast"}}""")]
    [InlineData("name=7 to 8", """{"type":"uri","data":{"uri":"https://example.org/","name":"7 to 8"}}""")]
    [InlineData("name=\"7\"", """{"type":"uri","data":{"uri":"https://example.org/","name":"7"}}""")]
    [InlineData("name=a=b", """{"type":"uri","data":{"uri":"https://example.org/","name":"a=b"}}""")]
    [InlineData("name=", """{"type":"uri","data":{"uri":"https://example.org/","name":""}}""")]
    [InlineData("x={\"a\":[1]}", """{"type":"uri","data":{"uri":"https://example.org/","x":{"a":[1]}}}""")]
    public void Fields_are_json_where_they_look_like_json_and_text_otherwise(string field, string expected)
    {
        Assert.Equal(
            expected,
            SessionBody.Of("https://example.org/", null, [], field.Length == 0 ? [] : [field]).ToJsonString()
        );
    }

    [Fact]
    public void Targets_are_streamed_to_beside_the_record()
    {
        Assert.Equal(
            """{"type":"uri","data":{"uri":"https://example.org/","name":"Lecture","mode":"both","stream_uris":["rtmp://a/b/c","srt://d:9"]}}""",
            SessionBody.Of("https://example.org/", "Lecture", ["rtmp://a/b/c", "srt://d:9"], []).ToJsonString()
        );
        Assert.Contains(
            "\"mode\":\"stream\"",
            SessionBody.Of("https://example.org/", null, ["rtmp://a/b/c"], ["mode=stream"]).ToJsonString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Without_a_page_the_session_receives_rtp()
    {
        Assert.Equal(
            """{"type":"rtp","data":{"codec":"vp8"}}""",
            SessionBody.Of(null, null, [], ["codec=vp8"]).ToJsonString()
        );
    }

    [Theory]
    [InlineData("width", "\"width\" is no field; write FIELD=VALUE")]
    [InlineData("=1", "\"=1\" is no field")]
    [InlineData("labels={\"a\"", "The value of labels begins like JSON and is none")]
    public void A_field_that_makes_no_sense_is_one_sentence(string field, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() =>
            SessionBody.Of("https://example.org/", null, [], [field])
        );

        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("30", null, "--for is \"30\"; it must be a duration such as 30 s or 2 h, up to 30 d.")]
    [InlineData("0 s", null, "--for is \"0 s\"; it must be a duration such as 30 s or 2 h, up to 30 d.")]
    [InlineData("31 d", null, "--for is \"31 d\"; it must be a duration such as 30 s or 2 h, up to 30 d.")]
    [InlineData(null, "x.avi", "--output is \"x.avi\"; " + Endings)]
    [InlineData(null, "x.webm", "--output is \"x.webm\"; " + Endings)]
    [InlineData(null, "/no/such/folder/x.mp4", "There is no folder /no/such/folder; make it first.")]
    [InlineData(null, "/proc/self/x.mp4=", "--output is \"/proc/self/x.mp4=\"; " + Endings)]
    public void Options_of_record_that_make_no_sense_are_one_sentence(string? length, string? file, string expected)
    {
        var refused = Assert.Throws<StartRefusedException>(() =>
            RecordCommand.PlanOf("https://example.org/", length, file, force: false, [], TimeProvider.System)
        );

        Assert.Equal([expected], refused.Messages);
    }

    [Fact]
    public void What_was_recorded_is_kept_and_no_other_file_is_replaced()
    {
        var folder = Directory.CreateTempSubdirectory("rec-");
        try
        {
            var records = folder.CreateSubdirectory(".records");
            File.WriteAllText(Path.Combine(records.FullName, "b.mp4"), "2");
            File.WriteAllText(Path.Combine(records.FullName, "a.mp4"), "1");
            File.WriteAllText(Path.Combine(records.FullName, "c.mp4"), "");
            File.WriteAllText(Path.Combine(records.FullName, "a.mp4.json"), "{}");
            var file = Path.Combine(folder.FullName, "x.mp4");
            var others = Path.Combine(folder.FullName, "x-2.mp4");
            File.WriteAllText(others, "somebody's");

            var kept = RecordCommand.Keep(file, records.FullName);

            Assert.Equal([file, Path.Combine(folder.FullName, "x-3.mp4")], kept);
            Assert.Equal(["1", "2", "somebody's"], [.. kept.Select(File.ReadAllText), File.ReadAllText(others)]);

            File.WriteAllText(Path.Combine(records.FullName, "d.mp4"), "3");
            var stays = RecordCommand.Keep("/proc/x.mp4", records.FullName);
            Assert.Equal("3", File.ReadAllText(Assert.Single(stays)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_record_of_ones_own_takes_nothing_of_a_farm()
    {
        var farm = new RecorderSettings();
        farm.Cluster.Database.ConnectionString = "Host=db";
        farm.Cluster.Remoting.Hostname = "10.0.0.1";
        farm.Cluster.SeedNodes = "10.0.0.2:34569";
        farm.Cluster.Roles = "edge";
        farm.Http.Listen = "http://0.0.0.0:80";
        farm.Delivery.Command = "/bin/true";
        farm.Media.PageLimit = TimeSpan.FromSeconds(7);

        var own = farm.ForOneRecord("/data", "/records", ["meet.lan"]);

        var usual = new RecorderSettings();
        Assert.Equal("", own.Cluster.Database.ConnectionString);
        Assert.Equal(usual.Cluster.Remoting.Hostname, own.Cluster.Remoting.Hostname);
        Assert.Equal(usual.Cluster.SeedNodes, own.Cluster.SeedNodes);
        Assert.Equal(usual.Cluster.Roles, own.Cluster.Roles);
        Assert.Equal(["meet.lan"], own.Cluster.Network.Allow);
        Assert.Equal("http://127.0.0.1:0", own.Http.Listen);
        Assert.Equal("", own.Delivery.Command);
        Assert.Empty(own.Http.Keys);
        Assert.Equal(TimeSpan.FromSeconds(7), own.Media.PageLimit);
        Assert.Equal(("/data", "/records"), (own.Node.Data, own.Media.RecordsFolder));
        Assert.False(RecordCommand.Takes("SeedNodes"));
        Assert.False(RecordCommand.Takes("Media:RecordsFolder"));
        Assert.True(RecordCommand.Takes("Media:Sandbox"));
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_only_by_force()
    {
        var folder = Directory.CreateTempSubdirectory("rec-");
        try
        {
            var file = Path.Combine(folder.FullName, "x.MKV");
            File.WriteAllText(file, "");

            var refused = Assert.Throws<StartRefusedException>(() =>
                RecordCommand.PlanOf("https://example.org/", "2 h", file, force: false, [], TimeProvider.System)
            );
            var plan = RecordCommand.PlanOf(
                "https://example.org/",
                "2h",
                file,
                force: true,
                ["width=640"],
                TimeProvider.System
            );

            Assert.Equal([$"There is a file {file}; give another --output, or --force."], refused.Messages);
            Assert.Equal(file, plan.File);
            Assert.Equal(TimeSpan.FromHours(2), plan.For);
            Assert.Equal(
                """{"type":"uri","data":{"uri":"https://example.org/","container":"mkv","width":640}}""",
                plan.Body.ToJsonString()
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
