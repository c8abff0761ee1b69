using Recorder.Http.Answers;

namespace Recorder.Http.Tests.Answers;

/// <summary>What is hidden of addresses, and what is not.</summary>
public sealed class RedactionTests
{
    [Theory]
    [InlineData("http://me:secret@host/room did not load", "http://***@host/room did not load")]
    [InlineData("see rtmp://key@host/live and HTTPS://a@b", "see rtmp://host/… and HTTPS://***@b")]
    [InlineData("rtmp://me:secret@host:1936/app/key?token=1 refused", "rtmp://host:1936/app/… refused")]
    [InlineData("target-1 (rtmps://host/app/…) refused: wrong key", "target-1 (rtmps://host/app/…) refused: wrong key")]
    [InlineData("The node akka.tcp://recorder@127.0.0.1:34569 went away", "The node akka.tcp://recorder@127.0.0.1:34569 went away")]
    public void The_user_of_an_address_and_the_key_of_a_stream_are_hidden_and_a_node_keeps_its_name(string text, string shown) =>
        Assert.Equal(shown, Redaction.Of(text));

    [Theory]
    [InlineData("net::ERR_FAILED at https://me:secret@host/room?token=1#a", "net::ERR_FAILED at https://***@host/room")]
    [InlineData("(http://host?x=1) and https://host/#x, again", "(http://host and https://host/ again")]
    [InlineData("What? Nothing # of that", "What? Nothing # of that")]
    [InlineData("see https://host/room.", "see https://host/room.")]
    public void A_message_tells_pages_without_query_and_fragment(string text, string shown) => Assert.Equal(shown, Redaction.OfMessage(text));
}
