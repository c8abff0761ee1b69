using System.Globalization;
using System.Security.Cryptography;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>
/// Reads the keys of the options and of the keys file. Mistakes and dangers come back as sentences; no sentence shows a
/// key.
/// </summary>
internal sealed class KeyReader
{
    private const string HashMark = "sha256:";

    private readonly List<ApiKey> _keys = [];
    private readonly List<string> _files = [];
    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];

    private KeyReader() { }

    /// <summary>The keys without a mistake.</summary>
    public IReadOnlyList<ApiKey> Keys => _keys;

    /// <summary>The files that were read, or that could not be read.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>The mistakes. A node does not start with a mistake.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>The dangers. A node starts with a danger, and says so.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Reads all keys.</summary>
    /// <param name="options">The options.</param>
    public static KeyReader Read(HttpOptions options)
    {
        var reader = new KeyReader();
        reader.Add(options.Keys, $"{HttpOptions.Section}:Keys:");
        if (options.KeysFile.Length > 0)
        {
            reader._files.Add(options.KeysFile);
            var before = reader._problems.Count;
            var entries = KeysFile.Read(options.KeysFile, reader._problems);
            reader.Add(entries, $"{options.KeysFile}: entry ");
            if (entries.Count == 0 && reader._problems.Count == before)
            {
                reader._problems.Add(
                    $"{HttpOptions.Section}:KeysFile {options.KeysFile} has no key; add one with recorder keys new NAME --file {options.KeysFile}."
                );
            }
        }
        return reader;
    }

    private void Add(IEnumerable<ApiKeyOptions> entries, string place)
    {
        foreach (var (index, entry) in entries.Index())
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"{place}{index}");
            if (string.IsNullOrWhiteSpace(entry.Name))
            {
                _problems.Add($"{at} has no Name; name who the key belongs to.");
            }
            else if (!Enum.IsDefined(entry.Scope))
            {
                _problems.Add($"{at} has an unknown Scope; it must be Read, Record or Admin.");
            }
            else
            {
                at = $"{at} ({entry.Name})";
                var (limits, end) = (LimitsOf(entry, at), EndOf(entry, at));
                if (HashOf(entry, at) is { } hash && limits is not null)
                {
                    Add(
                        new ApiKey(entry.Name, entry.Scope, hash)
                        {
                            Owner = string.IsNullOrWhiteSpace(entry.Owner) ? entry.Name : entry.Owner,
                            End = end,
                            Limits = limits,
                        },
                        at
                    );
                }
            }
        }
    }

    private void Add(ApiKey key, string at)
    {
        if (_keys.Find(known => CryptographicOperations.FixedTimeEquals(known.Hash, key.Hash)) is { } twin)
        {
            _problems.Add($"{at} is the same key as that of {twin.Name}; give each its own.");
        }
        else
        {
            _keys.Add(key);
        }
    }

    private byte[]? HashOf(ApiKeyOptions entry, string at)
    {
        if (
            new[] { entry.Key, entry.KeyFile, entry.Sha256 }.Count(given => !string.IsNullOrEmpty(given)) != 1
        )
        {
            _problems.Add($"{at} must have either Key or KeyFile, or Sha256, and no two of them.");
            return null;
        }
        if (!string.IsNullOrEmpty(entry.Sha256))
        {
            return FromHex(entry.Sha256.Trim(), at, "Sha256");
        }
        if (!string.IsNullOrEmpty(entry.KeyFile))
        {
            _files.Add(entry.KeyFile);
        }
        var text = SecretOrFile.Read(entry.Key, entry.KeyFile, at, nameof(entry.Key), _problems);
        if (text is null)
        {
            return null;
        }
        if (!string.IsNullOrEmpty(entry.KeyFile))
        {
            if (text.StartsWith(HashMark, StringComparison.OrdinalIgnoreCase))
            {
                return FromHex(text, at, $"the file {entry.KeyFile}");
            }
            if (KeysFile.IsReadByOthers(entry.KeyFile))
            {
                _warnings.Add(
                    $"Every user of this machine can read the API key in {entry.KeyFile}: take that right away with chmod o-r {entry.KeyFile}, or put {HashMark} and the key's SHA-256 into the file."
                );
            }
        }
        if (text.Length >= ApiKeyOptions.MinimumKeyLength && text.All(c => c is > ' ' and <= '~'))
        {
            return ApiKeyRing.HashOf(text);
        }
        _problems.Add(
            $"{at} has a key that is too weak or cannot be sent; "
                + $"it must have at least {ApiKeyOptions.MinimumKeyLength} printable ASCII characters and no spaces."
        );
        return null;
    }

    private byte[]? FromHex(string text, string at, string where)
    {
        var digits = text.StartsWith(HashMark, StringComparison.OrdinalIgnoreCase) ? text[HashMark.Length..] : text;
        if (digits.Length == 2 * SHA256.HashSizeInBytes && digits.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(digits);
        }
        _problems.Add(
            $"{at} has no SHA-256 in {where}; it must be 64 hexadecimal digits, as printf %s KEY | sha256sum prints."
        );
        return null;
    }

    private KeyLimits? LimitsOf(ApiKeyOptions entry, string at)
    {
        var before = _problems.Count;
        foreach (
            var (name, value) in new[]
            {
                (nameof(entry.MaxSessions), entry.MaxSessions),
                (nameof(entry.StartsPerMinute), entry.StartsPerMinute),
                (nameof(entry.MaxPixelRate), entry.MaxPixelRate),
                (nameof(entry.MaxDuration), entry.MaxDuration.Ticks),
            }
        )
        {
            if (value < 0)
            {
                _problems.Add($"{at} has a {name} below zero; leave {name} out where there is no limit.");
            }
        }
        if (entry.MaxDuration > TimeSpan.Zero && entry.MaxDuration < TimeSpan.FromSeconds(1))
        {
            _problems.Add($"{at} has a MaxDuration below 1 s, in which no session can record.");
        }
        foreach (var label in entry.Labels.Where(label => !SessionLabel.IsKey(label)))
        {
            _problems.Add(
                $"{at} asks for the label \"{label}\", which no session can have; a label's key has 1 to {SpecLimits.MaximumLabelKeyLength} characters of a-z, 0-9, dot, dash and underscore."
            );
        }
        return _problems.Count == before
            ? new KeyLimits
            {
                Sessions = entry.MaxSessions,
                StartsPerMinute = entry.StartsPerMinute,
                PixelRate = entry.MaxPixelRate,
                Duration = entry.MaxDuration,
                Labels = [.. entry.Labels.Distinct(StringComparer.Ordinal)],
            }
            : null;
    }

    private DateTimeOffset? EndOf(ApiKeyOptions entry, string at)
    {
        if (string.IsNullOrWhiteSpace(entry.NotAfter))
        {
            return null;
        }
        if (KeysFile.EndOf(entry.NotAfter) is { } end)
        {
            return end;
        }
        _problems.Add(
            $"{at} has the NotAfter \"{entry.NotAfter}\", which is no time; write a date such as 2027-06-30, or a time such as 2027-06-30T12:00:00Z."
        );
        return null;
    }
}
