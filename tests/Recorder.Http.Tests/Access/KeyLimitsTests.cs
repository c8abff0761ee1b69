using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Settings;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Access;

/// <summary>What the limits of a key say to callers.</summary>
[Trait("ring", "actor")]
public sealed class KeyLimitsTests : IDisposable
{
    private const string Start =
        """{"type":"uri","data":{"uri":"https://example.org","mode":"record"}}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recorder-keys-");

    private string KeysFile => Path.Join(_folder.FullName, "keys.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_key_that_has_ended_is_refused_by_a_sentence_that_says_so()
    {
        var clock = new SetClock(new DateTimeOffset(2027, 6, 30, 23, 59, 0, TimeSpan.Zero));
        await using var edge = await StartAsync(
            key => key.NotAfter = "2027-06-30",
            services => services.AddSingleton<TimeProvider>(clock)
        );

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(edge)).StatusCode);
        clock.Now += TimeSpan.FromMinutes(1);
        using var refused = await AskAsync(edge);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        Assert.Contains(
            "\"The API key of lectures was good until 2027-07-01 00:00 UTC; ask the recorder's operator for a new key.\"",
            await refused.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_start_without_a_label_that_the_key_asks_for_is_refused()
    {
        await using var edge = await StartAsync(key => key.Labels.Add("room"));

        using var refused = await SendAsync(edge, Start);
        using var begun = await SendAsync(
            edge,
            Start.Replace("\"mode\"", "\"labels\":{\"room\":\"7\"},\"mode\"", StringComparison.Ordinal)
        );

        Assert.Equal((400, 202), ((int)refused.StatusCode, (int)begun.StatusCode));
        var text = await refused.Content.ReadAsStringAsync();
        Assert.Contains("must set the label room", text, StringComparison.Ordinal);
        Assert.Contains("\"field\":\"data.labels\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_starts_so_many_sessions_a_minute_and_other_calls_go_on()
    {
        await using var edge = await StartAsync(key => key.StartsPerMinute = 2);

        using var first = await SendAsync(edge, Start);
        using var second = await SendAsync(edge, Start);
        using var third = await SendAsync(edge, Start);
        using var read = await AskAsync(edge);

        Assert.Equal(
            (202, 202, 429, 200),
            ((int)first.StatusCode, (int)second.StatusCode, (int)third.StatusCode, (int)read.StatusCode)
        );
        var text = await third.Content.ReadAsStringAsync();
        Assert.Contains("\"code\":\"too_many_starts\"", text, StringComparison.Ordinal);
        Assert.Contains("may start 2 sessions a minute", text, StringComparison.Ordinal);
        Assert.InRange(third.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task The_limits_of_a_key_go_to_the_placement_and_its_refusal_to_the_caller()
    {
        await using var edge = await StartAsync(key =>
            (key.MaxSessions, key.MaxPixelRate, key.MaxDuration) = (3, 5, TimeSpan.FromHours(2))
        );
        edge.Farm.On<AdmitSession>(_ => new AdmissionRefused(
            FaultCode.TooManySessions,
            "Stop a session.",
            [],
            TimeSpan.FromSeconds(10)
        ));

        using var refused = await SendAsync(edge, Start);

        var asked = await edge.Farm.NextAsync<AdmitSession>();
        Assert.Equal(new OwnerLimits("lectures", 3, 5), asked.Limits);
        Assert.Equal(TimeSpan.FromHours(2), asked.Spec.KeyDuration);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal(
            """{"error":"Stop a session.","code":"too_many_sessions"}""",
            (await refused.Content.ReadAsStringAsync()).Trim()
        );
    }

    [Theory]
    [InlineData("anna", """[{"owner":"anna","sessions":2,"pixel_rate":7,"max_sessions":3}]""")]
    [InlineData("ben", """[{"owner":"ben","sessions":0,"pixel_rate":0,"max_sessions":3}]""")]
    [InlineData(
        "root",
        """[{"owner":null,"sessions":1,"pixel_rate":5},{"owner":"anna","sessions":2,"pixel_rate":7},{"owner":"root","sessions":0,"pixel_rate":0,"max_sessions":3}]"""
    )]
    public async Task The_pressure_tells_a_key_what_its_owner_has_and_an_admin_all(string key, string owners)
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
        {
            foreach (var name in new[] { "anna", "ben", "root" })
            {
                options.Keys.Add(
                    new ApiKeyOptions
                    {
                        Name = name,
                        Key = KeyOf(name),
                        Scope = name == "root" ? ApiScope.Admin : ApiScope.Record,
                        MaxSessions = 3,
                    }
                );
            }
        });
        edge.Farm.On<FindPressure>(_ => new Pressure(true, [])
        {
            Owners = [new OwnerPressure(null, 1, 5), new OwnerPressure("anna", 2, 7)],
        });

        var text = await (await AskAsync(edge, "/api/pressure", KeyOf(key))).Content.ReadAsStringAsync();

        Assert.Equal($$"""{"has_room":true,"nodes":[],"owners":{{owners}}}""", text.Trim());
    }

    [Fact]
    public async Task A_changed_keys_file_is_in_effect_without_a_restart_and_a_broken_one_changes_nothing()
    {
        Write("first");
        await using var edge = await EdgeFixture.StartAsync(options => options.KeysFile = KeysFile);
        Script(edge);
        var watch = edge.App.Services.GetRequiredService<KeyWatch>();
        Assert.Equal((200, 401), (await StatusOfAsync("first"), await StatusOfAsync("second")));

        Write("second");
        await edge.Log.SeeAsync("The API keys were read again: second");
        Assert.Equal((401, 200), (await StatusOfAsync("first"), await StatusOfAsync("second")));

        File.WriteAllText(KeysFile, "[ {");
        await edge.Log.SeeAsync("The node goes on with the API keys that it has.");
        Assert.Equal(200, await StatusOfAsync("second"));
        Assert.Contains("is no list of keys", await WarningsAsync("second"), StringComparison.Ordinal);

        // A node without keys would let everybody on this machine in.
        File.WriteAllText(KeysFile, "[]");
        watch.Look();
        Assert.Equal(200, await StatusOfAsync("second"));
        File.Delete(KeysFile);
        watch.Look();
        Assert.Equal(200, await StatusOfAsync("second"));
        Assert.Contains("cannot be read", await WarningsAsync("second"), StringComparison.Ordinal);

        Write("third");
        watch.Look();
        Assert.Equal((401, 200), (await StatusOfAsync("second"), await StatusOfAsync("third")));
        Assert.DoesNotContain("warnings", await WarningsAsync("third"), StringComparison.Ordinal);

        async Task<int> StatusOfAsync(string key) => (int)(await AskAsync(edge, key: KeyOf(key))).StatusCode;

        Task<string> WarningsAsync(string key) => TextAsync("/health/ready", key);

        async Task<string> TextAsync(string path, string key) =>
            await (await AskAsync(edge, path, KeyOf(key))).Content.ReadAsStringAsync();
    }

    [Fact]
    public async Task A_reader_of_events_is_closed_when_its_key_is_taken_away()
    {
        Write("first");
        await using var edge = await EdgeFixture.StartAsync(options => options.KeysFile = KeysFile);
        var watch = edge.App.Services.GetRequiredService<KeyWatch>();
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/api/events");
        asked.Headers.Authorization = new("Bearer", KeyOf("first"));
        using var answer = await edge.Client.SendAsync(asked, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var reading = answer.Content.ReadAsStringAsync();

        Write("second");
        watch.Look();
        edge.Feed.Add("record.opened", 1);

        var told = await reading.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.DoesNotContain("record.opened", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_of_a_single_key_is_read_again_too()
    {
        var file = Path.Join(_folder.FullName, "key");
        File.WriteAllText(file, KeyOf("first"));
        await using var edge = await EdgeFixture.StartAsync(options =>
            options.Keys.Add(new ApiKeyOptions { Name = "lectures", KeyFile = file })
        );
        Script(edge);

        File.WriteAllText(file, KeyOf("second"));
        edge.App.Services.GetRequiredService<KeyWatch>().Look();

        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(edge, key: KeyOf("first"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(edge, key: KeyOf("second"))).StatusCode);
    }

    private static string KeyOf(string name) => $"{name}-0123456789abcdef";

    private static async Task<EdgeFixture> StartAsync(
        Action<ApiKeyOptions> configure,
        Action<IServiceCollection>? services = null
    )
    {
        var edge = await EdgeFixture.StartAsync(
            options =>
            {
                var key = new ApiKeyOptions
                {
                    Name = "lectures",
                    Key = KeyOf("first"),
                    Scope = ApiScope.Record,
                };
                configure(key);
                options.Keys.Add(key);
            },
            services: services
        );
        Script(edge);
        return edge;
    }

    private static void Script(EdgeFixture edge)
    {
        edge.Farm.On<ListSessions>(_ => new SessionList([]));
        edge.Farm.On<PingPlacement>(_ => new PlacementHere());
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(7), 1, Node));
    }

    private static Task<HttpResponseMessage> AskAsync(EdgeFixture edge, string path = "/api/status", string? key = null) =>
        edge.SendAsync(HttpMethod.Get, path, null, ("Authorization", $"Bearer {key ?? KeyOf("first")}"));

    private static Task<HttpResponseMessage> SendAsync(EdgeFixture edge, string body) =>
        edge.SendAsync(
            HttpMethod.Post,
            "/api/start?wait=false",
            body,
            ("Authorization", $"Bearer {KeyOf("first")}")
        );

    private void Write(string key)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KeyOf(key))));
        File.WriteAllText(KeysFile, $$"""[ { "Name": "{{key}}", "Sha256": "{{hash}}" } ]""");
        File.SetUnixFileMode(KeysFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private sealed class SetClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
