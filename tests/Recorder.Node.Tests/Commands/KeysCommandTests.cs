using System.CommandLine;
using Recorder.Http.Settings;
using Recorder.Node.Commands;

namespace Recorder.Node.Tests.Commands;

/// <summary><c>recorder keys</c>, in this process.</summary>
public sealed class KeysCommandTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recorder-keys-");

    private string KeysPath => Path.Join(_folder.FullName, "keys.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_new_key_is_shown_once_and_only_its_hash_is_kept()
    {
        var (code, output, _) = await RunAsync(
            "new", "lectures", "--owner", "university", "--not-after", "2999-06-30", "--max-sessions", "4",
            "--starts-per-minute", "20", "--max-pixel-rate", "207360000", "--max-duration", "90 min",
            "--labels", "room,course", "--file", KeysPath
        );

        Assert.Equal(0, code);
        var key = output.Split('\n')[0];
        Assert.Matches("^[A-Za-z0-9_-]{43}$", key);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(KeysPath));
        Assert.DoesNotContain(key, await File.ReadAllTextAsync(KeysPath), StringComparison.Ordinal);
        Assert.Empty(Recorder.Http.HttpOptionsCheck.Problems(new HttpOptions { KeysFile = KeysPath }));
        var kept = Assert.Single(KeysFile.Read(KeysPath, []));
        Assert.Equal((KeysFile.Sha256Of(key), ApiScope.Record), (kept.Sha256, kept.Scope));

        (_, output, _) = await RunAsync("list", "--file", KeysPath);
        Assert.Equal(
            "lectures | record | university | until 2999-06-30 | 4 sessions, 20 starts a minute, 207360000 pixels a second, 90 min a session, labels room course\n",
            output
        );
    }

    [Fact]
    public async Task A_further_key_goes_beside_the_others_and_a_taken_name_is_refused()
    {
        await RunAsync("new", "lectures", "--file", KeysPath);
        File.SetUnixFileMode(KeysPath, OwnerOnly | UnixFileMode.GroupRead);
        Assert.Equal(0, (await RunAsync("new", "dashboard", "--scope", "READ", "--file", KeysPath)).Code);
        var before = await File.ReadAllTextAsync(KeysPath);

        var (code, _, errors) = await RunAsync("new", "Lectures", "--file", KeysPath);

        Assert.Equal(2, code);
        Assert.Contains("has a key of the name Lectures already", errors, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(KeysPath));
        Assert.Equal(OwnerOnly | UnixFileMode.GroupRead, File.GetUnixFileMode(KeysPath));
        Assert.Equal(
            "lectures | record | lectures | for ever | no limits\ndashboard | read | dashboard | for ever | no limits\n",
            (await RunAsync("list", "--file", KeysPath)).Output
        );
    }

    [Fact]
    public async Task Without_a_file_the_entry_is_shown_and_the_list_has_the_keys_of_the_configuration()
    {
        var (code, output, _) = await RunAsync("new", "lectures", "--scope", "admin");

        Assert.Equal(0, code);
        var lines = output.Split('\n', 3);
        await File.WriteAllTextAsync(KeysPath, lines[2]);
        Assert.Equal(KeysFile.Sha256Of(lines[0]), Assert.Single(KeysFile.Read(KeysPath, [])).Sha256);

        var config = Path.Join(_folder.FullName, "config.json");
        await File.WriteAllTextAsync(
            config,
            $$"""
            {
              "Recorder": {
                "Http": {
                  "Keys": [{ "Name": "dashboard", "Key": "secret-0123456789abcdef", "MaxDuration": "2 h" }],
                  "KeysFile": "{{KeysPath}}"
                }
              }
            }
            """
        );
        (_, output, _) = await RunAsync("list", "--config", config);
        Assert.Equal(
            "dashboard | read | dashboard | for ever | 2 h a session\nlectures | admin | lectures | for ever | no limits\n",
            output
        );

        // The file of the configuration gets new keys too.
        await RunAsync("new", "exams", "--config", config);
        Assert.Equal(["lectures", "exams"], KeysFile.Read(KeysPath, []).Select(key => key.Name));
    }

    [Theory]
    [InlineData("--scope is \"root\"; it must be read, record or admin.", "new", "a", "--scope", "root")]
    [InlineData("--scope is \"7\"; it must be read, record or admin.", "new", "a", "--scope", "7")]
    [InlineData("--not-after is 2020-01-01, which is past", "new", "a", "--not-after", "2020-01-01")]
    [InlineData("The new key (a) has the NotAfter \"soon\", which is no time", "new", "a", "--not-after", "soon")]
    [InlineData("--max-duration is \"4\"; it must be a duration", "new", "a", "--max-duration", "4")]
    [InlineData("The new key (a) has a MaxSessions below zero", "new", "a", "--max-sessions", "-1")]
    [InlineData("The new key (a) asks for the label \"Room\"", "new", "a", "--labels", "Room")]
    [InlineData("The new key has no Name", "new", " ")]
    [InlineData("The keys file /nonexistent/keys cannot be written", "new", "a", "--file", "/nonexistent/keys")]
    [InlineData("The keys file /nonexistent/keys cannot be read", "list", "--file", "/nonexistent/keys")]
    public async Task A_mistake_is_a_sentence_and_makes_no_key(string sentence, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var configuration = new InvocationConfiguration
        {
            Output = new StringWriter { NewLine = "\n" },
            Error = new StringWriter { NewLine = "\n" },
        };
        var code = await RecorderCommandLine.Create().Parse(["keys", .. arguments]).InvokeAsync(configuration);
        return (code, configuration.Output.ToString()!, configuration.Error.ToString()!);
    }
}
