using System.Text;
using CsCheck;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Requests;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Requests;

/// <summary>No body, whatever it is, makes an exception or a 500.</summary>
[Trait("ring", "actor")]
public sealed class FuzzTests
{
    private static readonly Gen<string> Scalar = Gen.OneOf<string>(
        Gen.OneOf(
            "null",
            "true",
            "false",
            "0",
            "-0",
            "-1",
            "1",
            "1.5",
            "1e400",
            "25",
            "1279",
            "100000",
            "1000000000000",
            "100000000000000000000",
            "\"\"",
            "\"uri\"",
            "\"rtp\"",
            "\"record\"",
            "\"both\"",
            "\"mp4\"",
            "\"https://example.org/\"",
            "\"https://\\ud800/\"",
            "\"\\udc00\"",
            "\"http://xn--/\"",
            "\"https://[::1%25eth0]/\"",
            "\"file:///\"",
            "\"rtmp://h/a\"",
            "\"rtmp://h/a/b\"",
            "\"rtmps://h:1/a/b?c=%20\"",
            "\"rtmp://h/%zz/b\"",
            "[\"rtmp://h/a/b\"]",
            "\"https://a@b@c:9/\"",
            "\"http://\\u200d.x/\"",
            "[]",
            "{}"
        ),
        Gen.Int.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        Gen.Double.Select(number => System.Text.Json.JsonSerializer.Serialize(double.IsFinite(number) ? number : 0)),
        Gen.String.Select(text => System.Text.Json.JsonSerializer.Serialize(text)),
        Gen.String.Select(text => System.Text.Json.JsonSerializer.Serialize("https://" + text))
    );

    private static readonly Gen<string> Name = Gen.OneOf<string>(
        Gen.OneOf([
            .. StartFields.Names,
            .. RtpFields.Names,
            ChangeRequestParser.Add,
            ChangeRequestParser.Remove,
            "type",
            "data",
            "id",
            "ID",
            "\\ud800",
            "",
        ]),
        Gen.String[Gen.Char['a', 'z'], 0, 5]
    );

    private static readonly Gen<string> Value = Scalar.SelectMany(scalar =>
        Gen.Frequency<string>(
            (4, Gen.Const(scalar)),
            (1, Object(Scalar)),
            (1, Scalar.Array[0, 3].Select(items => $"[{string.Join(',', items)}]"))
        )
    );

    private static readonly Gen<string> Address = Gen.Frequency<string>(
        (
            4,
            Gen.OneOf(
                "\"https://example.org/a?b=c#d\"",
                "\"http://[::1]:8080\"",
                "\"https://b\u00fccher.example/\"",
                "\"HTTP://10.0.0.1/\"",
                "\"https://u:p@h/\"",
                "\"http://a.b-c.example:65535/%zz\""
            )
        ),
        (1, Gen.String.Select(text => System.Text.Json.JsonSerializer.Serialize("https://" + text))),
        (1, Gen.String.Select(text => System.Text.Json.JsonSerializer.Serialize("http://h" + text)))
    );

    /// <summary>Data with each field mostly right, sometimes not, mostly absent: where both sides of every check
    /// are.</summary>
    private static readonly Gen<string> Data = StartFields
        .Numbers.Select(field =>
            Optional(
                field.Name,
                Gen.Int[field.Minimum - 1, field.Maximum + 1]
                    .Select(number =>
                        (field.Even ? number & ~1 : number).ToString(System.Globalization.CultureInfo.InvariantCulture)
                    )
            )
        )
        .Concat(
            StartFields.Choices.Select(field =>
                Optional(field.Name, Gen.OneOf([.. field.Words.Select(word => $"\"{word}\"")]))
            )
        )
        .Append(Optional(StartFields.StreamUri, Gen.OneOf("\"\"", "\"rtmp://h/a\"", "\"rtmp://h/a/b\"")))
        .Append(
            Optional(
                StartFields.StreamUris,
                Gen.OneOf("[]", "[\"rtmp://h/a/c\"]", "[\"rtmp://h/a/b\",\"rtmps://h/a/b\"]")
            )
        )
        .Append(Optional(StartFields.Hls, Gen.OneOf("true", "false")))
        .Aggregate(
            Address.Select(address => $"\"uri\":{address}"),
            (body, field) => Gen.Select(body, field, (left, right) => left + right)
        )
        .Select(fields => $"{{{fields}}}");

    /// <summary>Bodies near to right ones, where the branches are.</summary>
    private static readonly Gen<byte[]> NearlyRight = Gen.Select(
        Gen.Frequency<string>((9, Gen.Const("\"uri\"")), (1, Value)),
        Gen.Frequency<string>((6, Data), (2, Object(Value)), (1, Value)),
        Gen.Frequency<string>(
            (9, Gen.Const("")),
            (1, Gen.Select(Name, Value, (name, value) => $",\"{name}\":{value}"))
        ),
        (type, data, more) => Encoding.UTF8.GetBytes($"{{\"type\":{type},\"data\":{data}{more}}}")
    );

    private static readonly Gen<byte[]> NearlyRtp = RtpFields
        .Numbers.Select(field =>
            Optional(
                field.Name,
                Gen.Int[field.Minimum - 1, field.Maximum + 1]
                    .Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture))
            )
        )
        .Concat(
            RtpFields.Choices.Select(field =>
                Optional(field.Name, Gen.OneOf([.. field.Words.Select(word => $"\"{word}\"")]))
            )
        )
        .Aggregate(Gen.Const("\"rtpPort\":0"), (body, field) => Gen.Select(body, field, (left, right) => left + right))
        .Select(fields => Encoding.UTF8.GetBytes($"{{\"type\":\"rtp\",\"data\":{{{fields}}}}}"));

    /// <summary>The same with some bytes broken, and bytes without any sense.</summary>
    private static readonly Gen<byte[]> Body = Gen.Frequency<byte[]>(
        (5, NearlyRight),
        (1, NearlyRtp),
        (2, Object(Value).Select(Encoding.UTF8.GetBytes)),
        (3, Gen.Select(NearlyRight, Gen.Int[0, 10_000], Gen.Byte, Break)),
        (1, Gen.Byte.Array[0, 300])
    );

    [Fact]
    public void No_body_makes_a_parser_throw_and_every_refusal_is_a_sentence() =>
        Body.Sample(
            body =>
            {
                Check(StartRequestParser.Parse(body).Error);
                Check(IdRequestParser.ParseBody(body).Error);
                Check(ChangeRequestParser.Parse(body).Error);
            },
            iter: 50_000
        );

    [Fact]
    public void A_spec_that_was_taken_is_within_its_limits()
    {
        var taken = 0;
        Body.Sample(
            body =>
            {
                if (StartRequestParser.Parse(body) is not { Error: null, Value: PageSessionSpec spec })
                {
                    return true;
                }
                Interlocked.Increment(ref taken);
                return spec.Page is { IsAbsoluteUri: true, Scheme: "http" or "https", Host.Length: > 0 }
                    && spec.Video
                        is
                    {
                        Width: >= SpecLimits.MinimumWidth and <= SpecLimits.MaximumWidth,
                        Height: >= SpecLimits.MinimumHeight and <= SpecLimits.MaximumHeight,
                        Framerate: >= SpecLimits.MinimumFramerate and <= SpecLimits.MaximumFramerate,
                        Bitrate: >= SpecLimits.MinimumVideoBitrate and <= SpecLimits.MaximumVideoBitrate,
                        KeyframeInterval: >= 1 and <= SpecLimits.MaximumKeyframeInterval,
                    }
                    && spec.StreamTargets.IsEmpty == (spec.Mode == RecordingMode.Record)
                    && spec.Video.Width % 2 == 0
                    && spec.Video.Height % 2 == 0;
            },
            iter: 50_000
        );

        // Bodies that are all refused would prove nothing.
        Assert.True(taken >= 1_000, $"only {taken} of 50000 bodies were taken");
    }

    [Fact]
    public async Task No_body_makes_an_endpoint_answer_500()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(1), 0, Node));
        edge.Farm.On<StartSession>(start => new SessionRecords(start.Id));
        edge.Farm.On<FindSession>(locate => new SessionUnknown(locate.Id));

        await Gen.Select(Gen.OneOf("POST /api/start", "POST /api/stop", "GET /api/get_records"), Body)
            .SampleAsync(
                async (call, body) =>
                {
                    var parts = call.Split(' ');
                    using var request = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1])
                    {
                        Content = new ByteArrayContent(body),
                    };
                    request.Content.Headers.Add("Content-Type", "application/json");
                    using var answer = await edge.Client.SendAsync(request);
                    if (
                        (int)answer.StatusCode is not (200 or 400 or 404)
                        || answer.Content.Headers.ContentType?.ToString() != "application/json"
                    )
                    {
                        throw new InvalidOperationException(
                            $"{call} {Encoding.UTF8.GetString(body)} was answered {answer}"
                        );
                    }
                },
                iter: 3_000,
                threads: 2
            );
    }

    private static Gen<string> Optional(string name, Gen<string> right) =>
        Gen.Frequency<string>(
            (12, Gen.Const("")),
            (7, right.Select(value => $",\"{name}\":{value}")),
            (1, Value.Select(value => $",\"{name}\":{value}"))
        );

    private static Gen<string> Object(Gen<string> values) =>
        Gen.Select(Name, values, (name, value) => $"\"{name}\":{value}")
            .Array[0, 6]
            .Select(fields => $"{{{string.Join(',', fields)}}}");

    private static byte[] Break(byte[] body, int at, byte with)
    {
        body[at % body.Length] = with;
        return body;
    }

    private static void Check(RequestError? error)
    {
        if (
            error is not null
            && (
                error.Code != "invalid_request"
                || error.All is [] or { Count: > RequestError.MostTold }
                || error.All[0] != new FieldError(error.Message, error.Field)
            )
        )
        {
            throw new InvalidOperationException(error.ToString());
        }
        if (
            error?.All.Exists(mistake =>
                !mistake.Error.EndsWith('.') || mistake.Error.Length > 400 || mistake.Error.Any(char.IsControl)
            ) == true
        )
        {
            throw new InvalidOperationException(error.ToString());
        }
    }
}
