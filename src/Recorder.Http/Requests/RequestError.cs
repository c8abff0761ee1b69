namespace Recorder.Http.Requests;

/// <summary>Why a request is refused.</summary>
/// <param name="Code">One of the codes of <see cref="Answers.ErrorCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
/// <param name="Field">The field or header to blame, such as <c>data.bitrate</c>; null where there is none.</param>
internal sealed record RequestError(string Code, string Message, string? Field);

/// <summary>What became of a request: either a value or the reason why there is none.</summary>
internal readonly record struct Parsed<T>(T Value, RequestError? Error)
{
    public static implicit operator Parsed<T>(RequestError error) => new(default!, error);

    public static implicit operator Parsed<T>(T value) => new(value, null);
}
