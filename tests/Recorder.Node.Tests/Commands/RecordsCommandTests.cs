using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Recorder.Node.Commands;

namespace Recorder.Node.Tests.Commands;

/// <summary>The commands about records, from answers that are known.</summary>
[Trait("ring", "actor")]
public sealed class RecordsCommandTests : IAsyncLifetime
{
    private const string Link = """
        {"id":"lnk_1","record":"7-2","state":"active","created_at":"2026-11-23T02:00:00Z","expires_at":"2026-11-23T03:00:00Z","downloads":3,"downloaded":1,"last_used_at":null,"inline":false
        """;

    private static readonly byte[] File = RandomNumberGenerator.GetBytes(700_000);

    private readonly string _folder = Directory.CreateTempSubdirectory("rec-").FullName;
    private ScriptedNode _node = null!;

    public async Task InitializeAsync() => _node = await ScriptedNode.StartAsync();

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task List_shows_a_table_and_tells_programs_a_record_a_line()
    {
        var first = RecordOf("7-1", "null", "finished");
        _node.On(
            "GET /api/records?limit=500&session=7&label.room=Sal%207",
            $"[{first},{RecordOf("7-2", "null", "growing")}]"
        );

        var shown = await SeeAsync("records", "list", "--session", "7", "--label", "room=Sal 7");
        Assert.Contains("7-1", shown, StringComparison.Ordinal);
        Assert.Contains("1:01:01", shown, StringComparison.Ordinal);
        Assert.Contains("Lecture", shown, StringComparison.Ordinal);
        Assert.EndsWith("Count: 2 records\n", shown, StringComparison.Ordinal);
        var lines = await SeeAsync("records", "list", "--session", "7", "--label", "room=Sal 7", "--json");
        Assert.Equal(first, lines.Split('\n')[0]);
        Assert.Equal(3, lines.Split('\n').Length);
    }

    [Fact]
    public async Task A_label_without_a_value_is_told()
    {
        Assert.Contains("KEY=VALUE", await FailAsync("records", "list", "--label", "room"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_makes_lists_and_revokes()
    {
        _node.On("POST /api/records/7-2/links", Link + ""","url":"http://node/api/links/x","path":"/api/links/x"}""");
        _node.On("GET /api/records/7-2/links", $"[{Link}}}]");
        _node.On("DELETE /api/records/7-2/links/lnk_1", """{"status":"revoked"}""");

        Assert.Equal(
            "http://node/api/links/x\n",
            await SeeAsync("records", "link", "7-2", "--expires-in", "1 h", "--downloads", "3", "--inline")
        );
        Assert.Equal(
            """POST /api/records/7-2/links {"expires_in":3600,"downloads":3,"inline":true}""",
            _node.Heard.Single()
        );
        Assert.Contains("1 of 3", await SeeAsync("records", "link", "7-2", "--list"), StringComparison.Ordinal);
        Assert.Equal(
            "The link lnk_1 is revoked.\n",
            await SeeAsync("records", "link", "7-2", "--revoke", "lnk_1")
        );
        Assert.Contains(
            "--expires-in is \"soon\"",
            await FailAsync("records", "link", "7-2", "--expires-in", "soon"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Rm_erases_and_tells_what_is_still_to_be_done()
    {
        _node.On("DELETE /api/records/7-1", RecordOf("7-1", "null", "erased"));
        _node.On(
            "DELETE /api/records/7-2",
            RecordOf("7-2", "null", "erasing")[..^1]
                + ""","erasing":{"since":"2026-11-23T02:00:05Z","cause":"asked","reason":"Asked.","done":null,"obstacle":"The node is away."}}"""
        );
        _node.On("DELETE /api/records/7-3", 409, """{"error":"Record 7-3 is on hold.","code":"on_hold"}""");

        Assert.Equal(
            "Record 7-1 is erased.\nRecord 7-2 is erased as soon as n can. The node is away.\n",
            await SeeAsync("records", "rm", "7-1", "7-2")
        );
        Assert.Equal("recorder: Record 7-3 is on hold.\n", await FailAsync("records", "rm", "7-3"));
    }

    [Fact]
    public async Task Hold_holds_and_releases()
    {
        var held = RecordOf("7-1", "null")[..^1] + ""","hold":{"since":"2026-11-23T02:00:05Z","reason":"Case 7"}}""";
        _node.On("PUT /api/records/7-1/hold", held);
        _node.On("DELETE /api/records/7-1/hold", RecordOf("7-1", "null"));

        Assert.Equal("Record 7-1 is on hold.\n", await SeeAsync("records", "hold", "7-1", "--reason", "Case 7"));
        Assert.Equal("""PUT /api/records/7-1/hold {"reason":"Case 7"}""", _node.Heard.Single());
        Assert.Equal("Record 7-1 is not on hold.\n", await SeeAsync("records", "hold", "7-1", "--release"));
        Assert.Equal(held + "\n", await SeeAsync("records", "hold", "7-1", "--json"));
    }

    [Fact]
    public async Task Get_writes_the_file_under_its_name_with_its_hash_compared()
    {
        await using var server = await FileServer.StartAsync(RecordOf("7-2", Sha256Of(File)), File);

        var told = await SeeOfAsync(server.Url, "records", "get", "7-2", "-o", _folder);

        var path = Path.Join(_folder, "Lecture 7-2.mp4");
        Assert.Equal($"{path} (0.7 MB)\n", told);
        Assert.Equal(File, await System.IO.File.ReadAllBytesAsync(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Contains(
            "There is a file",
            await FailOfAsync(server.Url, "records", "get", "7-2", "-o", path),
            StringComparison.Ordinal
        );
        var json = await SeeOfAsync(server.Url, "records", "get", "7-2", "-o", path, "--force", "--json");
        Assert.Contains($"\"sha256\":\"{Sha256Of(File)[1..^1]}\",\"compared\":true", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_goes_on_where_a_connection_broke_off()
    {
        await using var server = await FileServer.StartAsync(RecordOf("7-2", Sha256Of(File)), File, breaks: [300_000]);

        var path = Path.Join(_folder, "a.mp4");
        await SeeOfAsync(server.Url, "records", "get", "7-2", "-o", path);

        Assert.Equal(File, await System.IO.File.ReadAllBytesAsync(path));
        Assert.Equal(0, server.Ranges[0]);
        Assert.InRange(server.Ranges[1] ?? 0, 1, 300_000);
    }

    [Theory]
    [InlineData(400_000, false, new long[] { 400_000 })]
    [InlineData(400_000, true, new long[] { 400_000, 0 })]
    [InlineData(700_000, false, new long[] { 700_000 })]
    [InlineData(700_001, true, new long[] { 700_001, 0 })]
    public async Task Get_continues_an_earlier_part_and_begins_anew_where_the_part_is_of_another_file(
        int length,
        bool other,
        long[] asked
    )
    {
        await using var server = await FileServer.StartAsync(RecordOf("7-2", Sha256Of(File)), File);
        var path = Path.Join(_folder, "a.mp4");
        var part = new byte[length];
        File.AsSpan(0, Math.Min(length, File.Length)).CopyTo(part);
        part[0] ^= other ? (byte)1 : (byte)0;
        await System.IO.File.WriteAllBytesAsync(path + ".part", part);

        await SeeOfAsync(server.Url, "records", "get", "7-2", "-o", path);

        Assert.Equal(File, await System.IO.File.ReadAllBytesAsync(path));
        Assert.Equal(asked, server.Ranges.Select(range => range ?? 0));
    }

    [Fact]
    public async Task Get_keeps_no_file_whose_hash_is_another()
    {
        await using var server = await FileServer.StartAsync(RecordOf("7-2", Sha256Of([1])), File);

        var error = await FailOfAsync(server.Url, "records", "get", "7-2", "-o", Path.Join(_folder, "a.mp4"));

        Assert.Contains("nothing was kept", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Get_of_what_the_node_refuses_is_the_nodes_own_sentence()
    {
        _node.On("GET /api/records/7-2", RecordOf("7-2", "null", "growing"));
        _node.On("GET /api/records/7-2/media", 409, """{"error":"Record 7-2 is still being written.","code":"not_finished"}""");

        Assert.Equal(
            "recorder: Record 7-2 is still being written.\n",
            await FailAsync("records", "get", "7-2", "-o", Path.Join(_folder, "a.mp4"))
        );
    }

    private static string Sha256Of(byte[] content) => $"\"{Convert.ToHexStringLower(SHA256.HashData(content))}\"";

    private static string RecordOf(string id, string sha256, string state = "finished") =>
        $$"""{"id":"{{id}}","session":7,"attempt":1,"state":"{{state}}","file":"2026-11-23_02:00:05__6.mp4","container":"mp4","opened_at":"2026-11-23T02:00:05Z","duration_seconds":3661,"bytes":700000,"sha256":{{sha256}},"repaired":false,"node":"n","folder":null,"away":null,"name":"Lecture","labels":{},"deliveries":[]}""";

    private Task<string> SeeAsync(params string[] arguments) => SeeOfAsync(_node.Url, arguments);

    private Task<string> FailAsync(params string[] arguments) => FailOfAsync(_node.Url, arguments);

    private static async Task<string> SeeOfAsync(string url, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync([.. arguments, "--url", url]);
        Assert.True(code == 0, $"It exited with {code}: {errors}");
        return output;
    }

    private static async Task<string> FailOfAsync(string url, params string[] arguments)
    {
        var (code, _, errors) = await RunAsync([.. arguments, "--url", url]);
        Assert.Equal(NodeCommand.Failed, code);
        return errors;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await RecorderCommandLine
            .Create()
            .Parse(arguments)
            .InvokeAsync(
                new InvocationConfiguration
                {
                    Output = output,
                    Error = errors,
                    ProcessTerminationTimeout = null,
                }
            );
        return (code, output.ToString().ReplaceLineEndings("\n"), errors.ToString().ReplaceLineEndings("\n"));
    }

    /// <summary>Serves one record and its file, and breaks connections off.</summary>
    private sealed class FileServer : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private FileServer(WebApplication app) => _app = app;

        public string Url => _app.Urls.Single();

        /// <summary>The first bytes that calls for the file asked for.</summary>
        public List<long?> Ranges { get; } = [];

        /// <param name="record">What the node says of the record.</param>
        /// <param name="file">The bytes.</param>
        /// <param name="breaks">After how many bytes the first calls break off.</param>
        public static async Task<FileServer> StartAsync(string record, byte[] file, params int[] breaks)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            var server = new FileServer(app);
            var left = new Queue<int>(breaks);
            app.MapGet("/api/records/7-2", () => Results.Text(record, "application/json"));
            app.MapMethods("/api/records/7-2/media", ["GET", "HEAD"], AnswerAsync);
            await app.StartAsync();
            return server;

            async Task AnswerAsync(HttpContext context)
            {
                var response = context.Response;
                response.Headers.ContentDisposition =
                    "attachment; filename=\"x.mp4\"; filename*=UTF-8''Lecture%207-2.mp4";
                var from = RangeHeaderValue.TryParse(context.Request.Headers.Range.ToString(), out var range)
                    ? range.Ranges.Single().From ?? 0
                    : 0;
                if (HttpMethods.IsHead(context.Request.Method))
                {
                    response.ContentLength = file.Length;
                    return;
                }
                server.Ranges.Add(from);
                if (from >= file.Length)
                {
                    response.StatusCode = 416;
                    response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{file.Length}");
                    return;
                }
                response.StatusCode = from > 0 ? 206 : 200;
                response.ContentLength = file.Length - from;
                var until = left.TryDequeue(out var bytes) ? bytes : file.Length;
                await response.Body.WriteAsync(file.AsMemory((int)from, until - (int)from));
                await response.Body.FlushAsync();
                if (until < file.Length)
                {
                    context.Abort();
                }
            }
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
