using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Schedules;

/// <summary>Schedules have changed in the database. To the node that carries the schedules out.</summary>
[Wire("schedules/changed:1")]
public sealed record SchedulesChanged : IWireMessage;

/// <summary>To the actor of all schedules: the session of a time has its place.</summary>
/// <param name="Occurrence">The time, with its session.</param>
internal sealed record OccurrencePlaced(Occurrence Occurrence);

/// <summary>To the actor of all schedules: the session of a time has ended, or there will be none.</summary>
/// <param name="Occurrence">The time and what has become of it.</param>
/// <param name="Name">The name of the schedule, or null.</param>
internal sealed record OccurrenceClosed(Occurrence Occurrence, string? Name);

/// <summary>What an ended session says of the time of a schedule. Pure.</summary>
internal static class OccurrenceOutcome
{
    /// <summary>The most sessions that are started for one time, when none of them records.</summary>
    public const int MostTries = 5;

    /// <summary>The time after its session has ended.</summary>
    /// <param name="occurrence">The time.</param>
    /// <param name="session">The ended session.</param>
    public static Occurrence Of(Occurrence occurrence, SessionSummary session) =>
        session.EverRecorded
            ? occurrence with
            {
                State = OccurrenceState.Done,
                Session = session.Id,
            }
            : Failed(
                occurrence with
                {
                    Session = session.Id,
                },
                session.Faults.IsEmpty ? session.EndReason ?? MissedCode.Failed : session.Faults[^1].Code,
                session.Faults.IsEmpty
                    ? $"Session {session.Id} ended before it recorded."
                    : session.Faults[^1].Message
            );

    /// <summary>The time without a recording.</summary>
    public static Occurrence Failed(Occurrence occurrence, string code, string reason) =>
        occurrence with
        {
            State = OccurrenceState.Missed,
            Code = code,
            Reason = reason,
        };

    /// <summary>Whether another session is started for a time whose session did not record.</summary>
    /// <param name="code">The reason, one of <see cref="FaultCode"/>.</param>
    /// <param name="tries">How many sessions were started.</param>
    /// <param name="inTime">Whether the schedule still allows a start.</param>
    public static bool TriesAgain(string code, int tries, bool inTime) =>
        inTime && tries < MostTries && code is not (FaultCode.NotAdmitted or FaultCode.BeginTimeout);

    /// <summary>The pause before the next session of the same time.</summary>
    /// <param name="tries">How many sessions were started.</param>
    public static TimeSpan PauseAfter(int tries) => TimeSpan.FromSeconds(Math.Min(60, 2 * Math.Pow(2, tries)));
}
