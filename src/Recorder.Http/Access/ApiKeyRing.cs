using System.Security.Cryptography;
using System.Text;

namespace Recorder.Http.Access;

/// <summary>The keys that this node knows at one moment.</summary>
/// <param name="keys">The keys of the options and of the keys file.</param>
/// <param name="local">The node's own key, for commands on this machine; null: there is none.</param>
/// <param name="keylessLoopback">Whether callers on this machine need no key where there are no
/// <paramref name="keys"/>.</param>
internal sealed class ApiKeyRing(IReadOnlyList<ApiKey> keys, ApiKey? local = null, bool keylessLoopback = true)
{
    private readonly ApiKey[] _all = local is null ? [.. keys] : [.. keys, local];

    /// <summary>Whether there are no keys but the node's own. Such a node answers on loopback only.</summary>
    public bool IsEmpty => keys.Count == 0;

    /// <summary>Whether calls need no key.</summary>
    public bool Keyless => IsEmpty && keylessLoopback;

    /// <summary>The keys of the options and of the keys file.</summary>
    public IReadOnlyList<ApiKey> Keys => keys;

    /// <summary>Whether all keys below <see cref="Settings.ApiScope.Admin"/> have the same owner, so that there is nobody
    /// to keep a session from: a key of the scope Admin sees every session anyhow. A meeting server and its operator
    /// are such a pair.</summary>
    public bool HasOneOwner { get; } =
        keys.Where(IsRestricted).Select(key => key.Owner).Distinct(StringComparer.Ordinal).Count() <= 1;

    /// <summary>The names of the keys that see only their owner's sessions.</summary>
    public IEnumerable<string> Restricted => HasOneOwner ? [] : keys.Where(IsRestricted).Select(key => key.Name);

    /// <summary>
    /// Finds a presented key; null when the key is unknown. Every known key is compared, each in constant time over
    /// hashes of equal length. The time taken therefore does not reveal which key was nearly right.
    /// </summary>
    public ApiKey? Find(string presented)
    {
        var hash = HashOf(presented);
        ApiKey? found = null;
        foreach (var key in _all)
        {
            if (CryptographicOperations.FixedTimeEquals(key.Hash, hash))
            {
                found = key;
            }
        }

        return found;
    }

    /// <summary>The key of today that has the same text as a key; null when there is none.</summary>
    /// <param name="key">A key of this node, of today or before.</param>
    public ApiKey? Find(ApiKey key) => _all.FirstOrDefault(known => known.Hash.AsSpan().SequenceEqual(key.Hash));

    /// <summary>The hash by which a key is known.</summary>
    /// <param name="key">The key.</param>
    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static bool IsRestricted(ApiKey key) => key.Scope < Settings.ApiScope.Admin;
}
