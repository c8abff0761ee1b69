using Microsoft.Data.Sqlite;
using Recorder.Cluster.Database;

namespace Recorder.Cluster.Tests.Database;

public sealed class FarmDatabaseTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_missing_folder_and_file_are_made_with_the_tables_of_this_build()
    {
        var file = Path.Join(_folder.Root, "new", "folder", "recorder.db");
        await PrepareAsync(file);
        await PrepareAsync(file);

        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT least_reader FROM database_schema";
        Assert.Equal(1L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named_and_left_as_it_is()
    {
        await File.WriteAllTextAsync(_folder.Database, new string('x', 5000));

        var error = await Assert.ThrowsAsync<DatabaseUnusableException>(() => PrepareAsync(_folder.Database));

        Assert.Contains(_folder.Database, error.Message, StringComparison.Ordinal);
        Assert.Contains("not a database", error.Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 5000), await File.ReadAllTextAsync(_folder.Database));
    }

    [Fact]
    public async Task A_folder_in_place_of_the_file_is_named()
    {
        var error = await Assert.ThrowsAsync<DatabaseUnusableException>(() => PrepareAsync(_folder.Records));

        Assert.Contains(_folder.Records, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_place_of_the_folder_is_named()
    {
        var file = Path.Join(_folder.Root, "file");
        await File.WriteAllTextAsync(file, "");

        var error = await Assert.ThrowsAsync<DatabaseUnusableException>(() =>
            PrepareAsync(Path.Join(file, "recorder.db"))
        );

        Assert.Contains(Path.Join(file, "recorder.db"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_cannot_be_written_is_named()
    {
        // Root may write every file, whatever its mode; a database that says of itself that it is from a newer format
        // may not.
        await PrepareAsync(_folder.Database);
        await using (var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = DELETE; CREATE TABLE something(one INTEGER)";
            await command.ExecuteNonQueryAsync();
        }

        await using (var file = File.Open(_folder.Database, FileMode.Open))
        {
            // The file format's write version, https://www.sqlite.org/fileformat.html section 1.3.3.
            file.Position = 18;
            file.WriteByte(9);
        }

        var error = await Assert.ThrowsAsync<DatabaseUnusableException>(() => PrepareAsync(_folder.Database));
        Assert.Contains("readonly", error.Message, StringComparison.Ordinal);
    }

    private static async Task PrepareAsync(string file)
    {
        await using var database = new FarmDatabase(new DatabaseOptions { File = file });
        await database.PrepareAsync(CancellationToken.None);
    }
}
