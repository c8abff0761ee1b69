using System.Globalization;
using System.Text.Json;
using Recorder.Http.Answers;
using Spectre.Console;

namespace Recorder.Node.Commands;

/// <summary>Shows one session to a person: as tables, and as the one line of a session that is watched.</summary>
internal static class SessionDisplay
{
    /// <summary>A console on a writer of the command line. Colours and width are those of the terminal, if there is
    /// a terminal.</summary>
    public static IAnsiConsole ConsoleOn(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
        {
            // Nothing is wrapped in a file or a pipe.
            console.Profile.Width = 1000;
        }
        return console;
    }

    /// <summary>Writes all that is known about a session.</summary>
    public static void Show(IAnsiConsole console, SessionAnswer session)
    {
        console.Write(
            Rows(
                ("session", Whole(session.Id)),
                ("state", $"{Word(session.State)} since {Time(session.Since)}"),
                ("node", session.Node),
                ("attempt", Whole(session.Attempt)),
                ("endpoint", session.Endpoint is { } endpoint ? $"{endpoint.Host}:{endpoint.RtpPort}" : null),
                ("paused since", session.PausedSince is { } paused ? Time(paused) : null),
                ("frames", session.Capture is { } capture ? FramesOf(capture) : null)
            )
        );
        Write(
            console,
            "output",
            ["state", "target", "frames", "reason"],
            session.Outputs.Select(output =>
                (string[])[output.Id, Word(output.State), output.Target, Whole(output.FramesSent), output.Reason ?? ""]
            )
        );
        Write(
            console,
            "record",
            ["state", "duration", "size"],
            session.Records.Select(record =>
                (string[])
                    [
                        record.Path,
                        record.Away is not null ? "away"
                            : record.Finished ? "finished"
                            : "growing",
                        record.DurationSeconds is { } seconds ? Length(TimeSpan.FromSeconds(seconds)) : "",
                        record.Bytes is { } bytes ? Size(bytes) : "",
                    ]
            )
        );
        Write(
            console,
            "gap from",
            ["to", "reason"],
            session.Gaps.Select(gap =>
                (string[])[Time(gap.From), gap.To is { } to ? Time(to) : "", gap.Code]
            )
        );
        Write(
            console,
            "fault at",
            ["code", "message"],
            session.Faults.Select(fault => (string[])[Time(fault.At), fault.Code, fault.Message])
        );
    }

    /// <summary>The line of a session that is watched.</summary>
    public static string LineOf(SessionAnswer session)
    {
        var frames = session.Capture is { } capture
            ? FramesOf(capture)
            : $"{Whole(session.Outputs.Where(output => output.Id == "record").Sum(output => output.FramesSent))} frames";
        return $"{session.Id} | {Word(session.State)} | {session.Node} | {frames} | records: {session.Records.Count} | gaps: {session.Gaps.Count} | faults: {session.Faults.Count}";
    }

    /// <summary>A length of time as <c>h:mm:ss</c>.</summary>
    public static string Length(TimeSpan time) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}"
        );

    /// <summary>A size in MB or GB, of 1000.</summary>
    public static string Size(long bytes) =>
        bytes < 1_000_000_000
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB");

    /// <summary>A state as the API writes the state.</summary>
    public static string Word<T>(T state)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    private static string FramesOf(CaptureAnswer capture) =>
        $"{Length(TimeSpan.FromSeconds(capture.DurationSeconds))}, {Whole(capture.FramesCaptured)} frames, {Whole(capture.FramesPainted)} different, {Whole(capture.FramesDropped)} dropped";

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Grid Rows(params (string Name, string? Value)[] rows)
    {
        var grid = new Grid().AddColumn().AddColumn();
        foreach (var (name, value) in rows.Where(row => row.Value is not null))
        {
            grid.AddRow(new Text(name), new Text(value!));
        }
        return grid;
    }

    private static void Write(
        IAnsiConsole console,
        string first,
        string[] others,
        IEnumerable<string[]> rows
    )
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(first).AddColumns(others);
        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }
        if (table.Rows.Count > 0)
        {
            console.Write(table);
        }
    }
}
