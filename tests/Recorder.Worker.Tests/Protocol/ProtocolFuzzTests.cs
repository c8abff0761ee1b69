using System.Text;
using System.Text.Json;
using Recorder.Harness.Fuzzing;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Tests.Protocol;

/// <summary>Lines between node and worker that nobody wrote.</summary>
public sealed class ProtocolFuzzTests
{
    [Fact]
    public void A_changed_line_is_a_message_or_refused()
    {
        var random = new Random(FuzzSize.Seed);
        var lines = WorkerProtocolTests
            .Commands.Select(row => (string)row[1])
            .Concat(WorkerProtocolTests.Events.Select(row => (string)row[1]))
            .ToList();
        var taken = 0;
        for (var number = 0; number < FuzzSize.Of(5_000); number++)
        {
            var line = Encoding.UTF8.GetString(
                MutatedBytes.Of(random, Encoding.UTF8.GetBytes(lines[random.Next(lines.Count)]))
            );
            taken += IsTaken(() => WorkerProtocol.ParseCommand(line)) ? 1 : 0;
            taken += IsTaken(() => WorkerProtocol.ParseEvent(line)) ? 1 : 0;
        }

        // Changes that are all refused would try the JSON reader alone.
        Assert.True(taken > 50, $"Only {taken} lines were messages.");
    }

    private static bool IsTaken(Func<object> parse)
    {
        try
        {
            return parse() is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
