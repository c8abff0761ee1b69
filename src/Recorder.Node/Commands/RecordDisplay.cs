using System.Globalization;
using Recorder.Http.Answers;
using Spectre.Console;

namespace Recorder.Node.Commands;

/// <summary>Shows records and their links to a person, as tables, and a download as a bar.</summary>
internal static class RecordDisplay
{
    /// <summary>Writes a table of records.</summary>
    public static void Show(IAnsiConsole console, IReadOnlyCollection<LibraryRecordAnswer> records)
    {
        var table = Table("record", "state", "begun", "length", "size", "node", "name");
        foreach (var record in records)
        {
            Add(
                table,
                record.Id,
                record.Away is null ? SessionDisplay.Word(record.State) : "away",
                record.OpenedAt is { } at ? Time(at) : "",
                record.DurationSeconds is { } seconds ? SessionDisplay.Length(TimeSpan.FromSeconds(seconds)) : "",
                record.Bytes is { } bytes ? SessionDisplay.Size(bytes) : "",
                record.Node ?? "",
                record.Name ?? ""
            );
        }
        Write(console, table);
    }

    /// <summary>Writes a table of links.</summary>
    public static void Show(IAnsiConsole console, IReadOnlyCollection<LinkAnswer> links)
    {
        var table = Table("link", "state", "until", "downloads", "last used");
        foreach (var link in links)
        {
            Add(
                table,
                link.Id,
                link.State,
                Time(link.ExpiresAt),
                string.Create(CultureInfo.InvariantCulture, $"{link.Downloaded} of {link.Downloads?.ToString(CultureInfo.InvariantCulture) ?? "any number"}"),
                link.LastUsedAt is { } used ? Time(used) : ""
            );
        }
        Write(console, table);
    }

    /// <summary>Shows how far a download is.</summary>
    /// <param name="console">The console.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="shown">Whether there is a bar; otherwise nothing is shown.</param>
    /// <param name="run">The download. It tells how many bytes are there, and of how many.</param>
    public static async Task<T> WithProgressAsync<T>(
        IAnsiConsole console,
        string name,
        bool shown,
        Func<Action<long, long>, Task<T>> run
    )
    {
        if (!shown)
        {
            return await run((_, _) => { });
        }
        return await console
            .Progress()
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new DownloadedColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn()
            )
            .StartAsync(async progress =>
            {
                var task = progress.AddTask(Markup.Escape(name));
                return await run(
                    (here, whole) =>
                    {
                        task.MaxValue = Math.Max(1, whole);
                        task.Value = here;
                    }
                );
            });
    }

    private static Table Table(string first, params string[] others) =>
        new Table().Border(TableBorder.Simple).AddColumn(first).AddColumns(others);

    private static void Add(Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    private static void Write(IAnsiConsole console, Table table)
    {
        if (table.Rows.Count > 0)
        {
            console.Write(table);
        }
    }

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
