using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>Who makes a call, once the access rules have let the call pass.</summary>
/// <param name="Owner">Whose sessions the key starts and sees; null: the call was made without a key.</param>
/// <param name="Scope">The scope of the key; <see cref="ApiScope.Admin"/> without a key.</param>
/// <param name="SeesOthers">Whether the caller sees the sessions of other owners.</param>
/// <param name="OwnsAll">Whether every session counts as the caller's own.</param>
internal sealed record Caller(string? Owner, ApiScope Scope, bool SeesOthers, bool OwnsAll)
{
    private const string Item = "Recorder.Caller";

    private static readonly Caller WithoutKey = new(null, ApiScope.Admin, SeesOthers: true, OwnsAll: true);

    /// <summary>The key of the call; null: the call was made without a key.</summary>
    public ApiKey? Key { get; private init; }

    /// <summary>What the key of the call may use.</summary>
    public KeyLimits Limits => Key?.Limits ?? KeyLimits.None;

    /// <summary>The only owner whose sessions the caller sees; null: the caller sees every session.</summary>
    public string? Only => SeesOthers ? null : Owner;

    /// <summary>
    /// Whether the caller may see whole addresses of a session. The query of such an address is often enough to enter a
    /// meeting, so only an owner or an Admin sees the query, and no key of the scope <see cref="ApiScope.Read"/>.
    /// </summary>
    /// <param name="session">What the session records.</param>
    public bool SeesWholeAddresses(SessionSpec session) =>
        Scope == ApiScope.Admin
        || (Scope == ApiScope.Record && (OwnsAll || (session.Owner is { } owner && owner == Owner)));

    /// <summary>The caller of a call. A call that needs no key, such as one by a link, has its own rules.</summary>
    /// <param name="context">The call; null outside of calls.</param>
    public static Caller Of(HttpContext? context) => context?.Items[Item] as Caller ?? WithoutKey;

    /// <summary>Notes who makes a call.</summary>
    /// <param name="context">The call.</param>
    /// <param name="key">The key of the call.</param>
    /// <param name="keys">All keys.</param>
    /// <param name="shared">Whether all keys share their sessions.</param>
    public static void Note(HttpContext context, ApiKey key, ApiKeyRing keys, bool shared) =>
        context.Items[Item] = Made(key, keys, shared);

    /// <summary>Who calls with a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="keys">All keys.</param>
    /// <param name="shared">Whether all keys share their sessions.</param>
    public static Caller Made(ApiKey key, ApiKeyRing keys, bool shared) =>
        new(key.Owner, key.Scope, shared || keys.HasOneOwner || key.Scope == ApiScope.Admin, keys.HasOneOwner)
        {
            Key = key,
        };
}
