using Recorder.Node.Configuration;

namespace Recorder.Node.Commands;

/// <summary><c>recorder help options</c>: every option by section, with its text, values and default.</summary>
internal static class OptionsHelp
{
    private const int Indent = 6;
    private const int NarrowestColumn = 40;
    private const int UsualWidth = 120;

    /// <summary>The width of the help, in characters; on a terminal, the terminal's width.</summary>
    /// <param name="output">The output of the help.</param>
    public static int WidthOf(TextWriter output) =>
        output == Console.Out && !Console.IsOutputRedirected
            ? Math.Max(Console.WindowWidth, NarrowestColumn)
            : UsualWidth;

    /// <summary>Writes the help, wrapped to a width in characters.</summary>
    public static void Write(TextWriter output, int width)
    {
        output.WriteLine(
            """
            The options of recorder run. recorder calibrate takes them too.

            Each option can stand in a file, in the environment or on the command line; the later wins:
              appsettings.json beside the executable  <  --config FILE  <  environment  <  command line
            --sessions-start-limit 20s  is  RECORDER_SESSIONS_START_LIMIT=20s  or  RECORDER_Sessions__StartLimit=20s  in the environment,
            and "Sessions": { "StartLimit": "20 s" } inside "Recorder" in a file.

            Short names:
            """
        );
        output.WriteLine($"  {SettingsOptions.ConfigName} {SettingsOptions.ConfigArgument}");
        Paragraph(output, SettingsOptions.ConfigComment, width);
        foreach (var shorthand in Shorthand.All)
        {
            output.WriteLine($"  {shorthand.CommandLineName} {shorthand.Argument}");
            Paragraph(
                output,
                $"{shorthand.Comment} [default: {(shorthand.Default.Length == 0 ? "empty" : shorthand.Default)}]",
                width
            );
        }

        var section = "";
        foreach (var option in RecorderSettings.Options)
        {
            var heading = option.Key.Contains(':', StringComparison.Ordinal)
                ? option.Key[..option.Key.LastIndexOf(':')]
                : "The node";
            if (heading != section)
            {
                output.WriteLine();
                output.WriteLine($"{heading}:{(option.SectionText.Length > 0 ? " " + option.SectionText : "")}");
                section = heading;
            }

            output.WriteLine(
                option.IsScalar ? $"  {option.CommandLineName} {OptionValues.ArgumentOf(option.Type)}"
                : option.IsWords ? $"  {option.CommandLineName} LIST"
                : option.IsMap
                    ? $"  {option.Key} (by name: in a file or in the environment, RECORDER_{option.Key}__NAME__{option.Inner.First().Key} and so on)"
                    : $"  {option.Key} (a list: in a file or in the environment, RECORDER_{option.Key.Replace(":", "__", StringComparison.Ordinal)}__0 and on)"
            );
            Paragraph(
                output,
                $"{option.Text}{(option.EarlierText is { } earlier ? " " + earlier : "")} {Facts(option)}",
                width
            );
            foreach (var inner in option.Inner)
            {
                output.WriteLine($"  {option.Key}:NAME:{inner.Key}");
                Paragraph(output, $"{inner.Text} {Facts(inner)}", width);
            }
        }
    }

    /// <summary>The values that an option accepts, and its default.</summary>
    private static string Facts(RecorderOption option)
    {
        var usual =
            option.DefaultText.Length > 0 ? option.DefaultText
            : option.IsScalar ? "empty"
            : "none";
        return $"[{(option.Values is { } values ? $"{values}; " : "")}default: {usual}]";
    }

    private static void Paragraph(TextWriter output, string text, int width)
    {
        var column = 0;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > 0 && Indent + column + 1 + word.Length > width)
            {
                output.WriteLine();
                column = 0;
            }

            output.Write(column == 0 ? new string(' ', Indent) : " ");
            output.Write(word);
            column += word.Length + (column == 0 ? 0 : 1);
        }

        output.WriteLine();
    }
}
