using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>
/// What the journal holds of ended sessions, without what grants access: stream keys, and the users, queries and
/// fragments of addresses. Pure. What is told, kept and counted of a session stays as it was.
/// </summary>
internal static class EndedSecrets
{
    /// <summary>A spec without what grants access.</summary>
    /// <param name="spec">What a session recorded.</param>
    public static SessionSpec Without(SessionSpec spec)
    {
        var bare = spec with
        {
            Deliver = spec.Deliver is { } deliver
                ? deliver with
                {
                    Orders = deliver.Orders.ConvertAll(order =>
                        order with
                        {
                            Addresses = order.Addresses.ConvertAll(Without),
                        }
                    ),
                }
                : null,
        };
        return bare is PageSessionSpec page
            ? page with
            {
                Page = Without(page.Page),
                StreamTargets = page.StreamTargets.ConvertAll(Without),
                Settings = page.Settings?.WithoutTexts(),
            }
            : bare;
    }

    /// <summary>An event or a snapshot of one session or of the farm's list, without what grants access to the sessions
    /// that have ended.</summary>
    /// <param name="stored">What is stored.</param>
    /// <param name="ended">Whether a session has ended; asked of the farm's list, which has many sessions.</param>
    /// <returns>Null when there is nothing to change.</returns>
    public static object? Without(object stored, Func<SessionId, bool> ended) =>
        stored switch
        {
            SessionAccepted accepted => accepted with { Spec = Without(accepted.Spec) },
            PageChanged { Change.Page: { } address } changed => changed with
            {
                Change = changed.Change with { Page = Without(address) },
            },
            TargetsChanged changed => changed with { Targets = changed.Targets.ConvertAll(Without) },
            SessionSnapshot { State: { Spec: { } spec } state } snapshot => snapshot with
            {
                State = state with { Spec = Without(spec), Targets = state.Targets.ConvertAll(Without) },
            },
            // The mark of the request is made of the whole spec, and a repeated start is still to find its session.
            SessionPlaced placed when ended(placed.Id) => placed with
            {
                Spec = Without(placed.Spec),
                Mark = placed.Mark ?? KeyBook.MarkOf(placed.Spec),
            },
            SessionReported reported when ended(reported.Summary.Id) => reported with
            {
                Summary = reported.Summary with { Spec = Without(reported.Summary.Spec) },
            },
            SessionAdvanced { Spec: { } spec } advanced when ended(advanced.Id) => advanced with
            {
                Spec = Without(spec),
            },
            PlacementSnapshot list when list.Sessions.Exists(session => ended(session.Summary.Id)) => list with
            {
                Sessions = list.Sessions.ConvertAll(session =>
                    ended(session.Summary.Id)
                        ? session with
                        {
                            Summary = session.Summary with { Spec = Without(session.Summary.Spec) },
                        }
                        : session
                ),
            },
            _ => null,
        };

    private static Uri Without(Uri address) => new(AddressRedaction.Of(address));

    private static StreamTarget Without(StreamTarget target) => new(target.Redacted);

    private static StreamOutput Without(StreamOutput output) => output with { Target = Without(output.Target) };
}
