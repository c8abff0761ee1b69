using System.Net;
using System.Text.Json;

namespace Recorder.Harness.Nodes;

/// <summary>An answer of the HTTP edge as it came.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body's text.</param>
/// <param name="ContentType">The media type.</param>
/// <param name="RetryAfter">The seconds of the header of that name.</param>
/// <param name="Called">When the call went out.</param>
/// <param name="Answered">When the whole answer was there.</param>
internal sealed record ApiAnswer(
    HttpStatusCode Status,
    string Body,
    string? ContentType,
    TimeSpan? RetryAfter,
    DateTimeOffset Called,
    DateTimeOffset Answered
)
{
    public static JsonSerializerOptions Json { get; } =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The body, which must be an answer of status 200.</summary>
    public T Read<T>()
    {
        Assert.True(Status == HttpStatusCode.OK, $"The node answered {(int)Status}: {Body}");
        return JsonSerializer.Deserialize<T>(Body, Json)
            ?? throw new InvalidDataException($"The node answered {Body}.");
    }

    /// <summary>The body, which must be an error.</summary>
    public ErrorAnswer ReadError()
    {
        Assert.True((int)Status >= 400, $"An error was expected; the node answered {(int)Status}: {Body}");
        return JsonSerializer.Deserialize<ErrorAnswer>(Body, Json)
            ?? throw new InvalidDataException($"The node answered {Body}.");
    }
}

internal sealed record ErrorAnswer(string Error, string Code, string? Field);

internal sealed record StartAnswer(int Id, string Status);

/// <summary>A session of <c>GET /api/status</c>.</summary>
internal sealed record StatusEntry(int Id, IReadOnlyList<string> Records, bool Running, bool IsRunning);

/// <summary>What <c>GET /api/sessions/{id}</c> tells, as far as the tests look at it.</summary>
internal sealed record SessionDetails(
    int Id,
    string State,
    bool Running,
    string Node,
    int Attempt,
    IReadOnlyList<OutputDetails> Outputs,
    CaptureDetails? Capture,
    IReadOnlyList<RecordDetails> Records,
    IReadOnlyList<GapDetails> Gaps,
    IReadOnlyList<FaultDetails> Faults
)
{
    /// <summary>An output by its id: record, hls, target-1, target-2 …; null while it has not been told of.</summary>
    public OutputDetails? Output(string id) => Outputs.SingleOrDefault(output => output.Id == id);
}

internal sealed record OutputDetails(
    string Id,
    string Kind,
    string Target,
    string State,
    DateTimeOffset Since,
    string? Reason,
    long FramesSent,
    long FramesDropped,
    long BytesSent,
    int Retries
);

internal sealed record CaptureDetails(DateTimeOffset At, long FramesCaptured, long FramesDropped);

/// <summary>What <c>GET /api/pressure</c> tells.</summary>
internal sealed record PressureAnswer(bool HasRoom, IReadOnlyList<NodePressure> Nodes);

internal sealed record NodePressure(string Node, string? Reason)
{
    /// <summary>How many sessions the node holds.</summary>
    public int Running { get; init; }
}

internal sealed record RecordDetails(
    string Path,
    int Attempt,
    bool Finished,
    DateTimeOffset? OpenedAt,
    double? DurationSeconds,
    long? Bytes,
    bool Repaired,
    long FramesCaptured,
    long FramesDropped
)
{
    /// <summary>Null until the record's manifest is written.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Where else the media go.</summary>
    public IReadOnlyList<DeliveryDetails> Deliveries { get; init; } = [];
}

/// <summary>One delivery of a record.</summary>
internal sealed record DeliveryDetails(
    string To,
    string Kind,
    string State,
    int Attempts,
    int? ExitCode,
    string? LastOutput,
    string? Error
)
{
    /// <summary>How much of a growing record the destination has confirmed.</summary>
    public long? SentBytes { get; init; }

    /// <summary>Whether the destination has only what was sent while the record grew.</summary>
    public bool Partial { get; init; }
}

internal sealed record GapDetails(DateTimeOffset From, DateTimeOffset? To, string Code);

internal sealed record FaultDetails(DateTimeOffset At, string Code, string Message);
