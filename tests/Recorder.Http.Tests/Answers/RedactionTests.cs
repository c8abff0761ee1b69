using Recorder.Http.Answers;

namespace Recorder.Http.Tests.Answers;

/// <summary>What is hidden of addresses, and what is not.</summary>
public sealed class RedactionTests
{
    [Theory]
    [InlineData("http://me:secret@host/room did not load", "http://***@host/room did not load")]
    [InlineData("see rtmp://key@host/live and HTTPS://a@b", "see rtmp://***@host/live and HTTPS://***@b")]
    [InlineData("The node akka.tcp://recorder@127.0.0.1:34569 went away", "The node akka.tcp://recorder@127.0.0.1:34569 went away")]
    public void The_user_of_an_address_is_hidden_and_a_node_keeps_its_name(string text, string shown) =>
        Assert.Equal(shown, Redaction.Of(text));
}
