using System.Text;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Requests;

public sealed class StartRequestParserTests
{
    private const string Page = "https://letsmeet.no/test-edumeet-recorder?headless=true&displayName=recorder";

    internal static Parsed<SessionSpec> Parse(string body) => StartRequestParser.Parse(Encoding.UTF8.GetBytes(body));

    private static string With(string fields) => $$$"""{"type":"uri","data":{"uri":"{{{Page}}}"{{{fields}}}}}""";

    [Fact]
    public void The_originals_example_has_the_originals_defaults()
    {
        var parsed = Parse(
            $$$"""{"type":"uri", "data":{"bitrate":6000, "uri":"{{{Page}}}", "stream_uri":"","mode":"record"}}"""
        );

        Assert.Null(parsed.Error);
        Assert.Equal(new PageSessionSpec(new Uri(Page)), parsed.Value);
        var spec = Assert.IsType<PageSessionSpec>(parsed.Value);
        Assert.Equal(
            (1920, 1080, 25, 6000, 60),
            (spec.Video.Width, spec.Video.Height, spec.Video.Framerate, spec.Video.Bitrate, spec.Video.KeyframeInterval)
        );
        Assert.Equal((EncoderPreset.Ultrafast, EncoderProfile.Baseline), (spec.Video.Preset, spec.Video.Profile));
        Assert.Equal((256, RecordContainer.Mp4, RecordingMode.Record), (spec.Audio.Bitrate, spec.Container, spec.Mode));
        Assert.Equal(Page, spec.Page.OriginalString);
    }

    [Fact]
    public void Only_the_page_is_needed() => Assert.Equal(new PageSessionSpec(new Uri(Page)), Parse(With("")).Value);

    [Fact]
    public void Every_field_reaches_the_spec()
    {
        var parsed = Parse(
            With(
                ",\"mode\":\"record\",\"width\":1280,\"height\":720,\"framerate\":30,\"bitrate\":2500,\"preset\":\"veryfast\",\"profile\":\"high\","
                    + "\"keyframe_interval\":90,\"audio_bitrate\":128,\"container\":\"mkv\",\"name\":\"Výbor, 3. zasedání\""
            )
        );

        Assert.Null(parsed.Error);
        Assert.Equal(
            new PageSessionSpec(new Uri(Page))
            {
                Video = new VideoSettings
                {
                    Width = 1280,
                    Height = 720,
                    Framerate = 30,
                    Bitrate = 2500,
                    Preset = EncoderPreset.Veryfast,
                    Profile = EncoderProfile.High,
                    KeyframeInterval = 90,
                    KeyframeIntervalAsked = true,
                },
                Audio = new AudioSettings { Bitrate = 128 },
                Container = RecordContainer.Mkv,
                Name = "Výbor, 3. zasedání",
            },
            parsed.Value
        );
    }

    [Theory]
    [InlineData("uri", "\"uri\":\"https://example.org\"")]
    [InlineData("rtp", "\"rtpPort\":0,\"rtcpPort\":0")]
    public void A_session_of_every_type_may_have_a_name_of_one_line(string type, string needed)
    {
        var longest = new string('n', SpecLimits.MaximumNameLength);
        Assert.Equal(longest, Named($"\"{longest}\"").Value?.Name);
        Assert.Equal("a \"quoted\" <b>name</b>", Named("\"a \\\"quoted\\\" <b>name</b>\"").Value?.Name);
        Assert.Null(Parse($$$"""{"type":"{{{type}}}","data":{{{{needed}}}}}""").Value?.Name);

        RefusedWith($"\"{longest}n\"", "201 characters");
        RefusedWith("\"\"", "leave the field out");
        RefusedWith("\"  \"", "leave the field out");
        RefusedWith("\"two\\nlines\"", "control character");
        RefusedWith("7", "text in quotes");
        RefusedWith("null", "text in quotes");

        void RefusedWith(string name, string reason) =>
            Assert.Contains(reason, Refused(Named(name), "data.name").Message, StringComparison.Ordinal);

        Parsed<SessionSpec> Named(string name) =>
            Parse($$$"""{"type":"{{{type}}}","data":{{{{needed}}},"name":{{{name}}}}}""");
    }

    [Theory]
    [InlineData("uri", "\"uri\":\"https://example.org\"")]
    [InlineData("rtp", "\"rtpPort\":0,\"rtcpPort\":0")]
    public void A_session_of_every_type_may_say_how_long_its_records_are_kept(string type, string needed)
    {
        Assert.Null(Parse($$$"""{"type":"{{{type}}}","data":{{{{needed}}}}}""").Value?.Retention);
        Assert.Equal(new RetentionSpec(null), Kept("\"keep\"").Value?.Retention);
        Assert.Equal(new RetentionSpec(TimeSpan.FromDays(30)), Kept("{\"days\":30}").Value?.Retention);
        Assert.Equal(new RetentionSpec(TimeSpan.Zero), Kept("{\"days\":0}").Value?.Retention);

        RefusedWith("\"forever\"", "data.retention", "must be \"keep\" or an age");
        RefusedWith("30", "data.retention", "must be \"keep\" or an age");
        RefusedWith("null", "data.retention", "must be \"keep\" or an age");
        RefusedWith("{}", "data.retention.days", "missing");
        RefusedWith("{\"days\":-1}", "data.retention.days", "from 0 to 10000 days");
        RefusedWith("{\"days\":10001}", "data.retention.days", "from 0 to 10000 days");
        RefusedWith("{\"days\":1.5}", "data.retention.days", "without a point");
        RefusedWith("{\"days\":\"30\"}", "data.retention.days", "whole number");
        RefusedWith("{\"days\":1,\"hours\":1}", "data.retention.hours", "hours");

        void RefusedWith(string retention, string field, string reason) =>
            Assert.Contains(reason, Refused(Kept(retention), field).Message, StringComparison.Ordinal);

        Parsed<SessionSpec> Kept(string retention) =>
            Parse($$$"""{"type":"{{{type}}}","data":{{{{needed}}},"retention":{{{retention}}}}}""");
    }

    [Theory]
    [InlineData("uri", "\"uri\":\"https://example.org\"")]
    [InlineData("rtp", "\"rtpPort\":0,\"rtcpPort\":0")]
    public void A_session_of_every_type_may_have_labels(string type, string needed)
    {
        var longest = new string('v', SpecLimits.MaximumLabelValueLength);
        var key = new string('k', SpecLimits.MaximumLabelKeyLength);
        Assert.Equal(
            [new SessionLabel("a.b-c_9", longest), new SessionLabel(key, ""), new SessionLabel("room", "Sál \"7\"")],
            Labelled($$"""{"room":"Sál \"7\"","a.b-c_9":"{{longest}}","{{key}}":""}""").Value!.Labels
        );
        Assert.Empty(Labelled("{}").Value!.Labels);
        Assert.Empty(Parse($$$"""{"type":"{{{type}}}","data":{{{{needed}}}}}""").Value!.Labels);

        RefusedWith("""["a"]""", "data.labels", "must be an object, not a list");
        RefusedWith("""{"a":1}""", "data.labels.a", "must be text in quotes");
        RefusedWith("""{"a":null}""", "data.labels.a", "must be text in quotes");
        RefusedWith("""{"a":"1","a":"2"}""", "data.labels.a", "given twice");
        RefusedWith($$"""{"a":"{{longest}}v"}""", "data.labels.a", "257 characters");
        RefusedWith("""{"a":"two\nlines"}""", "data.labels.a", "control character");
        RefusedWith("""{"Room":"x"}""", "data.labels.Room", "a key has 1 to 63");
        RefusedWith("""{"":"x"}""", "data.labels.", "a key has 1 to 63");
        RefusedWith("""{"a b":"x"}""", "data.labels.a b", "a key has 1 to 63");
        RefusedWith("""{"a\n":"x"}""", "data.labels.a?", "a key has 1 to 63");
        RefusedWith($$"""{"{{key}}k":"x"}""", $"data.labels.{key}k", "a key has 1 to 63");
        RefusedWith(
            "{" + string.Join(',', Enumerable.Range(0, 33).Select(number => $"\"k{number}\":\"\"")) + "}",
            "data.labels",
            "33 labels; it may have at most 32"
        );

        void RefusedWith(string labels, string field, string reason) =>
            Assert.Contains(reason, Refused(Labelled(labels), field).Message, StringComparison.Ordinal);

        Parsed<SessionSpec> Labelled(string labels) =>
            Parse($$$"""{"type":"{{{type}}}","data":{{{{needed}}},"labels":{{{labels}}}}}""");
    }

    [Fact]
    public void A_stream_target_in_mode_record_is_taken_as_in_the_originals_example_and_not_kept()
    {
        var parsed = Parse(
            With(",\"stream_uri\":\"rtmp://b.rtmp.youtube.com/live2/xxxx-xxxx-xxxx-xxxx-xxxx\",\"mode\":\"record\"")
        );

        Assert.Equal(new PageSessionSpec(new Uri(Page)), parsed.Value);
    }

    [Theory]
    [InlineData("http://localhost")]
    [InlineData("HTTPS://Example.ORG/a%20b?c=d#e")]
    [InlineData("http://[::1]:8080/")]
    [InlineData("http://10.0.0.1:65535/x")]
    [InlineData("https://bücher.example/regal")]
    [InlineData("https://例え.テスト/")]
    [InlineData("https://user:pass@example.org/room")]
    [InlineData("https://example.org/näme?q=ä")]
    public void Absolute_web_addresses_are_taken_as_they_are(string address)
    {
        var parsed = Parse($$$"""{"type":"uri","data":{"uri":"{{{address}}}"}}""");

        Assert.Null(parsed.Error);
        Assert.Equal(address, Assert.IsType<PageSessionSpec>(parsed.Value).Page.OriginalString);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,<h1>x</h1>")]
    [InlineData("about:blank")]
    [InlineData("chrome://settings")]
    [InlineData("view-source:https://example.org")]
    [InlineData("blob:https://example.org/1")]
    [InlineData("ftp://example.org/")]
    [InlineData("/etc/passwd")]
    [InlineData("../room")]
    [InlineData("//example.org/room")]
    [InlineData("example.org/room")]
    [InlineData("https:example.org")]
    [InlineData("https:/example.org")]
    [InlineData("https://")]
    [InlineData("https:///room")]
    [InlineData("https://user:pass@/room")]
    [InlineData("https://:443/")]
    [InlineData("https://example.org:0x50/")]
    [InlineData("https://example.org:99999/")]
    [InlineData("https://exa mple.org/")]
    [InlineData("https://example.org/a b")]
    [InlineData(" https://example.org/")]
    [InlineData("https://example.org/\\n")]
    [InlineData("https://example.org\\\\@evil.example/")]
    [InlineData("https://[::1/")]
    [InlineData("")]
    public void Other_addresses_are_refused_by_the_field_data_uri(string address)
    {
        var parsed = Parse($$$"""{"type":"uri","data":{"uri":"{{{address}}}"}}""");

        Refused(parsed, "data.uri");
    }

    [Fact]
    public void An_address_is_never_repeated_in_its_refusal()
    {
        var parsed = Parse("""{"type":"uri","data":{"uri":"ftp://user:secret@example.org/"}}""");

        Assert.DoesNotContain("secret", Refused(parsed, "data.uri").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SpecLimits.MaximumUriLength, true)]
    [InlineData(SpecLimits.MaximumUriLength + 1, false)]
    public void An_address_has_a_longest_length(int length, bool taken)
    {
        var address = "https://example.org/".PadRight(length, 'x');

        Assert.Equal(taken, Parse($$$"""{"type":"uri","data":{"uri":"{{{address}}}"}}""").Error is null);
    }

    [Theory]
    [InlineData("bitrate", SpecLimits.MinimumVideoBitrate, SpecLimits.MaximumVideoBitrate)]
    [InlineData("width", SpecLimits.MinimumWidth, SpecLimits.MaximumWidth)]
    [InlineData("height", SpecLimits.MinimumHeight, SpecLimits.MaximumHeight)]
    [InlineData("framerate", SpecLimits.MinimumFramerate, SpecLimits.MaximumFramerate)]
    [InlineData("keyframe_interval", 1, SpecLimits.MaximumKeyframeInterval)]
    [InlineData("audio_bitrate", SpecLimits.MinimumAudioBitrate, SpecLimits.MaximumAudioBitrate)]
    public void A_number_is_taken_within_its_range_and_refused_outside_it(string field, int minimum, int maximum)
    {
        Assert.Null(Parse(With($",\"{field}\":{minimum}")).Error);
        Assert.Null(Parse(With($",\"{field}\":{maximum}")).Error);
        foreach (
            var value in new[]
            {
                $"{minimum - 1}",
                $"{maximum + 1}",
                "0",
                "-1",
                "1000000000000",
                "100000000000000000000",
                "2147483648",
                "-2147483649",
                "1.5",
                "30.0",
                "1e2",
                "1E400",
                "\"60\"",
                "null",
                "true",
                "[60]",
                "{}",
            }
        )
        {
            var error = Refused(Parse(With($",\"{field}\":{value}")), $"data.{field}");
            Assert.Contains($"from {minimum} to {maximum}", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("width", 1279, "1278 or 1280")]
    [InlineData("height", 721, "720 or 722")]
    public void An_odd_size_is_refused_with_the_even_ones_beside_it(string field, int size, string advice) =>
        Assert.Contains(
            advice,
            Refused(Parse(With($",\"{field}\":{size}")), $"data.{field}").Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_giant_picture_is_refused() =>
        Refused(Parse(With(",\"width\":100000,\"height\":100000")), "data.width");

    [Fact]
    public void A_picture_of_one_pixel_is_refused() => Refused(Parse(With(",\"width\":1,\"height\":1")), "data.width");

    [Theory]
    [InlineData("mode", "Record", "record, stream, both")]
    [InlineData("mode", "0", "record, stream, both")]
    [InlineData("preset", "placebo", "ultrafast, superfast, veryfast, faster, fast, medium")]
    [InlineData("profile", "high444", "baseline, main, high")]
    [InlineData("container", "avi", "mp4, ts, mkv, m4a, ogg, mp3, flac")]
    [InlineData("container", "../../etc", "mp4, ts, mkv, m4a, ogg, mp3, flac")]
    public void A_word_that_is_not_served_is_refused_with_those_that_are(string field, string word, string served)
    {
        var error = Refused(Parse(With($",\"{field}\":\"{word}\"")), $"data.{field}");

        Assert.Contains($"must be one of {served};", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mode")]
    [InlineData("preset")]
    [InlineData("profile")]
    [InlineData("container")]
    [InlineData("stream_uri")]
    [InlineData("uri")]
    public void A_text_of_another_type_is_refused(string field)
    {
        foreach (var value in new[] { "1", "null", "true", "[]", "{}" })
        {
            var body =
                field == "uri" ? $$$"""{"type":"uri","data":{"uri":{{{value}}}}}""" : With($",\"{field}\":{value}");
            Refused(Parse(body), $"data.{field}");
        }
    }

    [Theory]
    [InlineData("https://example.org/live")]
    [InlineData("file:///tmp/x")]
    [InlineData("rtmp://")]
    [InlineData("rtmp://host/app ! filesink location=/etc/passwd")]
    public void A_stream_target_that_is_none_is_refused(string target) =>
        Refused(Parse(With($",\"stream_uri\":\"{target}\"")), "data.stream_uri");

    [Theory]
    [InlineData("", null)]
    [InlineData(" ", null)]
    [InlineData("bitrate=6000", null)]
    [InlineData("{", null)]
    [InlineData("{\"type\":\"uri\",}", null)]
    [InlineData("{\"type\":\"uri\"} x", null)]
    [InlineData("{} {}", null)]
    [InlineData("// comment\n{}", null)]
    [InlineData("{'type':'uri'}", null)]
    [InlineData("[]", null)]
    [InlineData("\"uri\"", null)]
    [InlineData("null", null)]
    [InlineData("1", null)]
    [InlineData("{\"\\ud800\":1}", null)]
    [InlineData("{}", "type")]
    [InlineData("{\"type\":\"uri\"}", "data")]
    [InlineData("{\"data\":{}}", "type")]
    [InlineData("{\"type\":1,\"data\":{}}", "type")]
    [InlineData("{\"type\":\"\\udc00\",\"data\":{}}", "type")]
    [InlineData("{\"type\":\"URI\",\"data\":{}}", "type")]
    [InlineData("{\"type\":\"uri\",\"data\":[]}", "data")]
    [InlineData("{\"type\":\"uri\",\"data\":null}", "data")]
    [InlineData("{\"type\":\"uri\",\"data\":{}}", "data.uri")]
    [InlineData("{\"type\":\"uri\",\"type\":\"uri\",\"data\":{\"uri\":\"https://example.org\"}}", "type")]
    [InlineData(
        "{\"type\":\"uri\",\"data\":{\"uri\":\"https://example.org\",\"uri\":\"https://example.com\"}}",
        "data.uri"
    )]
    [InlineData(
        "{\"type\":\"uri\",\"data\":{\"uri\":\"https://example.org\",\"\\u0075ri\":\"https://example.com\"}}",
        "data.uri"
    )]
    [InlineData("{\"type\":\"uri\",\"data\":{\"uri\":\"https://example.org\"},\"extra\":1}", "extra")]
    [InlineData("{\"type\":\"uri\",\"data\":{\"uri\":\"https://example.org\",\"Bitrate\":6000}}", "data.Bitrate")]
    [InlineData("{\"type\":\"uri\",\"data\":{\"uri\":\"https://example.org\",\"stream_uris\":[]}}", "data.stream_uris")]
    [InlineData("{\"type\":\"uri\",\"data\":{\"uri\":\"https://\\ud800.example\"}}", "data.uri")]
    public void A_body_of_another_shape_is_refused_by_the_field_to_blame(string body, string? field) =>
        Refused(Parse(body), field);

    [Fact]
    public void A_body_that_is_not_utf_8_is_refused() =>
        Refused(
            StartRequestParser.Parse(
                new byte[] { (byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}' }
            ),
            null
        );

    [Fact]
    public void A_deep_body_is_refused() => Refused(Parse(new string('[', 60_000)), null);

    [Fact]
    public void A_refusal_says_which_types_are_served() =>
        Assert.Equal(
            "type must be one of uri, rtp, meeting; \"sip\" is not served.",
            Refused(Parse("""{"type":"sip","data":{}}"""), "type").Message
        );

    [Fact]
    public void What_a_caller_wrote_comes_back_short_and_on_one_line()
    {
        var error = Refused(Parse($$$"""{"type":"uri\r\n{{{new string('x', 5000)}}}","data":{}}"""), "type");

        Assert.InRange(error.Message.Length, 1, 200);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static RequestError Refused(Parsed<SessionSpec> parsed, string? field)
    {
        Assert.NotNull(parsed.Error);
        Assert.Equal("invalid_request", parsed.Error.Code);
        Assert.Equal(field, parsed.Error.Field);
        Assert.EndsWith(".", parsed.Error.Message, StringComparison.Ordinal);
        return parsed.Error;
    }
}
