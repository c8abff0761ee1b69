using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>Converts between the lines of the worker's protocol and records. Golden lines in the tests fix the
/// form.</summary>
public static class WorkerProtocol
{
    /// <summary>The greatest size of a picture in <see cref="WorkerEvent.ThumbnailTaken"/>, in bytes.</summary>
    public const int LargestThumbnail = 2 << 20;

    /// <summary>The longest line, in characters: a picture of <see cref="LargestThumbnail"/> in base64, and the JSON
    /// around the picture.</summary>
    public const int LongestLine = (LargestThumbnail * 4 / 3) + 4096;

    /// <summary>One command as one line, without the line feed.</summary>
    public static string Serialize(WorkerCommand command) =>
        JsonSerializer.Serialize(command, WorkerProtocolJson.Default.WorkerCommand);

    /// <summary>One event as one line, without the line feed.</summary>
    public static string Serialize(WorkerEvent workerEvent) =>
        JsonSerializer.Serialize(workerEvent, WorkerProtocolJson.Default.WorkerEvent);

    /// <summary>Reads one command.</summary>
    /// <exception cref="JsonException">The line is not a command; the message says why.</exception>
    public static WorkerCommand ParseCommand(string line) => Parse(line, WorkerProtocolJson.Default.WorkerCommand);

    /// <summary>Reads one event.</summary>
    /// <exception cref="JsonException">The line is not an event; the message says why.</exception>
    public static WorkerEvent ParseEvent(string line) => Parse(line, WorkerProtocolJson.Default.WorkerEvent);

    private static T Parse<T>(string line, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, type)
                ?? throw new JsonException("The line is the JSON value null.");
        }
        catch (NotSupportedException error)
        {
            // System.Text.Json throws this for an object without a discriminator.
            throw new JsonException("The object does not say which message it is.", error);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(WorkerCommand))]
[JsonSerializable(typeof(WorkerEvent))]
internal sealed partial class WorkerProtocolJson : JsonSerializerContext;
