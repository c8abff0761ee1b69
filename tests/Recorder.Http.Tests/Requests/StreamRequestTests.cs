using System.Text;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Requests;

/// <summary>Starts that stream, and changes of the targets.</summary>
public sealed class StreamRequestTests
{
    private static string Body(string fields) =>
        $$$"""{"type":"uri","data":{"uri":"https://example.org/",{{{fields}}}}}""";

    [Fact]
    public void Both_fields_of_targets_are_taken_together_in_their_order_and_verbatim()
    {
        var spec = Taken(
            """
            "mode":"both","stream_uri":"rtmp://a.example/live/key","stream_uris":["rtmps://b.example:444/app/it's-my!key?x=%22&y=(1)*","rtmp://[::1]/a/b/c"]
            """
        );

        Assert.Equal(RecordingMode.Both, spec.Mode);
        Assert.Equal(
            ["rtmp://a.example/live/key", "rtmps://b.example:444/app/it's-my!key?x=%22&y=(1)*", "rtmp://[::1]/a/b/c"],
            spec.StreamTargets.Select(target => target.Address)
        );
    }

    [Fact]
    public void The_list_alone_is_enough_and_the_empty_text_of_the_original_is_no_target() =>
        Assert.Equal(
            "rtmp://h/app/key",
            Assert
                .Single(
                    Taken(
                        "\"mode\":\"stream\",\"stream_uri\":\"\",\"stream_uris\":[\"rtmp://h/app/key\"]"
                    ).StreamTargets
                )
                .Address
        );

    [Theory]
    [InlineData("\"mode\":\"stream\"")]
    [InlineData("\"mode\":\"both\"")]
    [InlineData("\"mode\":\"both\",\"stream_uri\":\"\",\"stream_uris\":[]")]
    public void Streaming_without_a_target_is_refused(string fields) => Refused(fields, "data.stream_uri");

    [Theory]
    [InlineData("https://example.org/live/key")]
    [InlineData("rtmpt://example.org/live/key")]
    [InlineData("RTMP://example.org/live/key")]
    [InlineData("rtmp:/example.org/live/key")]
    [InlineData("rtmp://")]
    [InlineData("rtmp:///live/key")]
    [InlineData("rtmp://example.org")]
    [InlineData("rtmp://example.org/live")]
    [InlineData("rtmp://example.org//key")]
    [InlineData("rtmp://example.org/live/")]
    [InlineData("rtmp://example.org?live/key")]
    [InlineData("rtmp://example.org:0/live/key")]
    [InlineData("rtmp://example.org:65536/live/key")]
    [InlineData("rtmp://example.org:x/live/key")]
    [InlineData("rtmp://[::1/live/key")]
    [InlineData("rtmp://example.org/live/key#part")]
    [InlineData("rtmp://example.org/live/ke\\\"y")]
    [InlineData("rtmp://example.org/live/key ! filesink location=/etc/passwd")]
    [InlineData("rtmp://example.org/live/key\\n")]
    [InlineData("rtmp://example.org/live/k\\\\y")]
    [InlineData("rtmp://example.org/live/k\u00e9y")]
    [InlineData("rtmp://example.org/live/100%")]
    [InlineData("rtmp://example.org/live/%4")]
    [InlineData("rtmp://example.org/live/%zz")]
    [InlineData("rtmp://example.org/live/<key>")]
    [InlineData("rtmp://example.org/live/{key}")]
    [InlineData("rtmp://example.org/live/[key]")]
    public void What_could_not_reach_the_server_verbatim_is_refused_without_repeating_it(string target)
    {
        Assert.DoesNotContain(
            "key",
            Refused($"\"mode\":\"both\",\"stream_uri\":\"{target}\"", "data.stream_uri").Message,
            StringComparison.Ordinal
        );
        Refused($"\"mode\":\"stream\",\"stream_uris\":[\"rtmp://h/app/key\",\"{target}\"]", "data.stream_uris[1]");
        Refused($"\"mode\":\"record\",\"stream_uri\":\"{target}\"", "data.stream_uri");
    }

    [Theory]
    [InlineData("rtmp://h/app/key")]
    [InlineData("rtmp://H/app/key")]
    [InlineData("rtmp://h:1935/app/key")]
    public void The_same_target_twice_is_refused(string again)
    {
        Refused(
            $"\"mode\":\"both\",\"stream_uri\":\"rtmp://h/app/key\",\"stream_uris\":[\"{again}\"]",
            "data.stream_uris[0]"
        );
        Refused($"\"mode\":\"both\",\"stream_uris\":[\"rtmp://h/app/key\",\"{again}\"]", "data.stream_uris[1]");
    }

    [Theory]
    [InlineData("srt://h:9000?passphrase=hush567", "passphrase that is not 10 to 79 characters long")]
    [InlineData("srt://h:9000?paspharse=hush567890", "the parameter paspharse, which is not known")]
    [InlineData("srt://h:9000?streamid=hush&mode=rendezvous", "mode")]
    [InlineData("srt://10.0.0.7:9000?mode=listener&passphrase=hush567890", "a listener is bound on the node")]
    [InlineData("srt://0.0.0.0:80?mode=listener&passphrase=hush567890", "port below 1024")]
    public void An_srt_address_is_refused_with_the_name_of_the_parameter_and_without_its_value(
        string target,
        string named
    )
    {
        var error = Refused(
            $"\"mode\":\"both\",\"stream_uris\":[\"srt://h:9000\",\"{target}\"]",
            "data.stream_uris[1]"
        );
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_of_both_kinds_are_taken_together_and_a_port_to_listen_on_only_once()
    {
        var spec = Taken(
            "\"mode\":\"both\",\"stream_uri\":\"rtmp://h/app/key\",\"stream_uris\":[\"srt://h:9000?streamid=a\",\"srt://h:9000?streamid=b\",\"srt://:9001?mode=listener\"]"
        );
        Assert.Equal(
            [OutputKind.Rtmp, OutputKind.Srt, OutputKind.Srt, OutputKind.Srt],
            spec.StreamTargets.Select(target => target.Kind)
        );
        Assert.Equal("srt://h:9000?…", $"{spec.StreamTargets[1]}");
        Refused(
            "\"mode\":\"both\",\"stream_uris\":[\"srt://:9001?mode=listener\",\"srt://0.0.0.0:9001?latency=200&mode=listener\"]",
            "data.stream_uris[1]"
        );
    }

    [Theory]
    [InlineData("rtmps://h/app/key")]
    [InlineData("rtmp://h/app/Key")]
    [InlineData("rtmp://h:1936/app/key")]
    [InlineData("rtmp://h/app/key?x")]
    public void Targets_that_differ_in_what_a_server_sees_are_two(string other) =>
        Assert.Equal(
            2,
            Taken($"\"mode\":\"both\",\"stream_uris\":[\"rtmp://h/app/key\",\"{other}\"]").StreamTargets.Count
        );

    [Fact]
    public void A_target_that_is_too_long_and_too_many_targets_are_refused()
    {
        Refused(
            $"\"mode\":\"both\",\"stream_uri\":\"rtmp://h/app/{new string('k', SpecLimits.MaximumStreamUriLength)}\"",
            "data.stream_uri"
        );
        var many = Enumerable
            .Range(1, SpecLimits.MaximumStreamTargets + 1)
            .Select(number => $"\"rtmp://h/app/{number}\"")
            .ToList();
        Refused($"\"mode\":\"both\",\"stream_uris\":[{string.Join(',', many)}]", "data.stream_uris");
        Refused(
            $"\"mode\":\"both\",\"stream_uri\":\"rtmp://h/app/0\",\"stream_uris\":[{string.Join(',', many.Skip(1))}]",
            "data.stream_uris[15]"
        );
    }

    [Theory]
    [InlineData("\"stream_uris\":\"rtmp://h/app/key\"", "data.stream_uris")]
    [InlineData("\"stream_uris\":null", "data.stream_uris")]
    [InlineData("\"stream_uris\":[1]", "data.stream_uris[0]")]
    [InlineData("\"stream_uris\":[\"\"]", "data.stream_uris[0]")]
    [InlineData("\"hls\":1", "data.hls")]
    [InlineData("\"hls\":\"true\"", "data.hls")]
    public void A_field_of_another_type_is_refused(string fields, string field) =>
        Refused($"\"mode\":\"both\",\"stream_uri\":\"rtmp://h/app/one\",{fields}", field);

    [Fact]
    public void Targets_that_mode_record_would_leave_out_silently_are_refused() =>
        Refused("\"mode\":\"record\",\"stream_uris\":[\"rtmp://h/app/key\"]", "data.stream_uris");

    [Fact]
    public void A_live_playlist_stands_beside_a_record_and_so_needs_one()
    {
        Assert.True(Taken("\"hls\":true").Hls);
        Assert.True(Taken("\"mode\":\"both\",\"stream_uri\":\"rtmp://h/app/key\",\"hls\":true").Hls);
        Refused("\"mode\":\"stream\",\"stream_uri\":\"rtmp://h/app/key\",\"hls\":true", "data.hls");
    }

    [Theory]
    [InlineData("", 60)]
    [InlineData("\"framerate\":30,", 60)]
    [InlineData("\"mode\":\"both\",\"stream_uri\":\"rtmp://h/app/key\",", 50)]
    [InlineData("\"mode\":\"stream\",\"stream_uri\":\"rtmp://h/app/key\",\"framerate\":30,", 60)]
    [InlineData("\"mode\":\"stream\",\"stream_uri\":\"rtmp://h/app/key\",\"framerate\":1,", 2)]
    [InlineData("\"mode\":\"both\",\"stream_uri\":\"rtmp://h/app/key\",\"keyframe_interval\":75,", 75)]
    public void Key_frames_come_every_two_seconds_in_streams_unless_asked_otherwise(string fields, int interval) =>
        Assert.Equal(interval, Taken(fields + "\"width\":640").Video.KeyframeInterval);

    [Fact]
    public void A_change_adds_and_removes_targets()
    {
        var change = Change("""{"add_stream_uris":["rtmp://h/app/a"],"remove_stream_uris":["rtmp://h/app/b"]}""");

        Assert.Null(change.Error);
        Assert.Equal(
            ("rtmp://h/app/a", "rtmp://h/app/b"),
            (Assert.Single(change.Value.Add).Address, Assert.Single(change.Value.Remove).Address)
        );
    }

    [Theory]
    [InlineData("{}", "add_stream_uris")]
    [InlineData("{\"add_stream_uris\":[],\"remove_stream_uris\":[]}", "add_stream_uris")]
    [InlineData("{\"add_stream_uris\":[\"http://h/app/a\"]}", "add_stream_uris[0]")]
    [InlineData("{\"add_stream_uris\":[\"rtmp://h/app/a\",\"rtmp://h/app/a\"]}", "add_stream_uris[1]")]
    [InlineData(
        "{\"add_stream_uris\":[\"rtmp://h/app/a\"],\"remove_stream_uris\":[\"rtmp://h/app/a\"]}",
        "add_stream_uris[0]"
    )]
    [InlineData("{\"remove_stream_uris\":\"rtmp://h/app/a\"}", "remove_stream_uris")]
    [InlineData("{\"stream_uris\":[\"rtmp://h/app/a\"]}", "stream_uris")]
    public void A_change_that_makes_no_sense_is_refused(string body, string field) =>
        Assert.Equal(field, Change(body).Error?.Field);

    private static Parsed<TargetsRequest> Change(string body) =>
        ChangeRequestParser.Parse(Encoding.UTF8.GetBytes(body));

    private static PageSessionSpec Taken(string fields)
    {
        var parsed = StartRequestParserTests.Parse(Body(fields));
        Assert.Null(parsed.Error);
        return Assert.IsType<PageSessionSpec>(parsed.Value);
    }

    private static RequestError Refused(string fields, string field)
    {
        var error = StartRequestParserTests.Parse(Body(fields)).Error;
        Assert.Equal(("invalid_request", field), (error?.Code, error?.Field));
        Assert.EndsWith(".", error!.Message, StringComparison.Ordinal);
        return error;
    }
}
