using Recorder.Node.Media.Rtp;

namespace Recorder.Node.Tests.Media.Rtp;

/// <summary>Where ports are bound, and what a sender is told of it.</summary>
public sealed class RtpReachTests
{
    [Theory]
    [InlineData("", "node1.example", "", "node1.example", "node1.example")]
    [InlineData("0.0.0.0", "node1.example", "", "0.0.0.0", "node1.example")]
    [InlineData("::", "node1.example", "", "::", "node1.example")]
    [InlineData("10.0.0.7", "node1.example", "", "10.0.0.7", "10.0.0.7")]
    [InlineData("fd00::7", "node1.example", "", "fd00::7", "fd00::7")]
    [InlineData("media1.example", "node1.example", "", "media1.example", "media1.example")]
    // A node that binds another address than it is known by, as in a container.
    [InlineData("", "0.0.0.0", "recorder-0.recorder", "0.0.0.0", "recorder-0.recorder")]
    [InlineData("", "10.1.0.4", "node1.example", "10.1.0.4", "node1.example")]
    [InlineData("0.0.0.0", "10.1.0.4", "node1.example", "0.0.0.0", "node1.example")]
    [InlineData("10.0.0.7", "0.0.0.0", "node1.example", "10.0.0.7", "10.0.0.7")]
    public void A_sender_is_told_a_name_that_it_can_reach(
        string option,
        string hostname,
        string publicHostname,
        string address,
        string host
    ) => Assert.Equal(new RtpReach(address, host), RtpReach.Of(option, hostname, publicHostname));
}
