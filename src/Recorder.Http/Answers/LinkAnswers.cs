using System.Text.Json;
using System.Text.Json.Serialization;
using Recorder.Cluster.Links;

namespace Recorder.Http.Answers;

/// <summary>An address that opens one record without a key.</summary>
/// <param name="Id">The link's own id, which opens nothing.</param>
/// <param name="Record">The id of the record.</param>
/// <param name="State">active; or why the link opens nothing any more: expired, used_up, revoked.</param>
/// <param name="CreatedAt">When the link was made.</param>
/// <param name="ExpiresAt">When the link ends.</param>
/// <param name="Downloads">How many downloads may begin; null: any number.</param>
/// <param name="Downloaded">How many downloads have begun.</param>
/// <param name="LastUsedAt">When the last download began, or null.</param>
/// <param name="Inline">Whether a browser shows the record instead of saving it.</param>
/// <param name="Url">The address, as the caller reaches this edge; only in the answer that made the link.</param>
/// <param name="Path">The path of the address, the same at every edge; only in the answer that made the link.</param>
public sealed record LinkAnswer(
    [property: JsonRequired] string Id,
    string Record,
    string State,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    int? Downloads,
    int Downloaded,
    DateTimeOffset? LastUsedAt,
    bool Inline,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Url = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Path = null
)
{
    // Records print their members, and a log must not have the address.
    /// <inheritdoc/>
    public override string ToString() => $"link {Id}";

    /// <summary>A link without its address.</summary>
    internal static LinkAnswer Of(RecordLink link, DateTimeOffset now) =>
        new(
            link.Id,
            link.Record.ToString(),
            JsonNamingPolicy.SnakeCaseLower.ConvertName(link.StateAt(now).ToString()),
            link.CreatedAt,
            link.ExpiresAt,
            link.Downloads,
            link.Downloaded,
            link.LastUsedAt,
            link.Inline
        );
}

/// <summary>A link was taken back.</summary>
/// <param name="Status">Always revoked.</param>
public sealed record LinkRevokedAnswer(string Status);
