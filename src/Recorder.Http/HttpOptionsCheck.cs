using Recorder.Http.Access;
using Recorder.Http.Settings;

namespace Recorder.Http;

/// <summary>
/// What is wrong with the options of the HTTP edge beyond the range of a single value, in sentences with the way out.
/// It looks at the options and at the files of keys only, so that a node says it before anything listens.
/// </summary>
public static class HttpOptionsCheck
{
    /// <summary>The sentences; none when the options are in order.</summary>
    /// <param name="options">The options.</param>
    public static IReadOnlyList<string> Problems(HttpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new List<string>();
        ApiKeyRing.Read(options.Keys, problems);
        AllowedOrigins.Read(options.AllowedOrigins, problems);
        var addresses = BindingRule.AddressesOf(options.Listen);
        if (addresses.Count == 0)
        {
            problems.Add($"{HttpOptions.Section}:Listen is empty; give an address such as http://127.0.0.1:34568.");
        }
        problems.AddRange(
            addresses.Select(address => BindingRule.Problem(address, options.Keys.Count > 0)).OfType<string>()
        );
        return problems;
    }
}
