using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Recorder.Harness.Nodes;

/// <summary>The calls of docs/API over real HTTP, with the times at which they went out and were answered.</summary>
internal sealed class RecorderApi : IDisposable
{
    // Longer than any limit inside the node: the node, not this client, is to give up.
    private readonly HttpClient _http;

    public RecorderApi(Uri address, string? key)
    {
        _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(150) };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        }
    }

    /// <summary>Starts a session and expects exactly the original's answer.</summary>
    public async Task<StartedSession> StartAsync(StartRequest request)
    {
        var answer = await TryStartAsync(request);
        var started = answer.Read<StartAnswer>();
        Assert.Equal(
            $$"""{"id":{{started.Id.ToString(CultureInfo.InvariantCulture)}},"status":"started"}""",
            answer.Body
        );
        return new StartedSession(started.Id, answer.Called, answer.Answered);
    }

    /// <summary>Starts a session, whatever the answer.</summary>
    public Task<ApiAnswer> TryStartAsync(StartRequest request) =>
        SendAsync(HttpMethod.Post, "/api/start", request.Json);

    /// <summary>Stops a session and expects exactly the original's answer.</summary>
    public async Task<StoppedSession> StopAsync(int id)
    {
        var answer = await SendAsync(
            HttpMethod.Post,
            "/api/stop",
            $$"""{"id":{{id.ToString(CultureInfo.InvariantCulture)}}}"""
        );
        Assert.Equal("""{"status":"stopped"}""", answer.Body);
        return new StoppedSession(answer.Called, answer.Answered);
    }

    public async Task<IReadOnlyList<StatusEntry>> StatusAsync() =>
        (await SendAsync(HttpMethod.Get, "/api/status")).Read<List<StatusEntry>>();

    /// <summary>A session of the status list.</summary>
    public async Task<StatusEntry> StatusAsync(int id) => Assert.Single(await StatusAsync(), entry => entry.Id == id);

    public async Task<IReadOnlyList<string>> RecordsAsync(int id) =>
        (await SendAsync(HttpMethod.Get, $"/api/get_records?id={id.ToString(CultureInfo.InvariantCulture)}")).Read<
            List<string>
        >();

    public async Task<SessionDetails> SessionAsync(int id) =>
        (
            await SendAsync(HttpMethod.Get, $"/api/sessions/{id.ToString(CultureInfo.InvariantCulture)}")
        ).Read<SessionDetails>();

    /// <summary>Adds and removes stream targets of a session and expects its details.</summary>
    public async Task<SessionDetails> ChangeTargetsAsync(
        int id,
        IReadOnlyList<string> add,
        IReadOnlyList<string> remove
    )
    {
        var body = JsonSerializer.Serialize(new { add_stream_uris = add, remove_stream_uris = remove });
        return (
            await SendAsync(HttpMethod.Patch, $"/api/sessions/{id.ToString(CultureInfo.InvariantCulture)}", body)
        ).Read<SessionDetails>();
    }

    /// <summary>Looks at an output of a session until it is in a state.</summary>
    public async Task<OutputDetails> SeeOutputAsync(int id, string output, string state, TimeSpan limit) =>
        (
            await SeeSessionAsync(id, $"{output} is {state}", limit, session => session.Output(output)?.State == state)
        ).Output(output)!;

    /// <summary>Looks at a session until it is as wanted.</summary>
    public Task<SessionDetails> SeeSessionAsync(
        int id,
        string what,
        TimeSpan limit,
        Func<SessionDetails, bool> wanted
    ) => SeeSessionAsync(id, what, limit, async () => await SessionAsync(id), wanted);

    /// <summary>Looks at a session until the session is as wanted. A farm that is busy with the death of a node may
    /// answer 503 meanwhile.</summary>
    public Task<SessionDetails> SeeSessionInFarmAsync(
        int id,
        string what,
        TimeSpan limit,
        Func<SessionDetails, bool> wanted
    ) =>
        SeeSessionAsync(
            id,
            what,
            limit,
            async () =>
            {
                var answer = await SendAsync(
                    HttpMethod.Get,
                    $"/api/sessions/{id.ToString(CultureInfo.InvariantCulture)}"
                );
                return answer.Status == HttpStatusCode.ServiceUnavailable ? null : answer.Read<SessionDetails>();
            },
            wanted
        );

    /// <summary>Whether the node says that it is ready; a refused connection is a no.</summary>
    public Task<bool> IsReadyAsync() => IsOkAsync("/health/ready");

    /// <summary>Whether the node answers at all.</summary>
    public Task<bool> IsAliveAsync() => IsOkAsync("/health/live");

    private async Task<bool> IsOkAsync(string path)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }
        var called = TimeProvider.System.GetUtcNow();
        using var answer = await _http.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        return new ApiAnswer(
            answer.StatusCode,
            body,
            answer.Content.Headers.ContentType?.ToString(),
            answer.Headers.RetryAfter?.Delta,
            called,
            TimeProvider.System.GetUtcNow()
        );
    }

    public void Dispose() => _http.Dispose();

    private static async Task<SessionDetails> SeeSessionAsync(
        int id,
        string what,
        TimeSpan limit,
        Func<Task<SessionDetails?>> look,
        Func<SessionDetails, bool> wanted
    )
    {
        SessionDetails? last = null;
        return await Eventually.SeeAsync(
            $"session {id}: {what}",
            limit,
            async () =>
            {
                last = await look() ?? last;
                return last is not null && wanted(last) ? last : null;
            },
            () =>
                last is null
                    ? "no answer"
                    : $"{last} outputs: {string.Join("; ", last.Outputs)} records: {string.Join("; ", last.Records)} gaps: {string.Join("; ", last.Gaps)} faults: {string.Join("; ", last.Faults)}"
        );
    }
}

/// <summary>A session that was answered with started.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Called">When the start call went out.</param>
/// <param name="Answered">When its answer was there.</param>
internal sealed record StartedSession(int Id, DateTimeOffset Called, DateTimeOffset Answered)
{
    /// <summary>Start call to evidence of the first frame.</summary>
    public TimeSpan TimeToFirstFrame => Answered - Called;
}

/// <summary>A session that was answered with stopped.</summary>
/// <param name="Called">When the stop call went out.</param>
/// <param name="Answered">When its answer was there.</param>
internal sealed record StoppedSession(DateTimeOffset Called, DateTimeOffset Answered);
