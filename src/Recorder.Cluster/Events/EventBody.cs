using System.Collections.Immutable;
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
    /// <summary>The labels of the session, by their keys; empty without labels, and for an event of the farm.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

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
    internal static string Of(EventDraft draft, long seq, ToldSession? session) =>
        JsonSerializer.Serialize(
            new EventBody(
                draft.Id,
                draft.Type,
                draft.At.ToUniversalTime(),
                seq,
                session?.Id.Value,
                session?.Name,
                draft.Node,
                draft.Data
            )
            {
                Labels =
                    session?.Labels.ToImmutableSortedDictionary(
                        label => label.Key,
                        label => label.Value,
                        StringComparer.Ordinal
                    ) ?? ImmutableSortedDictionary<string, string>.Empty,
            },
            Options
        );

    /// <summary>The labels in the text of an event.</summary>
    /// <param name="body">The text.</param>
    internal static ImmutableList<SessionLabel> LabelsIn(string body)
    {
        using var text = JsonDocument.Parse(body);
        return text.RootElement.TryGetProperty("labels", out var labels)
            ? [.. labels.EnumerateObject().Select(label => new SessionLabel(label.Name, label.Value.GetString() ?? ""))]
            : [];
    }
}
