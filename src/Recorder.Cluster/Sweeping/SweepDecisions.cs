using System.Collections.Immutable;
using System.Globalization;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Sweeping;

/// <summary>Records of one session that a sweep erases.</summary>
/// <param name="Session">The session.</param>
/// <param name="Numbers">The numbers of the records.</param>
/// <param name="Cause">Why.</param>
/// <param name="Reason">Why, as one sentence for people.</param>
internal sealed record SweptSession(SessionId Session, ImmutableList<int> Numbers, EraseCause Cause, string Reason);

/// <summary>Decides which records a sweep erases. The session of a record decides last, because the lists may be older
/// than a hold. Pure.</summary>
internal static class SweepDecisions
{
    /// <summary>The records whose erasing is to be carried out, and the records that are past their
    /// retention.</summary>
    /// <param name="records">Records of the node.</param>
    /// <param name="policy">How long records are kept.</param>
    /// <param name="now">The time that can be trusted; null: no record counts as expired.</param>
    public static ImmutableList<SweptSession> Due(
        IEnumerable<SweptRecord> records,
        RetentionPolicy policy,
        DateTimeOffset? now
    ) =>
        Together(
            from swept in records
            let cause = swept.Record.Erasing is { Done: null } erasing ? erasing.Cause
                : now is { } at ? policy.CauseAt(swept.Spec, swept.Record, at)
                : null
            where cause is not null
            select (swept, cause.Value, swept.Record.Erasing?.Reason ?? ReasonOf(swept, policy, cause.Value))
        );

    /// <summary>The oldest records that go so that the others have room.</summary>
    /// <param name="records">The records of the node, oldest first.</param>
    /// <param name="policy">How long records are kept.</param>
    /// <param name="tooMuch">By how many bytes the records are too large.</param>
    public static ImmutableList<SweptRecord> MakeRoom(
        IEnumerable<SweptRecord> records,
        RetentionPolicy policy,
        long tooMuch
    )
    {
        var gone = ImmutableList.CreateBuilder<SweptRecord>();
        foreach (var swept in records.Where(swept => policy.MayMakeRoom(swept.Spec, swept.Record)))
        {
            if (tooMuch <= 0)
            {
                break;
            }
            gone.Add(swept);
            tooMuch -= swept.Record.Bytes ?? 0;
        }
        return gone.ToImmutable();
    }

    /// <summary>The records that make room, by session.</summary>
    /// <param name="gone">The records.</param>
    /// <param name="most">The most bytes that the records of the node may have.</param>
    public static ImmutableList<SweptSession> ForRoom(IEnumerable<SweptRecord> gone, ByteSize most) =>
        Together(
            gone.Select(swept =>
                (swept, EraseCause.Size, $"The records of the node took more than {most}, and this one was the oldest.")
            )
        );

    private static ImmutableList<SweptSession> Together(
        IEnumerable<(SweptRecord Swept, EraseCause Cause, string Reason)> due
    ) =>
        [
            .. due.GroupBy(item => (item.Swept.Id.Session, item.Cause, item.Reason))
                .Select(group => new SweptSession(
                    group.Key.Session,
                    [.. group.Select(item => item.Swept.Id.Number)],
                    group.Key.Cause,
                    group.Key.Reason
                )),
        ];

    private static string ReasonOf(SweptRecord swept, RetentionPolicy policy, EraseCause cause)
    {
        var until = policy
            .ExpiresAt(swept.Spec, swept.Record)
            ?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return cause == EraseCause.Delivered
            ? $"The record is delivered, and was to stay on its node until {until} UTC."
            : $"The record was to be kept until {until} UTC.";
    }
}
