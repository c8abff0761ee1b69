using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Makes one immutable <see cref="SessionSpec"/> from the body of <c>POST /api/start</c>, or says why not.
/// Pure.</summary>
internal static class StartRequestParser
{
    private const string Example = """{"type":"uri","data":{"uri":"https://…","mode":"record"}}""";

    /// <summary>When the recording is to begin, where that is not now.</summary>
    public const string StartAt = "start_at";

    private static readonly string[] RootFields = ["type", "data", StartAt];

    /// <summary>The types of session in this version, each with the method that reads its <c>data</c>.</summary>
    private static readonly Dictionary<string, Func<JsonFields, SecretFiles, SessionSpec?>> Types = new(
        StringComparer.Ordinal
    )
    {
        ["uri"] = PageSession,
        ["rtp"] = (data, _) => RtpRequestParser.Parse(data),
    };

    /// <summary>The accepted values of <c>type</c>.</summary>
    public static IReadOnlyCollection<string> TypeNames => [.. Types.Keys, ProfileRequest.Meeting];

    /// <summary>Reads the body of a start.</summary>
    /// <param name="body">The body.</param>
    /// <param name="terms">What the start may name and ask for; null: nothing that has a name.</param>
    public static Parsed<SessionSpec> Parse(ReadOnlyMemory<byte> body, StartTerms? terms = null)
    {
        var parsed = ParseWhole(body, terms);
        return parsed.Error is { } error ? error : parsed.Value.Spec;
    }

    /// <summary>Reads the body of a start, and the receivers of events that the body names.</summary>
    /// <param name="body">The body.</param>
    /// <param name="terms">What the start may name and ask for; null: nothing that has a name.</param>
    public static Parsed<StartBody> ParseWhole(ReadOnlyMemory<byte> body, StartTerms? terms = null)
    {
        var known = terms ?? StartTerms.None;
        var expanded = ProfileRequest.Expand(body, known.Profiles);
        if (expanded.Error is { } refusal)
        {
            return refusal;
        }
        var parsed = JsonFields.Read(expanded.Value, Example, fields => Session(fields, known));
        return parsed.Error is { } error ? error : parsed.Value!;
    }

    private static StartBody? Session(JsonFields body, StartTerms terms)
    {
        body.Allow(RootFields);
        var at = ScheduleFields.Time(body, StartAt);
        var parse = (Func<JsonFields, SecretFiles, SessionSpec?>?)null;
        if (body.Text("type", int.MaxValue, required: true) is { } type && !Types.TryGetValue(type, out parse))
        {
            body.Refuse(
                "type",
                $"type must be one of {string.Join(", ", TypeNames)}; \"{Redaction.Line(type, 64)}\" is not served."
            );
        }
        if (body.Object("data") is not { } data)
        {
            return null;
        }
        var name = Name(data);
        var labels = LabelFields.Read(data);
        var deliver = DeliverParser.Parse(data, terms.Destinations);
        var webhooks = SessionWebhookParser.Parse(data);
        var retention = KeepingFields.ReadRetention(data);
        var end = EndFields.Read(data, terms.Longest ?? TimeSpan.MaxValue);
        if (parse?.Invoke(data, terms.Secrets) is not { } spec)
        {
            return null;
        }
        if (deliver is { Orders.IsEmpty: false } && !spec.WritesRecord)
        {
            data.Refuse(
                StartFields.Deliver,
                "data.deliver needs a record, and mode stream makes none; set data.mode to record or both."
            );
        }
        if (retention is not null && !spec.WritesRecord)
        {
            data.Refuse(
                StartFields.Retention,
                "data.retention needs a record, and mode stream makes none; set data.mode to record or both."
            );
        }
        EndFields.Fit(data, end, spec);
        return new StartBody(
            spec with
            {
                Name = name,
                Labels = labels,
                Deliver = deliver,
                Retention = retention,
                End = end,
            },
            webhooks
        )
        {
            StartAt = at,
        };
    }

    private static string? Name(JsonFields data)
    {
        var name = data.Text(StartFields.Name, SpecLimits.MaximumNameLength, required: false);
        if (string.IsNullOrWhiteSpace(name) && name is not null)
        {
            data.Refuse(StartFields.Name, "data.name is empty; leave the field out to start a session without a name.");
        }
        else if (name?.Any(char.IsControl) == true)
        {
            data.Refuse(StartFields.Name, "data.name holds a control character; a name is one line of text.");
        }
        return name;
    }

    private static PageSessionSpec? PageSession(JsonFields data, SecretFiles secrets)
    {
        data.Allow(StartFields.Names);
        var page = Page(data);
        var mode = data.Choice(StartFields.Mode);
        var targets = StreamTargets(data, mode);
        var hls = Hls(data, mode);
        var localPeers = data.Flag(StartFields.LocalPeers);
        var begin = BeginFields.Read(data);
        var settings = PageFields.Read(data, page, secrets);
        var framerate = data.Whole(StartFields.Framerate);
        var spec = new VideoSettings
        {
            Width = data.Whole(StartFields.Width),
            Height = data.Whole(StartFields.Height),
            Framerate = framerate,
            Bitrate = data.Whole(StartFields.Bitrate),
            Preset = data.Choice(StartFields.Preset),
            Profile = data.Choice(StartFields.Profile),
            KeyframeInterval = KeyframeInterval(data, mode, framerate),
            KeyframeIntervalAsked = data.Has(StartFields.KeyframeInterval.Name),
        };
        var audio = new AudioSettings { Bitrate = data.Whole(StartFields.AudioBitrate) };
        var sound = SoundFields.Read(data, mode, hls);
        return page is null
            ? null
            : new PageSessionSpec(page)
            {
                Mode = mode,
                StreamTargets = targets,
                Hls = hls,
                LocalPeers = localPeers,
                Begin = begin,
                Settings = settings,
                Video = sound.Only ? VideoSettings.OfSoundAlone : spec,
                Audio = audio,
                Container = sound.Container,
                SoundOnly = sound.Only,
                AlsoAudio = sound.Beside,
            };
    }

    private static Uri? Page(JsonFields data)
    {
        if (data.Text(StartFields.Uri, SpecLimits.MaximumUriLength, required: true) is not { } text)
        {
            return null;
        }
        if (WebAddress.TryParse(text, WebAddress.PageSchemes, out var page, out var reason))
        {
            return page;
        }
        data.Refuse(StartFields.Uri, $"data.uri {reason}");
        return null;
    }

    /// <summary>
    /// Reads the stream targets. The original's examples give a stream target even in mode <c>record</c>, where it has
    /// no use. Such a target is checked and then left out of the spec, so that no stream key is kept unnecessarily.
    /// </summary>
    private static ImmutableList<StreamTarget> StreamTargets(JsonFields data, RecordingMode mode)
    {
        var list = new StreamTargetList(data);
        list.AddText(StartFields.StreamUri);
        list.AddList(StartFields.StreamUris);
        if (!data.Sound(StartFields.Mode.Name))
        {
            return list.Targets;
        }
        if (mode != RecordingMode.Record)
        {
            if (list.Named.Count == 0 && data.Sound(StartFields.StreamUri, StartFields.StreamUris))
            {
                data.Refuse(
                    StartFields.StreamUri,
                    $"data.stream_uri is missing; mode {StartFields.Mode.Word(mode)} needs at least one stream target."
                );
            }
            return list.Targets;
        }

        if (data.Has(StartFields.StreamUris))
        {
            data.Refuse(
                StartFields.StreamUris,
                "data.stream_uris is of no use in mode record; set data.mode to both or stream."
            );
        }
        return [];
    }

    private static bool Hls(JsonFields data, RecordingMode mode)
    {
        var hls = data.Flag(StartFields.Hls);
        if (hls && mode == RecordingMode.Stream && data.Sound(StartFields.Mode.Name))
        {
            data.Refuse(StartFields.Hls, "data.hls needs a record to stand beside; set data.mode to record or both.");
        }
        return hls;
    }

    /// <summary>Reads the distance of key frames. A player joins a stream at a key frame, and nobody should wait longer
    /// than two seconds for a key frame.</summary>
    private static int KeyframeInterval(JsonFields data, RecordingMode mode, int framerate)
    {
        var asked = data.Whole(StartFields.KeyframeInterval);
        return mode == RecordingMode.Record || data.Has(StartFields.KeyframeInterval.Name) ? asked : 2 * framerate;
    }
}

/// <summary>What the body of a start says.</summary>
/// <param name="Spec">What to record.</param>
/// <param name="Webhooks">The receivers of the session's events.</param>
internal sealed record StartBody(SessionSpec Spec, ImmutableList<SessionWebhookCall> Webhooks)
{
    /// <summary>When the recording is to begin; null: now.</summary>
    public DateTimeOffset? StartAt { get; init; }
}
