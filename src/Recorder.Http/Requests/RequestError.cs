using System.Collections.Immutable;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Why a request is refused: the first mistake in the request, and all mistakes.</summary>
/// <param name="Code">One of the codes of <see cref="ErrorCode"/>.</param>
/// <param name="Message">One sentence that a person can act on.</param>
/// <param name="Field">The field or header at fault, such as <c>data.bitrate</c>; null when there is none.</param>
internal sealed record RequestError(string Code, string Message, string? Field)
{
    /// <summary>The most mistakes in an answer. Nobody corrects more at once, and a request with thousands of mistakes
    /// must not produce an answer with thousands.</summary>
    public const int MostTold = 20;

    /// <summary>All mistakes, at most <see cref="MostTold"/>; the mistake of this error is first.</summary>
    public ImmutableList<FieldError> All { get; private init; } = [new(Message, Field)];

    /// <summary>Adds the mistakes of a later error, if both errors have the same code. An answer has only one
    /// code.</summary>
    public RequestError And(RequestError? later) =>
        later is null || later.Code != Code || All.Count == MostTold
            ? this
            : this with
            {
                All = [.. All.Concat(later.All).Take(MostTold)],
            };

    /// <summary>The error of a request with two parts, with the mistakes of both parts. The first refused part counts;
    /// null when neither part is refused.</summary>
    public static RequestError? Of(RequestError? first, RequestError? second) => first?.And(second) ?? second;
}

/// <summary>The outcome of reading a request: either a value or the reason why there is none.</summary>
internal readonly record struct Parsed<T>(T Value, RequestError? Error)
{
    public static implicit operator Parsed<T>(RequestError error) => new(default!, error);

    public static implicit operator Parsed<T>(T value) => new(value, null);
}
