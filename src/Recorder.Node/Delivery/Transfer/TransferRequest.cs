using System.Text.Json;
using System.Text.Json.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Worker.Network;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>A file to bring to a destination.</summary>
/// <param name="Path">The absolute path on this host.</param>
/// <param name="Name">The name at the destination: a relative path with slashes.</param>
/// <param name="Sha256">The SHA-256 that the file must have, in lower-case hexadecimal digits; null where nobody knows
/// the hash.</param>
internal sealed record FileToSend(string Path, string Name, string? Sha256);

/// <summary>What the node tells a transfer process: one line of JSON on the standard input. The line holds secrets, so
/// it stands in no command line and no log.</summary>
/// <param name="Destination">The destination's name, for messages.</param>
/// <param name="Options">The destination.</param>
/// <param name="Files">The files, in the order in which they are sent.</param>
/// <param name="BytesPerSecond">The most bytes a second; 0: no limit.</param>
/// <param name="State">The file in which the process keeps what a later attempt needs to go on.</param>
/// <param name="Address">The caller's own address for the record, or null.</param>
internal sealed record TransferRequest(
    string Destination,
    DestinationOptions Options,
    IReadOnlyList<FileToSend> Files,
    long BytesPerSecond,
    string State,
    Uri? Address
)
{
    /// <summary>How long nobody has gone on with a transfer before its delivery counts as given up; null: for
    /// ever.</summary>
    public TimeSpan? GivenUpAfter { get; init; }

    /// <summary>Whether the only file grows, and is to be sent until the process is ended.</summary>
    public bool Growing { get; init; }

    /// <summary>The parts of which an object is to be made without a file; else null.</summary>
    public GrownParts? Complete { get; init; }

    /// <summary>Where a caller's address may lead.</summary>
    public NetworkRules Network { get; init; } = NetworkRules.None;

    /// <summary>Writes the request as one line.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, TransferJson.Options);

    /// <summary>Reads a request.</summary>
    /// <exception cref="JsonException">The line is no request.</exception>
    public static TransferRequest Of(string line) =>
        JsonSerializer.Deserialize<TransferRequest>(line, TransferJson.Options)
        ?? throw new JsonException("The request is null.");
}

/// <summary>How a transfer ended: the last line of the process's standard output.</summary>
/// <param name="Problem">What went wrong, as sentences that a person can act on; null: the destination has all
/// files.</param>
/// <param name="MayPass">Whether a later attempt may succeed.</param>
internal sealed record TransferReport(string? Problem, bool MayPass)
{
    /// <summary>Whether the destination said that it has the files, and told no sum by which they could be
    /// compared.</summary>
    public bool Unconfirmed { get; init; }

    /// <summary>The line of a process whose transfer is under way and has moved.</summary>
    public const string SignOfLife = ".";

    /// <summary>Writes the report as one line.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, TransferJson.Options);

    /// <summary>Reads a report; null when the line is none.</summary>
    public static TransferReport? Of(string line)
    {
        if (line == SignOfLife)
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<TransferReport>(line, TransferJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How node and transfer process write their lines.</summary>
internal static class TransferJson
{
    /// <summary>JSON without line breaks.</summary>
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new ByteSizeJson(), new JsonStringEnumConverter() },
    };

    private sealed class ByteSizeJson : JsonConverter<ByteSize>
    {
        public override ByteSize Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            new(reader.GetInt64());

        public override void Write(Utf8JsonWriter writer, ByteSize value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.Bytes);
    }
}
