using System.Globalization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>The id of a record: <c>7-2</c> is the second record of session 7. The id never changes, and is never given
/// again.</summary>
/// <param name="Session">The session.</param>
/// <param name="Number">The number of the record within its session, from 1.</param>
public readonly record struct RecordId(SessionId Session, int Number)
{
    /// <summary>Reads an id in the form of <see cref="ToString"/>, and in no other form.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">The id, if the text is one.</param>
    public static bool TryParse(string? text, out RecordId id)
    {
        id = default;
        if (
            text?.Split('-') is not [var session, var number]
            || !int.TryParse(session, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
        )
        {
            return false;
        }
        id = new RecordId(new SessionId(first), second);
        return first > 0 && second > 0 && id.ToString() == text;
    }

    /// <summary>The records of a session with their ids, in the order of the session's list.</summary>
    /// <param name="session">The session.</param>
    public static IEnumerable<(RecordId Id, RecordSummary Record)> Of(SessionSummary session)
    {
        ArgumentNullException.ThrowIfNull(session);

        // Versions before ids told no numbers.
        return session.Records.Select(
            (record, index) => (new RecordId(session.Id, record.Number > 0 ? record.Number : index + 1), record)
        );
    }

    /// <summary>The id as callers write it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Session.Value}-{Number}");
}
