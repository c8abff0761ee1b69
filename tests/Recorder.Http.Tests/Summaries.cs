using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Tests;

/// <summary>Sessions to be told about.</summary>
internal static class Summaries
{
    public const string Node = "akka.tcp://recorder@127.0.0.1:4053";

    public static readonly DateTimeOffset Time = new(2021, 9, 22, 7, 56, 0, TimeSpan.Zero);

    public static SessionSummary Session(int id, SessionPhase phase, params RecordSummary[] records) =>
        new(
            new SessionId(id),
            phase,
            Time,
            Node,
            1,
            new PageSessionSpec(new Uri("https://user:secret@letsmeet.no/roomname?headless=true")),
            [.. records],
            [],
            []
        )
        {
            EverRecorded = records.Length > 0,
        };

    public static RecordSummary Finished(string path) =>
        new(path, 1, true, Time, TimeSpan.FromSeconds(118.04), 88_604_672, false, 2951, 0);

    public static RecordSummary Growing(string path) => new(path, 1, false, Time, null, null, false, 75, 1);
}
