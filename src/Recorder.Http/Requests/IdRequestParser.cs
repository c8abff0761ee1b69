using System.Globalization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Reads the id of a session out of a body, a query or a path. Pure.</summary>
internal static class IdRequestParser
{
    private const string Example = """{"id":1}""";

    /// <summary>The id as a field of a body.</summary>
    public static readonly WholeNumberField Id = new(
        "id",
        "The session's number, as start answered it.",
        1,
        int.MaxValue,
        Default: null,
        ""
    );

    private static readonly string[] Fields = [Id.Name];

    /// <summary>Reads <c>{"id":1}</c>.</summary>
    public static Parsed<SessionId> ParseBody(ReadOnlyMemory<byte> body) =>
        JsonFields.Read(
            body,
            Example,
            fields =>
            {
                fields.Allow(Fields);
                return new SessionId(fields.Whole(Id));
            }
        );

    /// <summary>Reads the number as written in a query or a path.</summary>
    public static Parsed<SessionId> ParseText(string? text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= Id.Minimum)
        {
            return new SessionId(value);
        }
        return Invalid($"id must be a whole number from {Id.Minimum} to {Id.Maximum}, as start answered it.");
    }

    /// <summary>
    /// Reads the id of a GET. The original takes the id in a JSON body; this recorder also accepts <c>?id=</c>. Both at
    /// once are refused unless they agree.
    /// </summary>
    /// <param name="query">The values of <c>id</c> in the query.</param>
    /// <param name="body">The body, which may be empty.</param>
    public static Parsed<SessionId> ParseQueryOrBody(IReadOnlyList<string?> query, ReadOnlyMemory<byte> body)
    {
        if (query.Count == 0)
        {
            return body.Length == 0
                ? Invalid($"id is missing; send {Example} as the body or ?id=1 in the address.")
                : ParseBody(body);
        }
        if (query.Count > 1)
        {
            return Invalid("id is given twice in the address; give it once.");
        }
        var asked = ParseText(query[0]);
        if (body.Length == 0)
        {
            return asked;
        }
        var sent = ParseBody(body);
        if (asked.Error is not null)
        {
            return asked.Error.And(sent.Error);
        }
        return sent.Error is null && sent.Value != asked.Value
            ? Invalid($"id is {asked.Value} in the address and {sent.Value} in the body; give one of them.")
            : sent;
    }

    private static RequestError Invalid(string message) => new(ErrorCode.InvalidRequest, message, Id.Name);
}
