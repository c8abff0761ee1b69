using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Recorder.Node.Configuration;
using Recorder.Node.Tests.Repository;

namespace Recorder.Node.Tests.Configuration;

/// <summary>
/// What is written about options outside the code, made from what their properties state: <c>appsettings.json</c> and
/// the tables of <c>docs/operations.md</c>. With <c>RECORDER_WRITE_OPTIONS=1</c> the tests write both.
/// </summary>
internal static partial class OptionDocuments
{
    private const int CommentWidth = 120;
    private const string TablesBegin =
        "<!-- The tables follow from the properties of the options; CONTRIBUTING.md says how they are written. -->";
    private const string TablesEnd = "<!-- The end of the tables. -->";

    /// <summary>The commented configuration file.</summary>
    public static string FilePath { get; } = RepositoryRoot.Of("src/Recorder.Node/appsettings.json");

    /// <summary>The page with the tables.</summary>
    public static string PagePath { get; } = RepositoryRoot.Of("docs/operations.md");

    /// <summary>Writes both where that is asked for.</summary>
    public static void WriteIfAsked()
    {
        if (Environment.GetEnvironmentVariable("RECORDER_WRITE_OPTIONS") != "1")
        {
            return;
        }
        File.WriteAllText(FilePath, Settings());
        File.WriteAllText(PagePath, Page());
    }

    /// <summary>The file as it must be. The text before the first brace is the file's own.</summary>
    public static string Settings()
    {
        var now = File.ReadAllText(FilePath);
        var file = new StringBuilder(now[..now.IndexOf("\n{", StringComparison.Ordinal)]).Append(
            "\n{\n  \"Recorder\": {\n"
        );
        var section = "";
        foreach (var option in RecorderSettings.Options)
        {
            var name = SectionOf(option);
            if (option != RecorderSettings.Options[0])
            {
                file.Append(name != section && section.Length > 0 ? "\n    },\n\n" : ",\n\n");
            }
            if (name != section && name.Length > 0)
            {
                Comment(file, "    ", option.SectionText);
                file.Append(CultureInfo.InvariantCulture, $"    \"{name}\": {{\n");
            }

            section = name;
            var indent = name.Length == 0 ? "    " : "      ";
            Comment(file, indent, option.Text + ValuesSentence(option));
            file.Append(
                CultureInfo.InvariantCulture,
                $"{indent}\"{option.Key[(option.Key.LastIndexOf(':') + 1)..]}\": {Json(option)}"
            );
        }

        return file.Append(section.Length > 0 ? "\n    }" : "").Append("\n  }\n}\n").ToString();
    }

    /// <summary>The page as it must be. What stands outside the tables is the page's own.</summary>
    public static string Page()
    {
        var now = File.ReadAllText(PagePath);
        return now[..(now.IndexOf(TablesBegin, StringComparison.Ordinal) + TablesBegin.Length)]
            + "\n"
            + Tables()
            + now[now.IndexOf(TablesEnd, StringComparison.Ordinal)..];
    }

    private static string Tables()
    {
        var tables = new StringBuilder();
        foreach (var section in RecorderSettings.Options.GroupBy(SectionOf))
        {
            var title = section.Key.Length == 0 ? "The node." : $"`{section.Key}`: {section.First().SectionText}";
            tables.Append(
                CultureInfo.InvariantCulture,
                $"\n{title}\n\n| option | default | values | what for |\n|---|---|---|---|\n"
            );
            foreach (var option in section)
            {
                var usual =
                    option.DefaultText.Length > 0 ? $"`{option.DefaultText}`"
                    : option.IsScalar ? "empty"
                    : "none";
                var text = option.Text + (option.EarlierText is { } earlier ? " " + earlier : "");
                tables.Append(
                    CultureInfo.InvariantCulture,
                    $"| `{option.Key}` | {usual} | {option.Values} | {text.Replace("|", "\\|", StringComparison.Ordinal)} |\n"
                );
            }
        }

        foreach (var map in RecorderSettings.Options.Where(option => option.IsMap))
        {
            tables.Append(
                CultureInfo.InvariantCulture,
                $"\nEach of `{map.Key}`, under its name.\n\n| option | default | values | what for |\n|---|---|---|---|\n"
            );
            foreach (var option in map.Inner)
            {
                tables.Append(
                    CultureInfo.InvariantCulture,
                    $"| `{map.Key}:NAME:{option.Key}` | {(option.DefaultText.Length > 0 ? $"`{option.DefaultText}`" : "empty")} | {option.Values} | {option.Text.Replace("|", "\\|", StringComparison.Ordinal)} |\n"
                );
            }
        }

        return tables.Append('\n').ToString();
    }

    private static string SectionOf(RecorderOption option) =>
        option.Key.Contains(':', StringComparison.Ordinal) ? option.Key[..option.Key.LastIndexOf(':')] : "";

    private static string ValuesSentence(RecorderOption option) =>
        option.Values is not { } values || option.Type == typeof(bool) ? ""
        : option.Type.IsEnum ? $" One of {values}."
        : $" {values}.";

    private static string Json(RecorderOption option) =>
        option.IsMap ? "{}"
        : option.IsList ? "[]"
        : option.Type.IsPrimitive ? option.DefaultText
        : $"\"{option.DefaultText}\"";

    private static void Comment(StringBuilder file, string indent, string text)
    {
        var line = new StringBuilder();
        // A number and its unit stay on one line.
        string?[] words =
        [
            .. NumberBeforeUnit().Replace(text, "$1\u00a0$2").Split(' ').Select(word => word.Replace('\u00a0', ' ')),
            null,
        ];
        foreach (var word in words)
        {
            if (line.Length > 0 && (word is null || indent.Length + line.Length + 1 + word.Length > CommentWidth))
            {
                file.Append(indent).Append(line).Append('\n');
                line.Clear();
            }

            if (word is not null)
            {
                line.Append(line.Length == 0 ? "// " : " ").Append(word);
            }
        }
    }

    [GeneratedRegex(@"(\d) ([a-zA-Z%]{1,3}\b|%)")]
    private static partial Regex NumberBeforeUnit();
}
