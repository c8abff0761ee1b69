using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>How long the records of a session are kept, as its start said.</summary>
/// <param name="Age">The time from the end of a record until the record may be erased; null: the record is
/// kept.</param>
public sealed record RetentionSpec(TimeSpan? Age);

/// <summary>A hold on a record: nothing erases the record until somebody releases it.</summary>
/// <param name="Since">Since when the record is on hold.</param>
/// <param name="Reason">Why, in the words of whoever set the hold; empty without a reason.</param>
public sealed record RecordHold(DateTimeOffset Since, string Reason)
{
    /// <summary>The longest reason, in characters.</summary>
    public const int LongestReason = 200;
}

/// <summary>Why a record is erased.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<EraseCause>))]
public enum EraseCause
{
    /// <summary>Somebody asked for it.</summary>
    Asked,

    /// <summary>The record is past its retention.</summary>
    Age,

    /// <summary>The records of the node took more room than they may.</summary>
    Size,

    /// <summary>The record is delivered, and its time on the node after the delivery is over.</summary>
    Delivered,
}

/// <summary>The erasing of a record: decided, and carried out as soon as the node that holds the files can.</summary>
/// <param name="Since">When the erasing was decided.</param>
/// <param name="Cause">Why.</param>
/// <param name="Reason">Why, as one sentence for people.</param>
public sealed record RecordErasing(DateTimeOffset Since, EraseCause Cause, string Reason)
{
    /// <summary>When the files were gone; null while they may still be there.</summary>
    public DateTimeOffset? Done { get; init; }

    /// <summary>What kept the files from being removed when that was last tried; null when nothing is known.</summary>
    public string? Obstacle { get; init; }
}

/// <summary>A fact about how long a record is kept.</summary>
public interface IKeepingEvent : ISessionEvent
{
    /// <summary>The record.</summary>
    string Path { get; }
}

/// <summary>The record is on hold. Also when the reason of a hold is another one now.</summary>
[Wire("session-event/record-held:1")]
public sealed record RecordHeld(string Path, string Reason, DateTimeOffset At, string Node) : IKeepingEvent;

/// <summary>The record is not on hold any more.</summary>
[Wire("session-event/record-released:1")]
public sealed record RecordReleased(string Path, DateTimeOffset At, string Node) : IKeepingEvent;

/// <summary>The record is to be erased. Persisted before a file is touched, so that no file is half
/// forgotten.</summary>
[Wire("session-event/erasing-decided:1")]
public sealed record ErasingDecided(string Path, EraseCause Cause, string Reason, DateTimeOffset At, string Node)
    : IKeepingEvent;

/// <summary>The record could not be erased, which is tried again.</summary>
/// <param name="Path">The record.</param>
/// <param name="Obstacle">What was in the way, as one sentence that a person can act on.</param>
/// <param name="At">When the session heard of it.</param>
/// <param name="Node">The node that holds the record, or last held it.</param>
[Wire("session-event/erasing-delayed:1")]
public sealed record ErasingDelayed(string Path, string Obstacle, DateTimeOffset At, string Node) : IKeepingEvent;

/// <summary>The files of the record are gone.</summary>
[Wire("session-event/record-erased:1")]
public sealed record RecordErased(string Path, DateTimeOffset At, string Node) : IKeepingEvent;

/// <summary>
/// A session that ended long ago, whose events are deleted, is needed once more. The event holds what the lists knew of
/// the session, and later events go on from there.
/// </summary>
/// <param name="Summary">The session as the lists have it.</param>
/// <param name="At">When it was needed.</param>
/// <param name="Node">The node that needed it.</param>
[Wire("session-event/recalled:1")]
public sealed record SessionRecalled(SessionSummary Summary, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>Applies what happened to the keeping of a session's records. Pure.</summary>
internal static class RecordKeeping
{
    /// <summary>The error of a delivery whose record was erased.</summary>
    public const string ErasedBefore = "The record was erased before it was delivered.";

    /// <summary>The records after an event about one of them.</summary>
    public static ImmutableList<RecordState> Apply(ImmutableList<RecordState> records, IKeepingEvent happened)
    {
        var index = records.FindIndex(record => record.Path == happened.Path);
        return index < 0 ? records : records.SetItem(index, After(records[index], happened));
    }

    private static RecordState After(RecordState record, IKeepingEvent happened) =>
        happened switch
        {
            RecordHeld e => record with { Hold = new RecordHold(record.Hold?.Since ?? e.At, e.Reason) },
            RecordReleased => record with { Hold = null },
            ErasingDecided e => record with
            {
                Erasing = new RecordErasing(e.At, e.Cause, e.Reason),
                Deliveries = record.Deliveries.ConvertAll(delivery =>
                    delivery.Open
                        ? delivery with
                        {
                            State = DeliveryState.GivenUp,
                            Since = e.At,
                            Error = ErasedBefore,
                            NextTry = null,
                        }
                        : delivery
                ),
            },
            ErasingDelayed e => record with { Erasing = record.Erasing! with { Obstacle = e.Obstacle } },
            RecordErased e => record with { Erasing = record.Erasing! with { Done = e.At, Obstacle = null } },
            _ => record,
        };
}
