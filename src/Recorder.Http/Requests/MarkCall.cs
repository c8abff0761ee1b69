using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>A call that marks a moment.</summary>
/// <param name="Id">The session.</param>
/// <param name="Title">What players show.</param>
internal sealed record MarkCall(SessionId Id, string Title) : IReadFromCall<MarkCall>
{
    /// <summary>The field with the title.</summary>
    public const string TitleField = "title";

    private const string Example = """{"title":"…"}""";

    private static readonly string[] Names = [TitleField];

    public static async ValueTask<Parsed<MarkCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var id = SessionInPath.Read(call);
        var title = await BodyReader.ReadAsync(call, longestBody, ParseTitle);
        return RequestError.Of(id.Error, title.Error) is { } error ? error : new MarkCall(id.Value, title.Value);
    }

    /// <summary>Reads the body.</summary>
    /// <param name="body">The body.</param>
    public static Parsed<string> ParseTitle(ReadOnlyMemory<byte> body) =>
        JsonFields.Read(
            body,
            Example,
            fields =>
            {
                fields.Allow(Names);
                var title = fields.Text(TitleField, SessionMark.LongestTitle, required: true) ?? "";
                if (title.Any(char.IsControl) || string.IsNullOrWhiteSpace(title))
                {
                    fields.Refuse(
                        TitleField,
                        "title is empty or holds a control character; a title is one line of text."
                    );
                }
                return title.Trim();
            }
        );
}
