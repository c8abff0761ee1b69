using System.Text.Json;
using Recorder.Node.Browsing;

namespace Recorder.Node.Tests.Browsing;

/// <summary>What the events of DevTools make of the main frame.</summary>
public sealed class MainFrameTests
{
    private static readonly MainFrame Frame = new("F") { Loader = "L1", Address = "http://a.example/" };

    [Theory]
    [InlineData("Page.frameStartedLoading", """{"frameId":"F"}""", "F L1 http://a.example/ loading")]
    [InlineData("Page.frameStartedLoading", """{"frameId":"child"}""", "F L1 http://a.example/")]
    [InlineData(
        "Page.frameNavigated",
        """{"frame":{"id":"F","loaderId":"L2","url":"http://b.example/"}}""",
        "F L2 http://b.example/"
    )]
    [InlineData(
        "Page.frameNavigated",
        """{"frame":{"id":"G","loaderId":"L2","url":"http://b.example/"}}""",
        "G L2 http://b.example/"
    )]
    [InlineData(
        "Page.frameNavigated",
        """{"frame":{"id":"C","parentId":"F","loaderId":"L2","url":"http://b.example/"}}""",
        "F L1 http://a.example/"
    )]
    [InlineData(
        "Page.frameNavigated",
        """{"frame":{"id":"F","loaderId":"L2","url":"chrome-error://chromewebdata/","unreachableUrl":"http://b.example/"}}""",
        "F L2 http://b.example/ error"
    )]
    [InlineData(
        "Page.navigatedWithinDocument",
        """{"frameId":"F","url":"http://a.example/room"}""",
        "F L1 http://a.example/room"
    )]
    [InlineData(
        "Page.navigatedWithinDocument",
        """{"frameId":"C","url":"http://a.example/room"}""",
        "F L1 http://a.example/"
    )]
    [InlineData("Page.navigatedWithinDocument", """{"frameId":"F"}""", "F L1 http://a.example/")]
    [InlineData("Page.frameNavigated", "{}", "F L1 http://a.example/")]
    [InlineData("Page.frameNavigated", """{"frame":{"id":7}}""", "  ")]
    [InlineData("Page.domContentEventFired", """{"timestamp":1}""", "F L1 http://a.example/")]
    public void The_frame_follows_its_own_events(string method, string data, string becomes)
    {
        var frame = Frame.After(method, JsonDocument.Parse(data).RootElement);
        Assert.Equal(
            becomes,
            $"{frame.Id} {frame.Loader} {frame.Address}{(frame.Loading ? " loading" : "")}{(frame.IsErrorPage ? " error" : "")}"
        );
    }

    [Fact]
    public void What_has_loaded_loads_no_more() =>
        Assert.False(
            (Frame with { Loading = true })
                .After("Page.frameStoppedLoading", JsonDocument.Parse("""{"frameId":"F"}""").RootElement)
                .Loading
        );
}
