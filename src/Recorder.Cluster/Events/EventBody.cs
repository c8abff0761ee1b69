using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Events;

/// <summary>An event as people get it.</summary>
/// <param name="Id">The id, the same in every copy of the event.</param>
/// <param name="Type">One of <see cref="EventType"/>.</param>
/// <param name="Timestamp">When it happened, in UTC.</param>
/// <param name="Seq">The number among the events of the session, or of the farm: 1, 2, 3 … without holes.</param>
/// <param name="Session">The session; null for an event of the farm.</param>
/// <param name="Name">The session's name, or null.</param>
/// <param name="Node">The cluster address of the node where it happened.</param>
/// <param name="Data">What the type says beside that.</param>
public sealed record EventBody(
    string Id,
    string Type,
    DateTimeOffset Timestamp,
    long Seq,
    int? Session,
    string? Name,
    string Node,
    object Data
)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    /// <summary>The text of an event.</summary>
    /// <param name="draft">The event.</param>
    /// <param name="seq">Its number.</param>
    /// <param name="session">Its session; null for an event of the farm.</param>
    /// <param name="name">The name of the session, or null.</param>
    internal static string Of(EventDraft draft, long seq, SessionId? session, string? name) =>
        JsonSerializer.Serialize(
            new EventBody(
                draft.Id,
                draft.Type,
                draft.At.ToUniversalTime(),
                seq,
                session?.Value,
                name,
                draft.Node,
                draft.Data
            ),
            Options
        );
}
