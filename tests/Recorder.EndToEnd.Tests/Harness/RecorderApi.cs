using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>The calls of docs/API over real HTTP, with the times at which they went out and were answered.</summary>
internal sealed class RecorderApi(Uri address) : IDisposable
{
    // Longer than any limit inside the node: the node, not this client, is to give up.
    private readonly HttpClient http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(150) };

    /// <summary>Starts a session and expects exactly the original's answer.</summary>
    public async Task<StartedSession> StartAsync(StartRequest request)
    {
        var answer = await TryStartAsync(request);
        var started = answer.Read<StartAnswer>();
        Assert.Equal($$"""{"id":{{started.Id.ToString(CultureInfo.InvariantCulture)}},"status":"started"}""", answer.Body);
        return new StartedSession(started.Id, answer.Called, answer.Answered);
    }

    /// <summary>Starts a session, whatever the answer.</summary>
    public Task<ApiAnswer> TryStartAsync(StartRequest request) => SendAsync(HttpMethod.Post, "/api/start", request.Json);

    /// <summary>Stops a session and expects exactly the original's answer.</summary>
    public async Task<StoppedSession> StopAsync(int id)
    {
        var answer = await SendAsync(HttpMethod.Post, "/api/stop", $$"""{"id":{{id.ToString(CultureInfo.InvariantCulture)}}}""");
        Assert.Equal("""{"status":"stopped"}""", answer.Body);
        return new StoppedSession(answer.Called, answer.Answered);
    }

    public async Task<IReadOnlyList<StatusEntry>> StatusAsync() =>
        (await SendAsync(HttpMethod.Get, "/api/status")).Read<List<StatusEntry>>();

    /// <summary>One session of the status list.</summary>
    public async Task<StatusEntry> StatusAsync(int id) => Assert.Single(await StatusAsync(), entry => entry.Id == id);

    public async Task<IReadOnlyList<string>> RecordsAsync(int id) =>
        (await SendAsync(HttpMethod.Get, $"/api/get_records?id={id.ToString(CultureInfo.InvariantCulture)}")).Read<List<string>>();

    public async Task<SessionDetails> SessionAsync(int id) =>
        (await SendAsync(HttpMethod.Get, $"/api/sessions/{id.ToString(CultureInfo.InvariantCulture)}")).Read<SessionDetails>();

    /// <summary>Adds and removes stream targets of a session and expects its details.</summary>
    public async Task<SessionDetails> ChangeTargetsAsync(int id, IReadOnlyList<string> add, IReadOnlyList<string> remove)
    {
        var body = JsonSerializer.Serialize(new { add_stream_uris = add, remove_stream_uris = remove });
        return (await SendAsync(HttpMethod.Patch, $"/api/sessions/{id.ToString(CultureInfo.InvariantCulture)}", body)).Read<SessionDetails>();
    }

    /// <summary>Looks at an output of a session until it is in a state.</summary>
    public async Task<OutputDetails> SeeOutputAsync(int id, string output, string state, TimeSpan limit) =>
        (await SeeSessionAsync(id, $"{output} is {state}", limit, session => session.Output(output)?.State == state)).Output(output)!;

    /// <summary>Looks at a session until it is as wanted.</summary>
    public async Task<SessionDetails> SeeSessionAsync(int id, string what, TimeSpan limit, Func<SessionDetails, bool> wanted)
    {
        SessionDetails? last = null;
        return await Eventually.SeeAsync($"session {id}: {what}", limit, async () =>
        {
            last = await SessionAsync(id);
            return wanted(last) ? last : null;
        }, () => $"{last} outputs: {string.Join("; ", last!.Outputs)} records: {string.Join("; ", last.Records)} gaps: {string.Join("; ", last.Gaps)} faults: {string.Join("; ", last.Faults)}");
    }

    /// <summary>Whether the node says that it is ready; a refused connection is a no.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
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
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        var called = TimeProvider.System.GetUtcNow();
        using var answer = await http.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        return new ApiAnswer(
            answer.StatusCode,
            body,
            answer.Content.Headers.ContentType?.ToString(),
            answer.Headers.RetryAfter?.Delta,
            called,
            TimeProvider.System.GetUtcNow());
    }

    public void Dispose() => http.Dispose();
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
