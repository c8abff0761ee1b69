using System.Text.Json.Serialization;
using Recorder.Cluster.Placement;

namespace Recorder.Http.Answers;

/// <summary>What went wrong.</summary>
/// <param name="Error">One sentence that a person can act on.</param>
/// <param name="Code">The reason, in snake_case, for a program to act on.</param>
/// <param name="Field">The field or header at fault, such as data.bitrate; absent when no field is at fault.</param>
/// <param name="Nodes">For at_capacity: each node and its reason; absent otherwise.</param>
/// <param name="Errors">For a request with more than one mistake: all mistakes, including the first; absent
/// otherwise.</param>
public sealed record ErrorAnswer(
    string Error,
    string Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<NodeRefusal>? Nodes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<FieldError>? Errors = null
);

/// <summary>One mistake of a request.</summary>
/// <param name="Error">One sentence that a person can act on.</param>
/// <param name="Field">The field or header at fault, such as data.bitrate; absent when no field is at fault.</param>
public sealed record FieldError(
    string Error,
    [property: JsonPropertyOrder(-1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null
);
