namespace Recorder.Cluster.Settings;

/// <summary>Reads a secret of the options that is given either as text or by a file that contains only the
/// secret.</summary>
public static class SecretOrFile
{
    /// <summary>Reads the secret; null when that is not possible.</summary>
    /// <param name="text">The secret, or nothing.</param>
    /// <param name="file">The file, or nothing.</param>
    /// <param name="at">The place in the options and whose secret it is, for people.</param>
    /// <param name="option">The name of the option of the text; that of the file has <c>File</c> behind it.</param>
    /// <param name="problems">Gets a sentence for each mistake. No sentence shows a secret.</param>
    public static string? Read(string? text, string? file, string at, string option, ICollection<string> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (string.IsNullOrEmpty(text) == string.IsNullOrEmpty(file))
        {
            problems.Add($"{at} must have either {option} or {option}File.");
            return null;
        }
        if (!string.IsNullOrEmpty(text))
        {
            return text;
        }
        try
        {
            return File.ReadAllText(file!).Trim();
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems.Add($"{at} names the {option}File {file}, which cannot be read: {error.Message}");
            return null;
        }
    }
}
