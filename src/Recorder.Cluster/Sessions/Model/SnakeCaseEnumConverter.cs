using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>Writes an enum by its name in snake_case. Reads such a name, in letters of any case, and never a
/// number.</summary>
/// <typeparam name="T">The enum.</typeparam>
public sealed class SnakeCaseEnumConverter<T>()
    : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
