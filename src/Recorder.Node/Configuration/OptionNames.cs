using System.Text;

namespace Recorder.Node.Configuration;

/// <summary>The names of keys in places where keys cannot be written unchanged. Pure.</summary>
internal static class OptionNames
{
    /// <summary>The prefix of all environment variables of the recorder.</summary>
    public const string EnvironmentPrefix = "RECORDER_";

    /// <summary>The name of a key on the command line, such as <c>--sessions-start-limit</c>.</summary>
    public static string OnCommandLine(string key) => "--" + Words(key, '-');

    /// <summary>The name of a key in the environment, such as <c>RECORDER_SESSIONS_START_LIMIT</c>.</summary>
    public static string InEnvironment(string key) => EnvironmentPrefix + Words(key, '_').ToUpperInvariant();

    private static string Words(string key, char separator)
    {
        var words = new StringBuilder();
        for (var i = 0; i < key.Length; i++)
        {
            var startsWord = i > 0 && char.IsUpper(key[i]) && key[i - 1] != ':' && char.IsLower(key[i - 1]);
            if (startsWord)
            {
                words.Append(separator);
            }
            words.Append(key[i] == ':' ? separator : char.ToLowerInvariant(key[i]));
        }

        return words.ToString();
    }
}
