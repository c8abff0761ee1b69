using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Node.Browsing;

namespace Recorder.Node.Tests.Browsing;

/// <summary>What a browser makes of the settings of a page before it opens the page.</summary>
public sealed class PagePreparationTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    private static Task<PagePreparation> ReadAsync(string page, PageSettings? settings, SecretFiles? secrets = null) =>
        PagePreparation.ReadAsync(new Uri(page), settings, secrets ?? SecretFiles.None, CancellationToken.None);

    [Theory]
    [InlineData("https://user:p%40ss@example.org/room?a=b@c", "https://example.org/room?a=b@c", "user", "p@ss")]
    [InlineData("http://user@example.org:8080", "http://example.org:8080", "user", "")]
    [InlineData("https://u:p@[2001:db8::1]/", "https://[2001:db8::1]/", "u", "p")]
    [InlineData("https://example.org/?q=%7E{a}", "https://example.org/?q=%7E{a}", null, null)]
    public async Task A_name_and_a_password_do_not_stay_in_the_address(
        string page,
        string opened,
        string? user,
        string? password
    )
    {
        var prepared = await ReadAsync(page, null);
        Assert.Equal(opened, prepared.Address.OriginalString);
        Assert.Equal(user is null ? null : (user, password!), prepared.Credentials);
    }

    [Theory]
    [InlineData("https://Example.ORG:443/room", "https://example.org")]
    [InlineData("http://example.org:8080/", "http://example.org:8080")]
    [InlineData("http://[2001:db8::1]:81/", "http://[2001:db8::1]:81")]
    public async Task An_origin_is_written_as_a_browser_writes_origins(string page, string origin) =>
        Assert.Equal(origin, (await ReadAsync(page, null)).Origin);

    [Fact]
    public async Task A_secret_is_read_when_the_browser_starts_and_the_newest_counts()
    {
        var settings = new PageSettings
        {
            BasicAuth = new PageCredentials(PageText.Of("recorder"), new PageText { Secret = "room" }),
        };
        var secrets = Room("h");
        await File.WriteAllTextAsync(_file, "one\n");
        Assert.Equal(("recorder", "one"), (await ReadAsync("https://h/", settings, secrets)).Credentials);
        await File.WriteAllTextAsync(_file, "two");
        Assert.Equal(("recorder", "two"), (await ReadAsync("https://h/", settings, secrets)).Credentials);

        var missing = await Assert.ThrowsAsync<JoinFailedException>(() => ReadAsync("https://h/", settings));
        Assert.Contains("no secret room", missing.Message, StringComparison.Ordinal);
        Assert.Contains("Secrets:room:File", missing.Message, StringComparison.Ordinal);
        File.Delete(_file);
        var gone = await Assert.ThrowsAsync<JoinFailedException>(() => ReadAsync("https://h/", settings, secrets));
        Assert.Contains("secret room cannot be read", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_goes_to_no_page_of_another_host()
    {
        await File.WriteAllTextAsync(_file, "one");
        var room = new PageText { Secret = "room" };
        var header = new PageSettings { Headers = [new PageHeader("X", room)] };
        var prepared = await ReadAsync("https://h/", header, Room("h"));
        Assert.Equal("https://h", prepared.For(new Uri("https://h/next")).Origin);
        var refused = Assert.Throws<JoinFailedException>(() => prepared.For(new Uri("https://evil.example/")));
        Assert.Contains("Secrets:room:Hosts", refused.Message, StringComparison.Ordinal);
        Assert.Throws<JoinFailedException>(() => prepared.Guard(room, "evil.example"));
        Assert.Throws<JoinFailedException>(() => prepared.Guard(room, ""));
        prepared.Guard(PageText.Of("a"), "evil.example");

        await Assert.ThrowsAsync<JoinFailedException>(() => ReadAsync("https://h/", header, Room("other")));
        await File.WriteAllTextAsync(_file, "one\ntwo");
        var lines = await Assert.ThrowsAsync<JoinFailedException>(() => ReadAsync("https://h/", header, Room("h")));
        Assert.Contains("more than one line", lines.Message, StringComparison.Ordinal);
        var storage = new PageSettings { LocalStorage = [new PageStorage("https://evil.example", "k", room)] };
        await Assert.ThrowsAsync<JoinFailedException>(() => ReadAsync("https://h/", storage, Room("h")));
    }

    [Theory]
    [InlineData("a b", "*", "1 to 64 letters")]
    [InlineData("room", "", "needs Hosts")]
    public void A_secret_that_cannot_be_used_is_told_at_the_start_of_the_node(string name, string hosts, string reason)
    {
        var options = new Dictionary<string, SecretOptions>
        {
            [name] = new() { File = _file, Hosts = hosts },
        };
        Assert.Contains(reason, Assert.Single(SecretFiles.ProblemsOf(options)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_that_others_can_read_or_that_is_not_there_is_told_at_the_start_of_the_node()
    {
        var options = new Dictionary<string, SecretOptions>
        {
            ["room"] = new() { File = _file, Hosts = "*" },
        };
        Assert.Empty(SecretFiles.ProblemsOf(options));
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod o-r", Assert.Single(SecretFiles.ProblemsOf(options)), StringComparison.Ordinal);
        File.Delete(_file);
        Assert.Contains("not there", Assert.Single(SecretFiles.ProblemsOf(options)), StringComparison.Ordinal);
        options["room"].File = "room";
        Assert.Contains("absolute path", Assert.Single(SecretFiles.ProblemsOf(options)), StringComparison.Ordinal);
    }

    private SecretFiles Room(string hosts) =>
        new(
            new Dictionary<string, SecretOptions>
            {
                ["room"] = new() { File = _file, Hosts = hosts },
            }
        );

    [Fact]
    public void Texts_of_callers_do_not_leave_the_strings_of_scripts()
    {
        const string evil = "\"); alert(1); (\"</script>\\";
        var script = PagePreparation.StyleScript(evil);
        Assert.DoesNotContain("\"); alert", script, StringComparison.Ordinal);
        var step = PageStepScript.For(new PageStep(PageStepKind.Fill, "a[b=\"c\"]"), evil);
        Assert.DoesNotContain("\"); alert", step, StringComparison.Ordinal);
        Assert.DoesNotContain("b=\"c\"", step, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PageStepKind.Click, "#join", "step 3, click #join")]
    [InlineData(PageStepKind.WaitFor, ".call", "step 3, wait_for .call")]
    [InlineData(PageStepKind.Eval, "secret()", "step 3, eval")]
    [InlineData(PageStepKind.Goto, "https://h/?token=1", "step 3, goto")]
    public void A_step_is_named_without_what_may_be_secret(PageStepKind kind, string target, string name) =>
        Assert.Equal(name, PageStepScript.NameOf(new PageStep(kind, target) { Value = PageText.Of("pass") }, 3));
}
