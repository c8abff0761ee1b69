using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Recorder.Benchmarks.Processes;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Systems;

/// <summary>
/// The product, driven as any caller drives it: over HTTP. Every recording gets a fresh node with data, records and
/// ports of its own, so that its start is cold: no browser has run in it.
/// </summary>
/// <param name="buildOutput">The folder that holds the executable <c>recorder</c>.</param>
/// <param name="name"><see cref="RecordName"/>, <see cref="BeforeName"/>, <see cref="AllOutputsName"/> or
/// <see cref="SoundAloneName"/>.</param>
internal sealed class ProductSystem(string buildOutput, string name) : IRecordingSystem
{
    /// <summary>The product with a record alone.</summary>
    public const string RecordName = "product";

    /// <summary>An earlier build of the product with a record alone.</summary>
    public const string BeforeName = "product-before";

    /// <summary>The product with a record, two stream targets and HLS.</summary>
    public const string AllOutputsName = "product-outputs";

    /// <summary>The product with the sound of the page alone.</summary>
    public const string SoundAloneName = "product-sound";

    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(60);

    private static readonly JsonSerializerOptions WithoutNulls = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public async Task<IRecordingSession> StartAsync(RecordingRequest request, CancellationToken cancellationToken)
    {
        var node = await ProductNode.StartAsync(buildOutput, request.Folder, cancellationToken);
        var http = new HttpClient { BaseAddress = node.Address, Timeout = CallLimit };
        var servers = new List<RtmpServer>();
        var allOutputs = name == AllOutputsName;
        var alone = name == SoundAloneName;
        try
        {
            while (allOutputs && servers.Count < 2)
            {
                servers.Add(await RtmpServer.StartAsync());
            }
            var format = request.Format;
            var startCalled = TimeProvider.System.GetTimestamp();
            using var answer = await CallAsync(
                http,
                "api/start",
                new
                {
                    type = "uri",
                    data = new
                    {
                        uri = request.Page.AbsoluteUri,
                        mode = allOutputs ? "both" : "record",
                        // A record alone takes no targets, not even none.
                        stream_uris = allOutputs ? servers.Select(server => server.Address("benchmark")) : null,
                        hls = allOutputs,
                        video = alone ? false : (bool?)null,
                        bitrate = alone ? (int?)null : format.VideoBitrate,
                        width = alone ? (int?)null : format.Width,
                        height = alone ? (int?)null : format.Height,
                        framerate = alone ? (int?)null : format.FrameRate,
                    },
                },
                cancellationToken
            );
            var startAnswered = TimeProvider.System.GetTimestamp();
            return new Session(
                node,
                http,
                answer.RootElement.GetProperty("id").GetInt64(),
                startCalled,
                startAnswered,
                servers
            );
        }
        catch
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
            http.Dispose();
            await node.DisposeAsync();
            throw;
        }
    }

    private static async Task<JsonDocument> CallAsync(
        HttpClient http,
        string path,
        object body,
        CancellationToken cancellationToken
    )
    {
        using var response = await http.PostAsJsonAsync(
            new Uri(path, UriKind.Relative),
            body,
            WithoutNulls,
            cancellationToken
        );
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text)
            : throw new InvalidOperationException($"POST /{path} was answered {(int)response.StatusCode}: {text}");
    }

    private sealed class Session(
        ProductNode node,
        HttpClient http,
        long id,
        long startCalled,
        long startAnswered,
        IReadOnlyList<RtmpServer> servers
    ) : IRecordingSession
    {
        public SessionProcesses Processes => node.Processes;

        public long StartCalled => startCalled;

        public long? StartAnswered => startAnswered;

        public async Task<string> StopAsync(CancellationToken cancellationToken)
        {
            await CheckOutputsAsync(cancellationToken);
            using var stopped = await CallAsync(http, "api/stop", new { id }, cancellationToken);
            var records = await http.GetFromJsonAsync<string[]>(
                new Uri($"api/get_records?id={id}", UriKind.Relative),
                cancellationToken
            );
            return records is [var only]
                ? Path.Combine(node.RecordsFolder, Path.GetFileName(only))
                : throw new InvalidOperationException(
                    $"The session has {records?.Length ?? 0} records instead of one: something in it was restarted."
                );
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await node.DisposeAsync();
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }

        // What is not fed costs nothing: such a run is no measurement.
        private async Task CheckOutputsAsync(CancellationToken cancellationToken)
        {
            var details = await http.GetFromJsonAsync<JsonElement>(
                new Uri($"api/sessions/{id}", UriKind.Relative),
                cancellationToken
            );
            var expected = servers.Count == 0 ? 1 : 2 + servers.Count;
            var active = details
                .GetProperty("outputs")
                .EnumerateArray()
                .Count(output => output.GetProperty("state").GetString() == "active");
            if (active != expected)
            {
                throw new InvalidOperationException(
                    $"{active} outputs were active at the end instead of {expected}: {details.GetProperty("outputs")}"
                );
            }
        }
    }
}
