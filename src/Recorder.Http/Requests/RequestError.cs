using System.Collections.Immutable;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Why a request is refused: the first mistake in it, and all of them.</summary>
/// <param name="Code">One of the codes of <see cref="ErrorCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
/// <param name="Field">The field or header to blame, such as <c>data.bitrate</c>; null where there is none.</param>
internal sealed record RequestError(string Code, string Message, string? Field)
{
    /// <summary>The most mistakes that are told. Nobody mends more at once, and a request of thousands must not make an
    /// answer of thousands.</summary>
    public const int MostTold = 20;

    /// <summary>All mistakes, this one first, at most <see cref="MostTold"/>.</summary>
    public ImmutableList<FieldError> All { get; private init; } = [new(Message, Field)];

    /// <summary>This error with the mistakes of a later one added, if both are of one code: an answer has
    /// one.</summary>
    public RequestError And(RequestError? later) =>
        later is null || later.Code != Code || All.Count == MostTold
            ? this
            : this with
            {
                All = [.. All.Concat(later.All).Take(MostTold)],
            };

    /// <summary>The first of two parts of a request that is refused, with the mistakes of both; null where neither
    /// is.</summary>
    public static RequestError? Of(RequestError? first, RequestError? second) => first?.And(second) ?? second;
}

/// <summary>What became of a request: either a value or the reason why there is none.</summary>
internal readonly record struct Parsed<T>(T Value, RequestError? Error)
{
    public static implicit operator Parsed<T>(RequestError error) => new(default!, error);

    public static implicit operator Parsed<T>(T value) => new(value, null);
}
