using System.Text.Json;
using Akka.Actor;
using Recorder.Cluster.Serialization;
using Recorder.Harness.Fuzzing;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>Payloads of journal and wire with changed bytes: from a disk that lies, or from a node that should not be
/// there.</summary>
[Trait("ring", "actor")]
public sealed class PayloadFuzzTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("payloads");

    public void Dispose() => _system.Dispose();

    [Fact]
    public void A_changed_payload_is_a_message_or_refused()
    {
        var serializer = new WireSerializer((ExtendedActorSystem)_system);
        var random = new Random(FuzzSize.Seed);
        var names = GoldenFile.Names.Order(StringComparer.Ordinal).ToList();
        var taken = 0;
        for (var number = 0; number < FuzzSize.Of(5_000); number++)
        {
            var name = names[random.Next(names.Count)];
            var payload = MutatedBytes.Of(random, GoldenFile.Read(name));
            try
            {
                _ = serializer.FromBinary(payload, GoldenFile.ManifestOf(name));
                taken++;
            }
            catch (Exception error) when (error is JsonException or ArgumentException or NotSupportedException)
            {
                // The reader of the journal stops this one session, and names it.
                Assert.False(string.IsNullOrWhiteSpace(error.Message));
            }
        }

        Assert.True(taken > 100, $"Only {taken} payloads were messages.");
    }
}
