using Microsoft.AspNetCore.Http;

namespace Recorder.Http.Requests;

/// <summary>The fields of a call that makes a link.</summary>
internal static class LinkFields
{
    public const string Inline = "inline";

    public static readonly WholeNumberField ExpiresIn = new(
        "expires_in",
        "How long the link opens the record, in seconds.",
        60,
        366 * 24 * 3600,
        7 * 24 * 3600,
        "s"
    );

    public static readonly WholeNumberField Downloads = new(
        "downloads",
        "How many downloads may begin; any number when absent.",
        1,
        1_000_000,
        1,
        ""
    );
}

/// <summary>A call that makes a link to a record.</summary>
/// <param name="Record">The record.</param>
/// <param name="Wanted">What the body asks for.</param>
internal sealed record NewLinkCall(RecordInPath Record, WantedLink Wanted) : IReadFromCall<NewLinkCall>
{
    public static async ValueTask<Parsed<NewLinkCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var record = await RecordInPath.ReadAsync(call, longestBody);
        var body = await BodyReader.ReadAsync(call, longestBody, required: false);
        if (RequestError.Of(record.Error, body.Error) is { } error)
        {
            return error;
        }
        var wanted = WantedLink.Parse(body.Value);
        return wanted.Error is not null ? wanted.Error : new NewLinkCall(record.Value, wanted.Value);
    }
}

/// <summary>What a link shall be like.</summary>
/// <param name="ExpiresIn">How long the link opens the record.</param>
/// <param name="Downloads">How many downloads may begin; null: any number.</param>
/// <param name="Inline">Whether a browser shows the record instead of saving it.</param>
internal sealed record WantedLink(TimeSpan ExpiresIn, int? Downloads, bool Inline)
{
    /// <summary>Reads the body; an empty body asks for the defaults. Pure.</summary>
    public static Parsed<WantedLink> Parse(ReadOnlyMemory<byte> body) =>
        body.IsEmpty
            ? new WantedLink(TimeSpan.FromSeconds(LinkFields.ExpiresIn.Default ?? 0), null, false)
            : JsonFields.Read(
                body,
                """{"expires_in":86400,"downloads":1}""",
                fields =>
                {
                    fields.Allow([LinkFields.ExpiresIn.Name, LinkFields.Downloads.Name, LinkFields.Inline]);
                    var downloads = fields.Whole(LinkFields.Downloads);
                    return new WantedLink(
                        TimeSpan.FromSeconds(fields.Whole(LinkFields.ExpiresIn)),
                        fields.Has(LinkFields.Downloads.Name) ? downloads : null,
                        fields.Flag(LinkFields.Inline)
                    );
                }
            );
}

/// <summary>A record that the path names, and a link of it where the path names one.</summary>
internal sealed record LinkInPath(RecordInPath Record, string Link) : IReadFromCall<LinkInPath>
{
    public static async ValueTask<Parsed<LinkInPath>> ReadAsync(HttpRequest call, int longestBody)
    {
        var record = await RecordInPath.ReadAsync(call, longestBody);
        return record.Error is not null
            ? record.Error
            : new LinkInPath(record.Value, call.RouteValues["link"] as string ?? "");
    }
}
