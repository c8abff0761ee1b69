using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions;

/// <summary>What sessions that stream or receive are told and tell.</summary>
internal static class Streams
{
    public static readonly StreamTarget First = new("rtmp://h/app/hush-1");
    public static readonly StreamTarget Second = new("rtmp://h/app/hush-2");
    public static readonly StreamTarget Third = new("rtmp://h/app/hush-3");

    public static readonly RtpEndpoint Endpoint = new("10.0.0.1", 40_000, 40_001, null, null);

    public static readonly SessionSpec StreamSpec = new PageSessionSpec(new Uri("https://example.org/"))
    {
        Mode = RecordingMode.Stream,
        StreamTargets = [First],
    };

    public static readonly SessionSpec BothSpec = new PageSessionSpec(new Uri("https://example.org/"))
    {
        Mode = RecordingMode.Both,
        StreamTargets = [First, Second],
    };

    public static readonly SessionSpec RtpSpec = new RtpSessionSpec(0, 0) { Container = RecordContainer.Webm };

    public static readonly RecordGrew StreamGrew = new(null, Sample.Time(10), 200, 1, 0, TimeSpan.FromSeconds(8));

    /// <summary>A session that only streams, whose target accepted at 2 s and that was last confirmed at 10
    /// s.</summary>
    public static Story Streaming =>
        Story
            .New.Then(state => SessionDecisions.Start(state, StreamSpec, Sample.At(0)))
            .Hears(2, new FirstFrameWritten(null, Sample.Time(2)))
            .Hears(10, StreamGrew);

    /// <summary>A session that records and streams to two targets.</summary>
    public static Story Both =>
        Story
            .New.Then(state => SessionDecisions.Start(state, BothSpec, Sample.At(0)))
            .Hears(2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)));

    /// <summary>An RTP session whose ports were bound at 1 s and that has received nothing yet.</summary>
    public static Story Receiving
    {
        get
        {
            var story = Story.New.Then(state => SessionDecisions.Start(state, RtpSpec, Sample.At(0)));
            return story.Hears(1, new PortsBound(story.CurrentPath, Endpoint, Sample.Time(1)));
        }
    }

    public static OutputSummary Output(string id, OutputState state, string? reason = null, long frames = 0) =>
        new(id, OutputKind.Rtmp, "rtmp://h/app/…", state, Sample.Time(3), reason, frames, 0, 0, 0);
}
