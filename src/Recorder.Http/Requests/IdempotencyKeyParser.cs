using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Reads the optional <c>Idempotency-Key</c> of a start. Pure.</summary>
internal static class IdempotencyKeyParser
{
    /// <summary>The name of the header.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>The longest key, in characters.</summary>
    public const int MaximumLength = 200;

    /// <summary>Reads the key; null when there is none.</summary>
    /// <param name="values">The values of the header.</param>
    public static Parsed<string?> Parse(IReadOnlyList<string?> values) =>
        values switch
        {
            [] => (string?)null,
            [{ Length: > 0 and <= MaximumLength } key] when key.All(c => c is >= ' ' and <= '~') => key,
            [_] => Invalid($"{Header} must be 1 to {MaximumLength} printable ASCII characters."),
            _ => Invalid($"{Header} is given twice; give it once."),
        };

    private static RequestError Invalid(string message) => new(ErrorCode.InvalidRequest, message, Header);
}
