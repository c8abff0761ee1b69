using Recorder.Worker.Protocol;
using Recorder.Worker.Streams.Rtmp;

namespace Recorder.Worker.Tests.Streams.Rtmp;

/// <summary>What the edge lets in reaches the server verbatim.</summary>
public sealed class RtmpAddressTests
{
    public static TheoryData<string, object> Addresses =>
        new()
        {
            { "rtmp://host/live/key", new RtmpAddress(false, "host", 1935, "live", "key", null, null) },
            { "rtmps://host/live/key", new RtmpAddress(true, "host", 443, "live", "key", null, null) },
            { "rtmp://host:1/live/inner/key", new RtmpAddress(false, "host", 1, "live/inner", "key", null, null) },
            {
                "rtmp://host/live/key?a=b/c&d=/",
                new RtmpAddress(false, "host", 1935, "live", "key?a=b/c&d=/", null, null)
            },
            {
                "rtmp://host/live/a!fakesink'x'(y)*%22%20b",
                new RtmpAddress(false, "host", 1935, "live", "a!fakesink'x'(y)*%22%20b", null, null)
            },
            {
                "rtmp://us%40er:pass%2Fword:x@host/live/key",
                new RtmpAddress(false, "host", 1935, "live", "key", "us@er", "pass/word:x")
            },
            { "rtmp://[::1]:1936/live/key", new RtmpAddress(false, "::1", 1936, "live", "key", null, null) },
        };

    [Theory]
    [MemberData(nameof(Addresses))]
    public void An_address_is_split_without_changing_a_character(string address, object parts) =>
        Assert.Equal(parts, RtmpAddress.Of(Target(address)));

    [Theory]
    [InlineData("rtmp://host")]
    [InlineData("rtmp://host/live")]
    [InlineData("rtmp://host/live?a=/b")]
    public void An_address_without_application_or_stream_is_an_error_that_keeps_its_key(string address) =>
        Assert.DoesNotContain(
            "live",
            Assert.Throws<UriFormatException>(() => RtmpAddress.Of(Target(address))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_servers_words_are_told_without_the_key_and_the_password()
    {
        var address = RtmpAddress.Of(Target("rtmp://me:hidden@host/live/secret?token=1"));
        Assert.Equal(
            "No stream …; … is not for ….",
            address.Redact("No stream secret?token=1; secret is not for hidden.")
        );
        Assert.Equal("A connection to …", RtmpAddress.Of(Target("rtmp://host/live/a")).Redact("A connection to a"));
    }

    private static WorkerTarget Target(string address) => new("target-1", address, "rtmp://…");
}
