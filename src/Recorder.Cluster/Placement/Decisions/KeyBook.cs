using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>The keys with which callers started sessions, each for a day. A key outlives its session's place in the
/// list. Pure.</summary>
internal sealed record KeyBook
{
    /// <summary>How long a key answers the same session.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>A book without keys.</summary>
    public static readonly KeyBook Empty = new();

    private ImmutableDictionary<string, KeptKey> ByKey { get; init; } =
        ImmutableDictionary.Create<string, KeptKey>(StringComparer.Ordinal);

    private ImmutableSortedSet<(DateTimeOffset At, string Key)> ByAge { get; init; } =
        ImmutableSortedSet.Create<(DateTimeOffset At, string Key)>(
            Comparer<(DateTimeOffset At, string Key)>.Create(
                (one, other) =>
                    one.At != other.At ? one.At.CompareTo(other.At) : string.CompareOrdinal(one.Key, other.Key)
            )
        );

    /// <summary>The keys, oldest first.</summary>
    public IEnumerable<KeptKey> Keys => ByAge.Select(key => ByKey[key.Key]);

    /// <summary>What a key was used for, unless that is more than a day ago.</summary>
    /// <param name="key">The caller's key.</param>
    /// <param name="now">The time.</param>
    public KeptKey? Find(string key, DateTimeOffset now) =>
        ByKey.TryGetValue(key, out var kept) && now - kept.At <= Lifetime ? kept : null;

    /// <summary>The book with a key, and without the keys that are more than a day older.</summary>
    public KeyBook Add(KeptKey key)
    {
        var book = Remove(key.Key, id: null);
        var (byKey, byAge) = (book.ByKey, book.ByAge);
        while (!byAge.IsEmpty && key.At - byAge.Min.At > Lifetime)
        {
            byKey = byKey.Remove(byAge.Min.Key);
            byAge = byAge.Remove(byAge.Min);
        }
        return new KeyBook { ByKey = byKey.SetItem(key.Key, key), ByAge = byAge.Add((key.At, key.Key)) };
    }

    /// <summary>The book without a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="id">The session that has to be the key's; null for whichever.</param>
    public KeyBook Remove(string key, SessionId? id) =>
        ByKey.TryGetValue(key, out var kept) && (id is null || kept.Id == id)
            ? new KeyBook { ByKey = ByKey.Remove(key), ByAge = ByAge.Remove((kept.At, key)) }
            : this;

    /// <summary>The mark of a request. Made of the written form: Uri calls two addresses equal that differ only behind
    /// the #, but they are different meetings.</summary>
    /// <param name="spec">What was asked for.</param>
    public static string MarkOf(SessionSpec spec) =>
        Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(spec with { Owner = null }, WireSerializer.Json))
        );
}
