using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Events;

/// <summary>A session has written an event that people are told of. To the node that fills the read model, so that it
/// need not wait until it reads the journal again.</summary>
/// <param name="Id">The session.</param>
/// <param name="SequenceNr">The number of the event in the session's journal.</param>
[Wire("feed/session-has-news:1")]
public sealed record SessionHasNews(SessionId Id, long SequenceNr) : IWireMessage;

/// <summary>The sender wants to hear when the feed grows. Repeated while that is so. Answered by
/// <see cref="FeedGrew"/>, now and at each growth.</summary>
[Wire("feed/watch:1")]
public sealed record WatchFeed : IWireMessage;

/// <summary>The feed has grown. Also published on the event stream of each node that watches.</summary>
/// <param name="Last">The place of the newest event.</param>
[Wire("feed/grew:1")]
public sealed record FeedGrew(long Last) : IWireMessage;

/// <summary>Something was written into the feed. To the node that fills the read model, which tells the
/// watchers.</summary>
[Wire("feed/has-news:1")]
public sealed record FeedHasNews : IWireMessage;

/// <summary>How it is with the disk of a node's records folder. Repeated every few seconds.</summary>
/// <param name="Node">The cluster address of the node.</param>
/// <param name="Low">Whether the disk is below the low-water mark.</param>
[Wire("feed/disk:1")]
public sealed record ReportDisk(string Node, bool Low) : IWireMessage;
