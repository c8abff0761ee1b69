using System.Text.Json;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>How the list of a farm that has recorded for years is told.</summary>
public sealed class SessionPagesTests
{
    /// <summary>Far below the 16 MiB that remoting takes in one message.</summary>
    private const int LongestPage = 5_000_000;

    [Fact]
    public void Every_session_is_in_one_part_and_no_part_is_too_long_for_a_message()
    {
        var state = new PlacementState();
        for (var id = 1; id <= 20_000; id++)
        {
            state = state.Apply(Farm.Placed(id, 0, Farm.NodeA)).Apply(new SessionReported(Long(id), 5));
        }
        for (var id = 500; id <= 5_000; id++)
        {
            state = state.Apply(new PlacementWithdrawn(new SessionId(id), Sample.Begin));
        }

        var told = new List<int>();
        var page = SessionPages.After(state, 0);
        while (true)
        {
            Assert.NotEmpty(page.Sessions);
            Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(page, WireSerializer.Json).Length, 1, LongestPage);
            told.AddRange(page.Sessions.Select(session => session.Id.Value));
            if (!page.More)
            {
                break;
            }
            page = SessionPages.After(state, told[^1]);
        }

        Assert.Equal(state.Sessions.Keys, told);
    }

    [Fact]
    public void An_empty_farm_has_an_empty_list() =>
        Assert.Equal(
            (0, false),
            (
                SessionPages.After(new PlacementState(), 0).Sessions.Count,
                SessionPages.After(new PlacementState(), 0).More
            )
        );

    /// <summary>One in a hundred has met as many faults and gaps as are kept, with long messages.</summary>
    private static SessionSummary Long(int id)
    {
        var trouble = id % 100 == 0 ? SessionState.FaultsKept : 1;
        return Farm.Summary(id, SessionPhase.Stopped) with
        {
            Records =
            [
                .. Enumerable
                    .Range(1, trouble)
                    .Select(attempt => new RecordSummary(
                        $"/srv/recorder/records/2026-11-23_10:00:00__{attempt}.mp4",
                        attempt,
                        true,
                        Sample.Begin,
                        TimeSpan.FromHours(1),
                        2_000_000_000,
                        false,
                        90_000,
                        0
                    )
                    {
                        Node = Farm.NodeA,
                    }),
            ],
            Faults =
            [
                .. Enumerable.Repeat(
                    new SessionFault(Sample.Begin, Farm.NodeA, FaultCode.PageFailed, new string('x', 2_000)),
                    trouble
                ),
            ],
            Gaps = [.. Enumerable.Repeat(new SessionGap(Sample.Begin, Sample.Begin, FaultCode.PageFailed), trouble)],
        };
    }
}
