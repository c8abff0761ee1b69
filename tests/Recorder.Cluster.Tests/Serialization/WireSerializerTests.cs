using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Actor;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Serialization;

[Trait("ring", "actor")]
public sealed class WireSerializerTests : IClassFixture<WireSerializerTests.SystemFixture>
{
    /// <summary>The properties that may be null; of all others null is refused.</summary>
    private static readonly HashSet<string> Optional =
    [
        "idempotencyKey",
        "code",
        "message",
        "reason",
        "closed",
        "openedAt",
        "duration",
        "bytes",
        "to",
        "capture",
        "rtp",
        "ssrc",
        "lastPacketAt",
        "audio",
        "audioRtpPort",
        "audioRtcpPort",
        "cpuPercent",
        "memoryAvailableMegabytes",
        "diskFreeMegabytes",
        "sha256",
        "video",
        "manifest",
        "exitCode",
        "lastOutput",
        "error",
    ];

    /// <summary>Payloads in which names are optional that are not elsewhere.</summary>
    private static readonly Dictionary<string, string[]> OptionalHere = new()
    {
        ["manifest/write:1"] = ["framesCaptured", "framesRecorded", "framesDropped"],
        ["session/marked:1"] = ["record", "at"],
        ["webhook/tested:1"] = ["status", "error"],
        ["session-event/page-changed:1"] = ["page", "css"],
        ["session-snapshot:1"] =
        [
            "spec",
            "acceptedAt",
            "folder",
            "away",
            "hls",
            "closedAt",
            "current",
            "streamingSince",
            "targetsChangedAt",
            "endpoint",
            "pausedSince",
            "lastEvidence",
            "waitedUntil",
            "outcome",
        ],
    };

    /// <summary>Payloads in which a name of <see cref="Optional"/> is not optional.</summary>
    private static readonly Dictionary<string, string[]> NotOptional = new()
    {
        ["session/start-failed:1"] = ["code", "message"],
        ["session/stop-failed:1"] = ["code", "message"],
        ["session/change-refused:1"] = ["code", "message"],
        ["session/thumbnail-unavailable:1"] = ["code", "message"],
        ["hls/chunk:1"] = ["bytes"],
        ["hls/unreadable:1"] = ["message"],
        ["session-event/fault-met:1"] = ["code", "message"],
        ["session-event/record-lost:1"] = ["message"],
        ["session-event/record-closed:1"] = ["duration", "bytes"],
        ["session-event/recording-interrupted:1"] = ["code"],
        ["manifest/write:1"] = ["manifest"],
        ["manifest/failed:1"] = ["message"],
        ["delivery/not-done:1"] = ["message"],
        ["session-event/delivery-failed:1"] = ["message"],
        ["session-event/delivery-given-up:1"] = ["message"],
        ["session-event/delivery-delayed:1"] = ["message"],
        ["manifest/done:1"] = ["sha256"],
        ["session-event/manifest-written:1"] = ["sha256"],
        ["session-event/manifest-given-up:1"] = ["message"],
        ["placement/refused:1"] = ["code", "message", "reason"],
        ["placement/idempotency-conflict:1"] = ["message"],
    };

    private readonly WireSerializer _serializer;

    public WireSerializerTests(SystemFixture fixture) =>
        _serializer = new WireSerializer((ExtendedActorSystem)fixture.System);

    public static TheoryData<string> AllManifests => [.. WireNames.ToType.Keys.Order(StringComparer.Ordinal)];

    public static TheoryData<string> AllVariants => [.. WireSamples.Variants.Keys];

    [Fact]
    public void Every_message_that_may_leave_a_process_has_a_manifest_and_a_sample()
    {
        var messages = typeof(IWireMessage)
            .Assembly.GetTypes()
            .Where(type =>
                type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IWireMessage))
            )
            .ToHashSet();

        Assert.Empty(messages.Except(WireNames.OfType.Keys));
        Assert.Empty(WireNames.OfType.Keys.Except(messages));
        Assert.Empty(messages.Except(WireSamples.All.Select(sample => sample.GetType())));
    }

    [Theory]
    [MemberData(nameof(AllManifests))]
    public void A_payload_is_what_it_always_was(string manifest)
    {
        var sample = SampleOf(manifest);
        var payload = _serializer.ToBinary(sample);
        GoldenFile.WriteIfAsked(manifest, payload);

        Assert.Equal(manifest, _serializer.Manifest(sample));
        Assert.Equal(Text(GoldenFile.Read(manifest)), Text(payload));
    }

    [Theory]
    [MemberData(nameof(AllVariants))]
    public void A_payload_with_what_its_manifest_got_later_is_what_it_always_was(string name)
    {
        var payload = _serializer.ToBinary(WireSamples.Variants[name]);
        GoldenFile.WriteIfAsked(name, payload);

        Assert.Equal(GoldenFile.ManifestOf(name), _serializer.Manifest(WireSamples.Variants[name]));
        Assert.Equal(Text(GoldenFile.Read(name)), Text(payload));
        AssertPassedOver(name);
    }

    [Fact]
    public void What_a_manifest_got_later_may_be_missing_and_must_not_be_null()
    {
        const string name = "placement/located:1+streams";
        string[] later = ["streamTargets", "hls", "outputs"];
        foreach (var changed in Changes(name, (parent, field) => parent.Remove(field), later.Contains))
        {
            Assert.IsType<SessionLocation>(
                _serializer.FromBinary(Encoding.UTF8.GetBytes(changed.ToJsonString()), "placement/located:1")
            );
        }

        foreach (var changed in Changes(name, (parent, field) => parent[field] = null, later.Contains))
        {
            AssertRefused(changed, "placement/located:1");
        }
    }

    [Fact]
    public void Every_payload_ever_written_is_still_read_and_loses_nothing()
    {
        foreach (var name in GoldenFile.Names)
        {
            var manifest = GoldenFile.ManifestOf(name);
            var golden = GoldenFile.Read(name);
            var read = _serializer.FromBinary(golden, manifest);

            Assert.Equal(WireNames.ToType[manifest], read.GetType());
            if (manifest == WireNames.OfType[read.GetType()])
            {
                Assert.Equal(Text(golden), Text(_serializer.ToBinary(read)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllManifests))]
    public void A_field_of_a_newer_build_is_passed_over_wherever_it_stands(string manifest) =>
        AssertPassedOver(manifest);

    [Theory]
    [MemberData(nameof(AllManifests))]
    public void A_payload_with_a_missing_field_anywhere_is_refused(string manifest)
    {
        foreach (var changed in Changes(manifest, (parent, name) => parent.Remove(name)))
        {
            AssertRefused(changed, manifest);
        }
    }

    [Theory]
    [MemberData(nameof(AllManifests))]
    public void A_payload_with_null_where_a_value_must_be_is_refused(string manifest)
    {
        var optional = Optional
            .Concat(OptionalHere.GetValueOrDefault(manifest, []))
            .Except(NotOptional.GetValueOrDefault(manifest, []))
            .ToHashSet();
        foreach (
            var changed in Changes(manifest, (parent, name) => parent[name] = null, name => !optional.Contains(name))
        )
        {
            AssertRefused(changed, manifest);
        }
    }

    [Fact]
    public void A_manifest_that_is_not_known_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            _serializer.FromBinary("{}"u8.ToArray(), "session/start:99")
        );

        Assert.Contains("session/start:99", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_without_a_manifest_is_refused() =>
        Assert.Contains(
            "LeaveNode",
            Assert.Throws<ArgumentException>(() => _serializer.Manifest(LeaveNode.Instance)).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"id\":\"1\",\"slot\":7}")]
    [InlineData("{\"id\":1.5,\"slot\":7}")]
    [InlineData("{\"id\":0,\"slot\":7}")]
    [InlineData("{\"Id\":1,\"Slot\":7}")]
    [InlineData("{\"id\":1,\"slot\":7} trailing")]
    public void A_payload_of_another_shape_is_refused(string payload) =>
        Assert.Throws<JsonException>(() => _serializer.FromBinary(Encoding.UTF8.GetBytes(payload), "session/stop:1"));

    [Fact]
    public void An_enum_is_read_by_its_name_only()
    {
        var golden = Text(GoldenFile.Read("session-event/end-decided:1"));
        foreach (var other in new[] { "6", "\"6\"", "\"no_such_phase\"" })
        {
            var changed = Encoding.UTF8.GetBytes(golden.Replace("\"failed\"", other, StringComparison.Ordinal));
            Assert.Throws<JsonException>(() => _serializer.FromBinary(changed, "session-event/end-decided:1"));
        }
    }

    private static IWireMessage SampleOf(string manifest) =>
        WireSamples.All.Single(sample => sample.GetType() == WireNames.ToType[manifest]);

    private static string Text(byte[] payload) => Encoding.UTF8.GetString(payload).TrimEnd('\n');

    private static JsonObject Parse(string manifest) => JsonNode.Parse(GoldenFile.Read(manifest))!.AsObject();

    /// <summary>The golden payload with one change, once for each field in it, however deep.</summary>
    private static IEnumerable<JsonObject> Changes(
        string manifest,
        Action<JsonObject, string> change,
        Func<string, bool>? where = null
    )
    {
        var count = Fields(Parse(manifest)).Count();
        for (var index = 0; index < count; index++)
        {
            var payload = Parse(manifest);
            var (parent, name) = Fields(payload).ElementAt(index);
            if (where?.Invoke(name) == false)
            {
                continue;
            }
            change(parent, name);
            yield return payload;
        }
    }

    private static IEnumerable<(JsonObject Parent, string Name)> Fields(JsonNode? node) =>
        node switch
        {
            JsonObject parent => parent
                .Select(field => (parent, field.Key))
                .Concat(parent.SelectMany(field => Fields(field.Value))),
            JsonArray items => items.SelectMany(Fields),
            _ => [],
        };

    private void AssertPassedOver(string name)
    {
        var manifest = GoldenFile.ManifestOf(name);
        var empty = Parse(name);
        empty["unknown"] = 1;
        foreach (var changed in Changes(name, (parent, _) => parent["unknown"] = new JsonObject { ["and"] = 1 }).Append(empty))
        {
            var read = _serializer.FromBinary(Encoding.UTF8.GetBytes(changed.ToJsonString()), manifest);
            Assert.Equal(Text(GoldenFile.Read(name)), Text(_serializer.ToBinary(read)));
        }
    }

    private void AssertRefused(JsonObject payload, string manifest)
    {
        var error = Record.Exception(() =>
            _serializer.FromBinary(Encoding.UTF8.GetBytes(payload.ToJsonString()), manifest)
        );
        Assert.True(
            error is JsonException or NotSupportedException,
            $"{manifest} was read from {payload.ToJsonString()} ({error})"
        );
    }

    public sealed class SystemFixture : IDisposable
    {
        public ActorSystem System { get; } = ActorSystem.Create("serializer");

        public void Dispose() => System.Dispose();
    }
}
