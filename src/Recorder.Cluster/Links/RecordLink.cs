using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Links;

/// <summary>Whether a link opens its record.</summary>
public enum LinkState
{
    /// <summary>The link opens its record.</summary>
    Active,

    /// <summary>Somebody took the link back.</summary>
    Revoked,

    /// <summary>The time of the link is over.</summary>
    Expired,

    /// <summary>The record was downloaded as often as the link allows.</summary>
    UsedUp,
}

/// <summary>An address that opens one record without a key.</summary>
/// <param name="Id">The link's own id, which opens nothing.</param>
/// <param name="Record">The record.</param>
/// <param name="Inline">Whether a browser shows the record instead of saving it.</param>
/// <param name="CreatedAt">When the link was made.</param>
/// <param name="ExpiresAt">From when the link opens nothing.</param>
/// <param name="Downloads">How many downloads may begin; null: any number.</param>
/// <param name="Downloaded">How many downloads have begun.</param>
/// <param name="LastUsedAt">When the last counted download began; null before the first.</param>
/// <param name="RevokedAt">When the link was taken back, or null.</param>
public sealed record RecordLink(
    string Id,
    RecordId Record,
    bool Inline,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    int? Downloads,
    int Downloaded,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt
)
{
    /// <summary>The most links of one record that have not ended.</summary>
    public const int MostOfRecord = 100;

    /// <summary>How long after its beginning a counted download may be continued without being counted again.</summary>
    public static readonly TimeSpan ContinuedFor = TimeSpan.FromDays(1);

    /// <summary>How long a link that has expired is still told of.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    /// <summary>Whether the link opens its record.</summary>
    /// <param name="now">The time.</param>
    public LinkState StateAt(DateTimeOffset now) =>
        RevokedAt is not null ? LinkState.Revoked
        : now >= ExpiresAt ? LinkState.Expired
        : Downloaded >= Downloads ? LinkState.UsedUp
        : LinkState.Active;

    /// <summary>Whether a call goes on with a download that was counted: the call leaves out the beginning of the
    /// file.</summary>
    /// <param name="fromStart">Whether the call asks for the first byte.</param>
    /// <param name="now">The time.</param>
    public bool Continues(bool fromStart, DateTimeOffset now) =>
        !fromStart && LastUsedAt is { } last && now - last < ContinuedFor;
}
