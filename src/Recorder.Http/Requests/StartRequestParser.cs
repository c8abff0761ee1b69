using Recorder.Cluster.Sessions;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Makes the one immutable <see cref="SessionSpec"/> out of the body of <c>POST /api/start</c>, or says why not. Pure.</summary>
internal static class StartRequestParser
{
    private const string Example = """{"type":"uri","data":{"uri":"https://…","mode":"record"}}""";

    private static readonly string[] RootFields = ["type", "data"];

    /// <summary>The types of session this version serves, and what reads their <c>data</c>.</summary>
    private static readonly Dictionary<string, Func<JsonFields, SessionSpec?>> Types = new(StringComparer.Ordinal)
    {
        ["uri"] = PageSession,
    };

    /// <summary>The values of <c>type</c> that are served.</summary>
    public static IReadOnlyCollection<string> TypeNames => Types.Keys;

    /// <summary>Reads the body of a start.</summary>
    public static Parsed<SessionSpec> Parse(ReadOnlyMemory<byte> body)
    {
        var parsed = JsonFields.Read(body, Example, Session);
        return parsed.Error is { } error ? error : parsed.Value!;
    }

    private static SessionSpec? Session(JsonFields body)
    {
        body.Allow(RootFields);
        if (body.Text("type", int.MaxValue, required: true) is not { } type)
            return null;
        if (Types.TryGetValue(type, out var parse))
            return parse(body.Object("data"));
        body.Refuse("type", $"type must be one of {string.Join(", ", TypeNames)}; \"{Redaction.Line(type, 64)}\" is not served.");
        return null;
    }

    private static PageSessionSpec? PageSession(JsonFields data)
    {
        data.Allow(StartFields.Names);
        var page = Page(data);
        var mode = data.Choice(StartFields.Mode);
        CheckStreamTarget(data);
        var spec = new VideoSettings
        {
            Width = data.Whole(StartFields.Width),
            Height = data.Whole(StartFields.Height),
            Framerate = data.Whole(StartFields.Framerate),
            Bitrate = data.Whole(StartFields.Bitrate),
            Preset = data.Choice(StartFields.Preset),
            Profile = data.Choice(StartFields.Profile),
            KeyframeInterval = data.Whole(StartFields.KeyframeInterval),
        };
        var audio = new AudioSettings { Bitrate = data.Whole(StartFields.AudioBitrate) };
        var container = data.Choice(StartFields.Container);
        return page is null ? null : new PageSessionSpec(page) { Mode = mode, Video = spec, Audio = audio, Container = container };
    }

    private static Uri? Page(JsonFields data)
    {
        if (data.Text(StartFields.Uri, SpecLimits.MaximumUriLength, required: true) is not { } text)
            return null;
        if (WebAddress.TryParse(text, WebAddress.PageSchemes, out var page, out var reason))
            return page;
        data.Refuse(StartFields.Uri, $"data.uri {reason}");
        return null;
    }

    /// <summary>
    /// The original's examples give a stream target in mode <c>record</c> too, where it has no use: it is checked and
    /// left out of the spec, so that a stream key is not kept where none is needed.
    /// </summary>
    private static void CheckStreamTarget(JsonFields data)
    {
        if (data.Text(StartFields.StreamUri, SpecLimits.MaximumUriLength, required: false) is not { Length: > 0 } text)
            return;
        if (!WebAddress.TryParse(text, WebAddress.StreamSchemes, out _, out var reason))
            data.Refuse(StartFields.StreamUri, $"data.stream_uri {reason}");
    }
}
