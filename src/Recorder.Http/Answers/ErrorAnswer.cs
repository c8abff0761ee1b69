using System.Text.Json.Serialization;
using Recorder.Cluster.Placement;

namespace Recorder.Http.Answers;

/// <summary>What went wrong.</summary>
/// <param name="Error">One sentence a person can act on.</param>
/// <param name="Code">The reason, in snake_case, for a program to act on.</param>
/// <param name="Field">The field or header to blame, such as data.bitrate; absent where there is none.</param>
/// <param name="Nodes">Of at_capacity: each node and its reason; absent otherwise.</param>
/// <param name="Errors">Of a request with more than one mistake: all of them, the first one included; absent
/// otherwise.</param>
public sealed record ErrorAnswer(
    string Error,
    string Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<NodeRefusal>? Nodes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<FieldError>? Errors = null
);

/// <summary>One mistake of a request.</summary>
/// <param name="Error">One sentence a person can act on.</param>
/// <param name="Field">The field or header to blame, such as data.bitrate; absent where there is none.</param>
public sealed record FieldError(
    string Error,
    [property: JsonPropertyOrder(-1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null
);
