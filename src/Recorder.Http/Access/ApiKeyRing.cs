using System.Security.Cryptography;
using System.Text;
using Recorder.Cluster.Settings;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>A key in memory. Only the hash is kept, so that the key itself exists only in the configuration.</summary>
internal sealed record ApiKey(string Name, ApiScope Scope, byte[] Hash)
{
    /// <summary>Whose sessions the key starts and sees.</summary>
    public string Owner { get; init; } = Name;
}

/// <summary>The keys that this node knows.</summary>
internal sealed class ApiKeyRing(IReadOnlyList<ApiKey> keys)
{
    /// <summary>Whether there are no keys, so that calls need none.</summary>
    public bool IsEmpty => keys.Count == 0;

    /// <summary>Whether all keys below <see cref="ApiScope.Admin"/> have the same owner, so that there is nobody to keep
    /// a session from: a key of the scope Admin sees every session anyhow. A meeting server and its operator are such a
    /// pair.</summary>
    public bool HasOneOwner { get; } =
        keys.Where(key => key.Scope < ApiScope.Admin).Select(key => key.Owner).Distinct(StringComparer.Ordinal).Count()
        <= 1;

    /// <summary>The names of the keys that see only their owner's sessions.</summary>
    public IEnumerable<string> Restricted =>
        HasOneOwner ? [] : keys.Where(key => key.Scope < ApiScope.Admin).Select(key => key.Name);

    /// <summary>
    /// Finds a presented key; null when the key is unknown. Every known key is compared, each in constant time over
    /// hashes of equal length. The time taken therefore does not reveal which key was nearly right.
    /// </summary>
    public ApiKey? Find(string presented)
    {
        var hash = HashOf(presented);
        ApiKey? found = null;
        foreach (var key in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(key.Hash, hash))
            {
                found = key;
            }
        }

        return found;
    }

    /// <summary>Reads the keys of the options. Mistakes come back as sentences; no sentence shows a key.</summary>
    public static ApiKeyRing Read(IEnumerable<ApiKeyOptions> options, ICollection<string> problems)
    {
        var keys = new List<ApiKey>();
        foreach (var (option, index) in options.Select((option, index) => (option, index)))
        {
            var at = $"{HttpOptions.Section}:Keys:{index}";
            if (string.IsNullOrWhiteSpace(option.Name))
            {
                problems.Add($"{at} has no Name; name who the key belongs to.");
            }
            else if (!Enum.IsDefined(option.Scope))
            {
                problems.Add($"{at} has an unknown Scope; it must be Read, Record or Admin.");
            }
            else if (Text(option, at, problems) is { } text)
            {
                Add(
                    new ApiKey(option.Name, option.Scope, HashOf(text))
                    {
                        Owner = string.IsNullOrWhiteSpace(option.Owner) ? option.Name : option.Owner,
                    },
                    at
                );
            }
        }

        return new ApiKeyRing(keys);

        void Add(ApiKey key, string at)
        {
            if (keys.Find(known => CryptographicOperations.FixedTimeEquals(known.Hash, key.Hash)) is { } twin)
            {
                problems.Add($"{at} ({key.Name}) is the same key as that of {twin.Name}; give each its own.");
            }
            else
            {
                keys.Add(key);
            }
        }
    }

    private static string? Text(ApiKeyOptions option, string at, ICollection<string> problems)
    {
        var text = SecretOrFile.Read(option.Key, option.KeyFile, $"{at} ({option.Name})", nameof(option.Key), problems);
        if (text is null)
        {
            return null;
        }
        if (text.Length >= ApiKeyOptions.MinimumKeyLength && text.All(c => c is > ' ' and <= '~'))
        {
            return text;
        }
        problems.Add(
            $"{at} ({option.Name}) has a key that is too weak or cannot be sent; "
                + $"it must have at least {ApiKeyOptions.MinimumKeyLength} printable ASCII characters and no spaces."
        );
        return null;
    }

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
