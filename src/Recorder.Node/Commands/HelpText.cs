using System.CommandLine;
using System.CommandLine.Invocation;

using Recorder.Node.Hosting;

namespace Recorder.Node.Commands;

/// <summary>The help of <c>recorder</c> and <c>recorder run</c>: every option by section, with the comment and default of the configuration file.</summary>
internal sealed class HelpText : SynchronousCommandLineAction
{
    private const int Indent = 6;
    private const int NarrowestColumn = 40;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var console = parseResult.InvocationConfiguration.Output;
        Write(console, console == Console.Out && !Console.IsOutputRedirected ? Math.Max(Console.WindowWidth, NarrowestColumn) : 120);
        return 0;
    }

    /// <summary>Writes the help, wrapped to a width in characters.</summary>
    public static void Write(TextWriter output, int width)
    {
        output.WriteLine("""
            recorder: records web pages and meetings, told by HTTP.

            Usage: recorder [run] [options]     run one node until Ctrl-C or SIGTERM; run is what it does without a command
                   recorder calibrate [options]
                       measure how many recordings this host holds, and save it in the data folder; besides the options below:
                       --size WIDTHxHEIGHT (1920x1080)  --framerate NUMBER (25)
                       --duration DURATION of each measurement (30 s)  --max NUMBER of recordings (100)
                   recorder cluster show|status|leader|tail|leave|down|down-unreachable|drain [ADDRESS]
                   recorder cluster-sharding region-stats|list-shards
                   recorder sessions [--all]    recorder pressure
                       look at the farm of a running node and let members go; besides each, --url URL of a node (http://127.0.0.1:34568)
                       and --key-file FILE; drain also takes --limit SECONDS (600) and --undo; --help after a command tells more
                   recorder --version | --help

            Each option can stand in a file, in the environment or here; the later wins:
              appsettings.json beside the executable  <  --config FILE  <  environment  <  command line
            --sessions-start-limit 20s  is  RECORDER_SESSIONS_START_LIMIT=20s  or  RECORDER_Sessions__StartLimit=20s  in the environment,
            and "Sessions": { "StartLimit": "20 s" } inside "Recorder" in a file.

            Most used:
              --config FILE
            """);
        Paragraph(output, "A configuration file in the form of appsettings.json, with only what differs.", width);
        foreach (var shorthand in Shorthand.All)
        {
            output.WriteLine($"  {shorthand.CommandLineName} {shorthand.Argument}");
            Paragraph(output, shorthand.Comment, width);
        }

        var section = "";
        foreach (var entry in OptionReference.Read())
        {
            var option = RecorderSettings.Options.Single(candidate => candidate.Key == entry.Key);
            var heading = entry.Key.Contains(':', StringComparison.Ordinal) ? entry.Key[..entry.Key.LastIndexOf(':')] : "The node";
            if (heading != section)
            {
                output.WriteLine();
                output.WriteLine($"{heading}:");
                section = heading;
            }

            output.WriteLine(option.IsScalar ? $"  {option.CommandLineName} {Argument(option.Type)}" : $"  {option.Key} (a list: in a file or in the environment, RECORDER_{option.Key.Replace(":", "__", StringComparison.Ordinal)}__0 and on)");
            Paragraph(output, $"{entry.Comment} [default: {(entry.Value.Length == 0 ? option.IsScalar ? "empty" : "none" : entry.Value)}]", width);
        }

        output.WriteLine();
        output.WriteLine("recorder pipeline is the worker that writes one record; a node starts it by itself.");
    }

    private static string Argument(Type type) => type == typeof(TimeSpan) ? "DURATION"
        : type == typeof(string) ? "TEXT"
        : type == typeof(bool) ? "true|false"
        : type.IsEnum ? "WORD"
        : "NUMBER";

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
