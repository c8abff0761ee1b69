using Recorder.Http.Access;
using Recorder.Http.Settings;
using Recorder.Http.Tls;

namespace Recorder.Http;

/// <summary>
/// Finds mistakes in the options of the HTTP edge beyond the range of a single value, as sentences with the way out.
/// The check reads only the options and the files of keys, so a node can report mistakes before anything listens.
/// </summary>
public static class HttpOptionsCheck
{
    /// <summary>The sentences; none when the options are correct.</summary>
    /// <param name="options">The options.</param>
    public static IReadOnlyList<string> Problems(HttpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new List<string>();
        var keys = KeyReader.Read(options);
        problems.AddRange(keys.Problems);
        AllowedOrigins.Read(options.AllowedOrigins, problems);
        ServerCertificate.Read(options, TimeProvider.System.GetUtcNow(), problems);
        var addresses = BindingRule.AddressesOf(options.Listen);
        if (addresses.Count == 0)
        {
            problems.Add($"{HttpOptions.Section}:Listen is empty; give an address such as http://127.0.0.1:34568.");
        }
        ProxyList.Read(options.Proxies, problems);
        var hasKeys = options.Keys.Count > 0 || options.KeysFile.Length > 0;
        problems.AddRange(
            addresses
                .Select(address => BindingRule.Problem(address, hasKeys, options.BehindProxy))
                .OfType<string>()
        );
        return problems;
    }
}
