using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Settings;
using static Recorder.Http.Tests.Endpoints.OriginalCallsTests;

namespace Recorder.Http.Tests.Access;

[Trait("ring", "actor")]
public sealed class AccessTests
{
    private const string ReadKey = "read-0123456789abcdef";
    private const string RecordKey = "record-0123456789abcdef";
    private const string AdminKey = "admin-0123456789abcdef";

    private static void WithKeys(HttpOptions options)
    {
        options.Keys.Add(
            new ApiKeyOptions
            {
                Name = "dashboard",
                Key = ReadKey,
                Scope = ApiScope.Read,
            }
        );
        options.Keys.Add(
            new ApiKeyOptions
            {
                Name = "lectures",
                Key = RecordKey,
                Scope = ApiScope.Record,
            }
        );
        options.Keys.Add(
            new ApiKeyOptions
            {
                Name = "operator",
                Key = AdminKey,
                Scope = ApiScope.Admin,
            }
        );
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://127.0.0.1:0;http://[::]:0")]
    [InlineData("http://*:0")]
    public async Task A_node_that_others_could_reach_does_not_start_without_keys(string listen)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            EdgeFixture.StartAsync(options => options.Listen = listen)
        );

        Assert.Contains(
            "there are no API keys: anyone could record with it.",
            refusal.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_node_bound_behind_the_options_back_does_not_stay_up_without_keys()
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            EdgeFixture.StartAsync(map: app => app.Urls.Add("http://0.0.0.0:0"))
        );

        Assert.Contains("there are no API keys", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/sessions", "", HttpStatusCode.NoContent)]
    [InlineData("/api/sessions", ReadKey, HttpStatusCode.NoContent)]
    [InlineData("/api/sessions", "unknown-0123456789abcdef", HttpStatusCode.Unauthorized)]
    [InlineData("/cluster/members", ReadKey, HttpStatusCode.NoContent)]
    [InlineData("/api/start", RecordKey, HttpStatusCode.NoContent)]
    [InlineData("/no/such/path", "", HttpStatusCode.Unauthorized)]
    [InlineData("/no/such/path", ReadKey, HttpStatusCode.NotFound)]
    public async Task Whoever_asks_for_the_methods_of_a_path_needs_no_key_and_no_scope(
        string path,
        string key,
        HttpStatusCode expected
    )
    {
        await using var edge = await EdgeFixture.StartAsync(WithKeys);

        var answer = await edge.SendAsync(
            HttpMethod.Options,
            path,
            null,
            key.Length > 0 ? [("Authorization", $"Bearer {key}")] : []
        );

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.NoContent, answer.Content.Headers.Allow.Count > 0);
    }

    [Fact]
    public async Task A_node_that_others_can_reach_starts_with_keys()
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
        {
            options.Listen = "http://0.0.0.0:0";
            options.BehindProxy = true;
            WithKeys(options);
        });

        Assert.StartsWith("http://0.0.0.0:", edge.Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/health/live", null, 200)]
    [InlineData("GET", "/api/status", null, 401)]
    [InlineData("GET", "/api/status", "Bearer wrong-0123456789abcdef", 401)]
    [InlineData("GET", "/api/status", "Basic " + ReadKey, 401)]
    [InlineData("GET", "/api/status", ReadKey, 401)]
    [InlineData("GET", "/api/status", "Bearer " + ReadKey, 200)]
    [InlineData("GET", "/api/status", "bearer " + ReadKey, 200)]
    [InlineData("GET", "/api/status", "Bearer " + AdminKey, 200)]
    [InlineData("GET", "/openapi/v1.json", null, 401)]
    [InlineData("GET", "/openapi/v1.json", "Bearer " + ReadKey, 200)]
    [InlineData("GET", "/health/ready", null, 503)]
    [InlineData("GET", "/health/ready", "Bearer " + ReadKey, 503)]
    [InlineData("GET", "/health/ready", "Bearer wrong-0123456789abcdef", 401)]
    [InlineData("POST", "/api/start", null, 401)]
    [InlineData("POST", "/api/start", "Bearer " + ReadKey, 403)]
    [InlineData("POST", "/api/start", "Bearer " + RecordKey, 415)]
    [InlineData("POST", "/api/stop", "Bearer " + ReadKey, 403)]
    [InlineData("GET", "/nowhere", null, 401)]
    [InlineData("GET", "/nowhere", "Bearer " + ReadKey, 404)]
    [InlineData("GET", "/unmarked", "Bearer " + RecordKey, 403)]
    [InlineData("GET", "/unmarked", "Bearer " + AdminKey, 200)]
    public async Task With_keys_every_call_but_those_of_probes_needs_one_that_covers_it(
        string method,
        string path,
        string? authorization,
        int status
    )
    {
        await using var edge = await EdgeFixture.StartAsync(
            WithKeys,
            map: app => app.MapGet("/unmarked", () => "hello")
        );
        edge.Farm.On<ListSessions>(_ => new SessionList([]));

        var answer = authorization is null
            ? await edge.SendAsync(new HttpMethod(method), path, null)
            : await edge.SendAsync(new HttpMethod(method), path, null, ("Authorization", authorization));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 401, answer.Headers.WwwAuthenticate.Count > 0);
        await edge.DisposeAsync();
        Assert.DoesNotContain(edge.Log.Lines, line => line.Contains("0123456789abcdef", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_probe_without_a_key_is_told_whether_the_node_is_ready_and_not_why()
    {
        await using var edge = await EdgeFixture.StartAsync(WithKeys);
        edge.Farm.On<PingPlacement>(_ => new PlacementHere());
        await Golden(
            await edge.SendAsync(HttpMethod.Get, "/health/ready", null),
            HttpStatusCode.OK,
            """{"status":"ready"}"""
        );

        await using var alone = await EdgeFixture.StartAsync(WithKeys, withFarm: false);
        await Golden(
            await alone.SendAsync(HttpMethod.Get, "/health/ready", null),
            HttpStatusCode.ServiceUnavailable,
            """{"status":"not_ready"}"""
        );
        var told = await alone.SendAsync(HttpMethod.Get, "/health/ready", null, ("Authorization", "Bearer " + ReadKey));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, told.StatusCode);
        Assert.Contains("\"error\":", await told.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_too_small_is_told_what_it_has_and_what_it_needs()
    {
        await using var edge = await EdgeFixture.StartAsync(WithKeys);

        await Golden(
            await edge.SendAsync(HttpMethod.Post, "/api/stop", "{}", ("Authorization", "Bearer " + ReadKey)),
            HttpStatusCode.Forbidden,
            """{"error":"The API key of dashboard has the scope read; this call needs record.","code":"forbidden","field":"Authorization"}"""
        );
    }

    [Theory]
    [InlineData(null, "https://***@letsmeet.no/roomname?headless=true")]
    [InlineData(ReadKey, "https://letsmeet.no/roomname")]
    [InlineData(RecordKey, "https://***@letsmeet.no/roomname?headless=true")]
    [InlineData(AdminKey, "https://***@letsmeet.no/roomname?headless=true")]
    public async Task A_key_that_only_looks_is_told_addresses_without_what_lets_one_in(string? key, string told)
    {
        await using var edge = await EdgeFixture.StartAsync(key is null ? null : Shared);
        var session = Summaries.Session(1, SessionPhase.Recording) with
        {
            Spec = new PageSessionSpec(new Uri("https://user:secret@letsmeet.no/roomname?headless=true"))
            {
                Owner = "lectures",
            },
            Faults =
            [
                new SessionFault(
                    Summaries.Time,
                    Summaries.Node,
                    "page_failed",
                    "The page https://letsmeet.no/roomname?token=hush#inside was lost."
                ),
            ],
        };
        edge.Farm.On<ListSessions>(_ => new SessionList([session]));
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 0, session));
        edge.Farm.On<GetSession>(get => new DetailsUnavailable(get.Id));

        foreach (var path in new[] { "/api/sessions", "/api/sessions/1" })
        {
            var answer = key is null
                ? await edge.SendAsync(HttpMethod.Get, path, null)
                : await edge.SendAsync(HttpMethod.Get, path, null, ("Authorization", "Bearer " + key));
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Contains($"\"uri\":\"{told}\"", text, StringComparison.Ordinal);
            Assert.Contains("The page https://letsmeet.no/roomname was lost.", text, StringComparison.Ordinal);
        }

        static void Shared(HttpOptions options)
        {
            WithKeys(options);
            options.Shared = true;
        }
    }

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    [InlineData("recorder.lan", 200)]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1:34568", 200)]
    [InlineData("[::1]:34568", 200)]
    public async Task Without_keys_a_call_by_a_strange_host_name_is_refused(string host, int status)
    {
        await using var edge = await EdgeFixture.StartAsync(options => options.TrustedHosts.Add("recorder.lan"));
        edge.Farm.On<ListSessions>(_ => new SessionList([]));

        Assert.Equal(
            status,
            (int)(await edge.SendAsync(HttpMethod.Get, "/api/status", null, ("Host", host))).StatusCode
        );
    }

    [Theory]
    [InlineData(true, null, 200)]
    [InlineData(true, "unknown-0123456789abcdef", 200)]
    [InlineData(true, "own-0123456789abcdef", 200)]
    [InlineData(false, null, 401)]
    [InlineData(false, "unknown-0123456789abcdef", 401)]
    [InlineData(false, "own-0123456789abcdef", 200)]
    public async Task A_node_with_its_own_key_alone_may_be_called_without_a_key_unless_the_option_says_no(
        bool keyless,
        string? key,
        int status
    )
    {
        await using var edge = await EdgeFixture.StartAsync(
            options => options.KeylessLoopback = keyless,
            local: new LocalKey("own-0123456789abcdef")
        );
        edge.Farm.On<ListSessions>(_ => new SessionList([]));

        using var answer = await edge.SendAsync(
            HttpMethod.Get,
            "/api/status",
            null,
            key is null ? [] : [("Authorization", $"Bearer {key}")]
        );

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task The_nodes_own_key_is_of_the_scope_admin_and_owns_nothing()
    {
        await using var edge = await EdgeFixture.StartAsync(WithKeys, local: new LocalKey("own-0123456789abcdef"));
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(7), 1, "a:1"));

        using var answer = await edge.SendAsync(
            HttpMethod.Post,
            "/api/start?wait=false",
            """{"type":"uri","data":{"uri":"https://example.org","mode":"record"}}""",
            ("Authorization", "Bearer own-0123456789abcdef")
        );

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Null((await edge.Farm.NextAsync<AdmitSession>()).Spec.Owner);
    }

    [Fact]
    public async Task The_nodes_own_key_is_no_key_for_other_machines()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            EdgeFixture.StartAsync(
                options => (options.Listen, options.KeylessLoopback) = ("http://0.0.0.0:0", false),
                local: new LocalKey("own-0123456789abcdef")
            )
        );

        Assert.Contains("there are no API keys", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_read_from_its_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $" {RecordKey}\n");
            using var services = new ServiceCollection()
                .AddLogging()
                .AddRecorderHttp(options =>
                    options.Keys.Add(
                        new ApiKeyOptions
                        {
                            Name = "lectures",
                            KeyFile = file,
                            Scope = ApiScope.Record,
                        }
                    )
                )
                .BuildServiceProvider();

            Assert.Equal(ApiScope.Record, services.GetRequiredService<KeyWatch>().Current.Find(RecordKey)?.Scope);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(
        "nonsense",
        "Http:Listen has \"nonsense\", which is no address to listen on; write it like http://127.0.0.1:34568."
    )]
    [InlineData("", "Http:Listen is empty; give an address such as http://127.0.0.1:34568.")]
    public void A_place_to_listen_that_is_none_is_refused(string listen, string reason)
    {
        var refusal = Assert.Throws<OptionsValidationException>(() =>
            new ServiceCollection().AddRecorderHttp(options => options.Listen = listen)
        );

        Assert.Equal(reason, Assert.Single(refusal.Failures));
    }

    [Fact]
    public void All_that_is_wrong_with_the_edges_options_is_told_at_once()
    {
        var options = new HttpOptions { Listen = "http://0.0.0.0:1;nonsense" };
        Assert.Equal(2, HttpOptionsCheck.Problems(options).Count);

        options.Keys.Add(new ApiKeyOptions { Name = "weak", Key = "short" });
        options.AllowedOrigins.Add("no origin");
        options.Proxies.Add("nginx");
        Assert.Collection(
            HttpOptionsCheck.Problems(options),
            key => Assert.StartsWith("Http:Keys:0 (weak) has a key that is too weak", key, StringComparison.Ordinal),
            origin => Assert.StartsWith("Http:AllowedOrigins:0 is \"no origin\"", origin, StringComparison.Ordinal),
            proxy => Assert.StartsWith("Http:Proxies:0 is \"nginx\"", proxy, StringComparison.Ordinal),
            clear => Assert.StartsWith("The recorder would listen on http://0.0.0.0:1, where", clear, StringComparison.Ordinal),
            address => Assert.StartsWith("Http:Listen has \"nonsense\"", address, StringComparison.Ordinal)
        );
    }
}
