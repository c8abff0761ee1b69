using System.Text.Json.Nodes;

namespace Recorder.Harness.Nodes;

/// <summary>A start call for a page, small by default: size is not the point of most tests, and CI has 2
/// cores.</summary>
/// <param name="Page">What to record.</param>
internal sealed record StartRequest(Uri Page)
{
    public int Width { get; init; } = 640;

    public int Height { get; init; } = 360;

    public int Framerate { get; init; } = 25;

    /// <summary>kbit/s.</summary>
    public int Bitrate { get; init; } = 2000;

    /// <summary>record, stream or both.</summary>
    public string Mode { get; init; } = "record";

    /// <summary>RTMP targets; none leaves the field out.</summary>
    public IReadOnlyList<string> StreamTargets { get; init; } = [];

    /// <summary>Whether a live playlist is kept beside the record.</summary>
    public bool Hls { get; init; }

    /// <summary>mp4, ts or mkv; null leaves the field out.</summary>
    public string? Container { get; init; }

    /// <summary>Whether the sound alone is recorded.</summary>
    public bool SoundOnly { get; init; }

    /// <summary>The container of the sound beside the record; null leaves the field out.</summary>
    public string? AlsoAudio { get; init; }

    /// <summary>The body of the call.</summary>
    public string Json
    {
        get
        {
            var data = new JsonObject
            {
                ["bitrate"] = Bitrate,
                ["uri"] = Page.OriginalString,
                ["stream_uri"] = "",
                ["mode"] = Mode,
                ["width"] = Width,
                ["height"] = Height,
                ["framerate"] = Framerate,
            };
            if (SoundOnly)
            {
                data = new JsonObject { ["uri"] = Page.OriginalString, ["video"] = false };
            }
            if (AlsoAudio is not null)
            {
                data["also_audio"] = AlsoAudio;
            }
            if (StreamTargets.Count > 0)
            {
                data["stream_uris"] = new JsonArray([.. StreamTargets.Select(target => JsonValue.Create(target))]);
            }
            if (Hls)
            {
                data["hls"] = true;
            }
            if (Container is not null)
            {
                data["container"] = Container;
            }
            return new JsonObject { ["type"] = "uri", ["data"] = data }.ToJsonString();
        }
    }
}
