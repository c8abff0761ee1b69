using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.ReadModel;

/// <summary>How long records are kept, and how long the database keeps what nobody needs any more; section
/// <c>Recorder:Retention</c>.</summary>
[Description("How long records are kept, and how long the database keeps what nobody needs any more.")]
public sealed class RetentionOptions
{
    /// <summary>How long the events of an ended session are kept. Longer than an idempotency key, so that a repeated
    /// start finds its session.</summary>
    [Description(
        "How long the events of a session are kept after the session has ended and its records are finished and "
            + "delivered. The lists keep the session for ever; they need no events."
    )]
    [Range("25 h", "3650 d")]
    public TimeSpan Journal { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long events are kept for those who read the feed later.</summary>
    [Description(
        "How long events are kept for those who read them later. An event that a webhook is still to get is kept twice "
            + "as long."
    )]
    [Range("1 h", "3650 d")]
    public TimeSpan Events { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a session's secrets are kept after its end.</summary>
    [Description(
        "How long after the end of a session the database keeps its stream keys and the queries of its addresses. They "
            + "are then erased from journal and lists, once the session's records are finished and delivered."
    )]
    [Range("0 s", "3650 d")]
    public TimeSpan Secrets { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the audit tells who changed what.</summary>
    [Description("How long GET /api/audit tells who changed what and who was refused.")]
    [Range("1 h", "3650 d")]
    public TimeSpan Audit { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long records are kept of which neither the start nor a rule says so.</summary>
    [Description(
        "How long a record is kept after its end, where neither its start nor one of the Rules says so: keep, or an age such as "
            + "30 d. A record on hold or undelivered is never erased. Every node of a farm needs the same value."
    )]
    public string Default { get; set; } = RetentionSettings.KeepWord;

    /// <summary>How long the records of sessions with a label are kept.</summary>
    [Description(
        "How long the records of sessions with a label are kept. Each rule is { \"Label\": \"room=Sal\", \"Age\": \"30 d\" } or has "
            + "the age keep. The first rule that fits counts; the start of a session goes before the rules. Every node of a farm "
            + "needs the same list."
    )]
    public IList<RetentionRuleOptions> Rules { get; } = [];

    /// <summary>The most room that the records of this node take; 0: as much as there is.</summary>
    [Description(
        "The most room that the finished records in the records folder of this node take. Above that, the oldest are erased "
            + "of which neither the start nor a rule says how long they are kept. 0 B: as much as there is."
    )]
    [Range("0 B", "1000 TB")]
    public ByteSize MaximumSize { get; set; }

    /// <summary>How often the node looks for records to erase.</summary>
    [Description(
        "How often this node looks for records to erase. A disk below DiskLowWater makes the node look at once. A record "
            + "past its retention is gone within two looks."
    )]
    [Range("1 s", "1 d")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>How long the records of sessions with a label are kept.</summary>
public sealed class RetentionRuleOptions
{
    /// <summary>The label, as <c>key=value</c>.</summary>
    public string Label { get; set; } = "";

    /// <summary>The time from the end of a record until the record may be erased, or <c>keep</c>.</summary>
    public string Age { get; set; } = "";
}
