namespace Recorder.Node.Configuration;

/// <summary>
/// Finds the option that a key of a configuration source sets, or says in a sentence that there is no such option. A
/// setting that silently does nothing is worse than a node that does not start.
/// </summary>
internal static class OptionChecks
{
    /// <summary>The option of a key; null, with a sentence about the reason, when there is no such option.</summary>
    /// <param name="key">The key below the section <c>Recorder</c>.</param>
    /// <param name="source">The source of the key, such as a file's name.</param>
    /// <param name="problem">The sentence.</param>
    public static RecorderOption? Find(string key, string source, out string? problem)
    {
        var option = RecorderSettings.Options.FirstOrDefault(candidate => candidate.PartAt(key) is not null);
        problem = option is null
            ? $"{source} sets {key}, and there is no such option.{Suggestion(key)} recorder help options lists all options."
            : null;
        return option;
    }

    /// <summary>The option's former key that matches a key; null when the key is no former key.</summary>
    /// <param name="key">The key below the section <c>Recorder</c>.</param>
    public static FormerKey? FindFormer(string key) =>
        RecorderSettings
            .Options.SelectMany(option => option.Former)
            .FirstOrDefault(former => former.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    private static string Suggestion(string key)
    {
        var name = key[(key.LastIndexOf(':') + 1)..];
        var near = RecorderSettings
            .Options.Select(option => option.Key)
            .Where(known =>
                string.Equals(known[(known.LastIndexOf(':') + 1)..], name, StringComparison.OrdinalIgnoreCase)
            )
            .ToList();
        return near.Count == 0 ? "" : $" Is {string.Join(" or ", near)} meant?";
    }
}
