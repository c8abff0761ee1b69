using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>Writes an enum by its name in snake_case. Reads such a name in letters of any case, but never a
/// number.</summary>
/// <typeparam name="T">The enum.</typeparam>
internal sealed class LineEnumConverter<T>()
    : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
