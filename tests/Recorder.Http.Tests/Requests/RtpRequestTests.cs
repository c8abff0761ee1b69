using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Tests.Requests;

/// <summary>Starts of type rtp.</summary>
public sealed class RtpRequestTests
{
    private static string Body(string fields) => $$$"""{"type":"rtp","data":{{{{fields}}}}}""";

    [Fact]
    public void The_originals_example_is_vp8_of_payload_type_96_into_webm_without_sound() =>
        Assert.Equal(
            new RtpSessionSpec(5000, 5001)
            {
                Codec = RtpCodec.Vp8,
                PayloadType = 96,
                ClockRate = 90_000,
                Container = RecordContainer.Webm,
                Audio = null,
            },
            Taken("\"rtpPort\":5000,\"rtcpPort\":5001")
        );

    [Fact]
    public void Every_field_reaches_the_spec() =>
        Assert.Equal(
            new RtpSessionSpec(5000, 5001)
            {
                Codec = RtpCodec.H264,
                PayloadType = 35,
                ClockRate = 90_000,
                Container = RecordContainer.Mkv,
                Audio = new RtpAudioLeg(5002, 5003, 112),
            },
            Taken(
                "\"rtpPort\":5000,\"rtcpPort\":5001,\"codec\":\"H264\",\"payload_type\":35,\"clock_rate\":90000,\"container\":\"mkv\","
                    + "\"audio_rtp_port\":5002,\"audio_rtcp_port\":5003,\"audio_payload_type\":112"
            )
        );

    [Theory]
    [InlineData("VP8", RtpCodec.Vp8, RecordContainer.Webm)]
    [InlineData("vp9", RtpCodec.Vp9, RecordContainer.Webm)]
    [InlineData("H264", RtpCodec.H264, RecordContainer.Mp4)]
    public void The_container_goes_with_the_codec(string word, RtpCodec codec, RecordContainer container)
    {
        var spec = Taken($"\"rtpPort\":5000,\"rtcpPort\":5001,\"codec\":\"{word}\"");

        Assert.Equal((codec, container), (spec.Codec, spec.Container));
    }

    [Fact]
    public void Ports_of_the_nodes_choice_may_be_given_for_all() =>
        Assert.Equal(new RtpAudioLeg(0, 0), Taken("\"rtpPort\":0,\"rtcpPort\":0,\"audio_rtp_port\":0").Audio);

    [Theory]
    [InlineData("\"rtcpPort\":5001", "data.rtpPort")]
    [InlineData("\"rtpPort\":5000", "data.rtcpPort")]
    [InlineData("\"rtpPort\":-1,\"rtcpPort\":5001", "data.rtpPort")]
    [InlineData("\"rtpPort\":1023,\"rtcpPort\":5001", "data.rtpPort")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":65536", "data.rtcpPort")]
    [InlineData("\"rtpPort\":\"5000\",\"rtcpPort\":5001", "data.rtpPort")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5000", "data.rtcpPort")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"audio_rtp_port\":5001", "data.audio_rtp_port")]
    [InlineData(
        "\"rtpPort\":5000,\"rtcpPort\":5001,\"audio_rtp_port\":5002,\"audio_rtcp_port\":5002",
        "data.audio_rtcp_port"
    )]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"audio_rtcp_port\":5003", "data.audio_rtcp_port")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"audio_payload_type\":111", "data.audio_payload_type")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"codec\":\"AV1\"", "data.codec")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"payload_type\":128", "data.payload_type")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"payload_type\":64", "data.payload_type")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"payload_type\":95", "data.payload_type")]
    [InlineData(
        "\"rtpPort\":5000,\"rtcpPort\":5001,\"audio_rtp_port\":0,\"audio_payload_type\":72",
        "data.audio_payload_type"
    )]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"clock_rate\":0", "data.clock_rate")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"clock_rate\":48000", "data.clock_rate")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"container\":\"mp4\"", "data.container")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"codec\":\"H264\",\"container\":\"webm\"", "data.container")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"container\":\"ts\"", "data.container")]
    [InlineData("\"rtpPort\":5000,\"rtcpPort\":5001,\"uri\":\"https://example.org\"", "data.uri")]
    public void What_makes_no_sense_is_refused_by_the_field_to_blame(string fields, string field)
    {
        var error = StartRequestParserTests.Parse(Body(fields)).Error;

        Assert.Equal(("invalid_request", field), (error?.Code, error?.Field));
        Assert.EndsWith(".", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_rate_that_no_codec_has_is_refused_with_the_reason() =>
        Assert.Equal(
            "data.clock_rate must be 90000 Hz, the only clock rate that VP8 (RFC 7741), VP9 (RFC 9628) and H264 (RFC 6184) have in RTP; 48000 is not.",
            StartRequestParserTests
                .Parse(Body("\"rtpPort\":5000,\"rtcpPort\":5001,\"clock_rate\":48000"))
                .Error?.Message
        );

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(96)]
    [InlineData(127)]
    public void Every_payload_type_that_is_no_rtcp_is_taken_for_picture_and_sound(int type)
    {
        var spec = Taken(
            $"\"rtpPort\":5000,\"rtcpPort\":5001,\"payload_type\":{type},\"audio_rtp_port\":0,\"audio_payload_type\":{type}"
        );

        Assert.Equal((type, type), (spec.PayloadType, spec.Audio?.PayloadType));
    }

    private static RtpSessionSpec Taken(string fields)
    {
        var parsed = StartRequestParserTests.Parse(Body(fields));
        Assert.Null(parsed.Error);
        return Assert.IsType<RtpSessionSpec>(parsed.Value);
    }
}
