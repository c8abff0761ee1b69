using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>The decisions of a session about the manifests of its records. Pure.</summary>
internal static class ManifestDecisions
{
    /// <summary>
    /// The records whose manifest is to be written now. The manifest of the newest record waits until the next record
    /// has a name, or until the session has ended or leaves its node. Until then a fault of that record may still
    /// come.
    /// </summary>
    /// <param name="state">The session.</param>
    /// <param name="leaving">Whether this incarnation begins no new record.</param>
    public static IEnumerable<RecordState> Due(SessionState state, bool leaving) =>
        state.Records.Where(
            (record, index) => record.ManifestDue && (leaving || state.Ended || index < state.Records.Count - 1)
        );

    /// <summary>A node has written a manifest, or reports that the manifest was not written.</summary>
    public static ImmutableList<ISessionEvent> Hear(SessionState state, ManifestReply heard, Moment now)
    {
        if (state.Records.Find(record => record.Path == heard.Path && record.ManifestDue) is not { } record)
        {
            return [];
        }
        return heard switch
        {
            ManifestDone done => [new ManifestWritten(done.Path, done.Sha256, now.At, record.Node)],
            ManifestFailed { MayPass: false } failed =>
            [
                new FaultMet(FaultCode.ManifestFailed, failed.Message, now.At, record.Node),
                new ManifestGivenUp(failed.Path, failed.Message, now.At, record.Node),
            ],

            // The manifest is tried again; the fault is reported once.
            ManifestFailed failed
                when !state.Faults.Exists(fault =>
                    fault.Code == FaultCode.ManifestFailed && fault.Message == failed.Message
                ) => [new FaultMet(FaultCode.ManifestFailed, failed.Message, now.At, record.Node)],
            _ => [],
        };
    }
}
