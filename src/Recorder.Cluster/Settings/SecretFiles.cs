using System.Text;

namespace Recorder.Cluster.Settings;

/// <summary>
/// The secrets that starts name by <c>{"secret": "NAME"}</c>. The journal holds the name only. A file is read when its
/// secret is needed, so that a new secret counts without a restart.
/// </summary>
public sealed class SecretFiles
{
    private readonly IReadOnlyDictionary<string, SecretOptions> _options;

    /// <summary>The secrets of the options.</summary>
    /// <param name="options">The options by the names of the secrets.</param>
    public SecretFiles(IReadOnlyDictionary<string, SecretOptions> options)
    {
        _options = options;
        Names = [.. options.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>The longest secret, in bytes.</summary>
    public const int Longest = 64 * 1024;

    /// <summary>The longest name, in characters.</summary>
    public const int LongestName = 64;

    /// <summary>No secrets.</summary>
    public static SecretFiles None { get; } = new(new Dictionary<string, SecretOptions>(StringComparer.Ordinal));

    /// <summary>The names, in the order of their characters.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The secrets of the options.</summary>
    /// <param name="options">The options by name.</param>
    public static SecretFiles Of(IDictionary<string, SecretOptions> options) =>
        new(options.ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal));

    /// <summary>Whether a text can be the name of a secret: letters, digits, hyphens, underscores.</summary>
    /// <param name="name">The text.</param>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= LongestName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }

    /// <summary>Whether there is a secret of a name.</summary>
    /// <param name="name">The name.</param>
    public bool Has(string name) => _options.ContainsKey(name);

    /// <summary>Whether a secret may be given to pages of a host.</summary>
    /// <param name="name">The secret's name.</param>
    /// <param name="host">The host, as <see cref="Uri.IdnHost"/>.</param>
    public bool IsFor(string name, string host) =>
        _options.TryGetValue(name, out var option)
        && option.EachHost.Any(known =>
            known == "*"
            || known.Equals(host, StringComparison.OrdinalIgnoreCase)
            || (
                known.StartsWith("*.", StringComparison.Ordinal)
                && host.EndsWith(known[1..], StringComparison.OrdinalIgnoreCase)
            )
        );

    /// <summary>Reads a secret.</summary>
    /// <param name="name">The secret's name.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="IOException">There is no such secret on this node, or its file cannot be read; the message is a
    /// sentence for people without the secret.</exception>
    public async Task<string> ReadAsync(string name, CancellationToken cancellation)
    {
        if (!_options.TryGetValue(name, out var option))
        {
            throw new IOException(
                $"This node has no secret {name}. Give its file by Secrets:{name}:File on every node of the farm."
            );
        }
        var path = option.File;
        try
        {
            if (new FileInfo(path).Length > Longest)
            {
                throw new IOException($"The file of the secret {name}, {path}, has more than {Longest} bytes.");
            }
            return (await File.ReadAllTextAsync(path, Encoding.UTF8, cancellation)).TrimEnd();
        }
        catch (Exception error) when (error is FileNotFoundException or UnauthorizedAccessException)
        {
            throw new IOException($"The file of the secret {name} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>What is wrong with the secrets of the options, a sentence for each mistake.</summary>
    /// <param name="options">The options by name.</param>
    public static IEnumerable<string> ProblemsOf(IDictionary<string, SecretOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var (name, option) in options)
        {
            if (!IsName(name))
            {
                yield return $"Secrets has the name {name}; a name has 1 to {LongestName} letters, digits, - and _.";
            }
            else if (!Path.IsPathFullyQualified(option.File))
            {
                yield return $"Secrets:{name} needs a File, an absolute path.";
            }
            else if (!option.EachHost.Any())
            {
                yield return $"Secrets:{name} needs Hosts, the hosts whose pages may get the secret, such as meet.example.org; * is every page.";
            }
            else if (!File.Exists(option.File))
            {
                yield return $"Secrets:{name}:File is {option.File}, which is not there or cannot be reached by the node's user.";
            }
            else if ((File.GetUnixFileMode(option.File) & UnixFileMode.OtherRead) != 0)
            {
                yield return $"Every user of this machine can read the secret in {option.File}: take that right away with chmod o-r {option.File}.";
            }
        }
    }
}
