using Recorder.Cluster.Network;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Requests;

namespace Recorder.Http.Endpoints;

/// <summary>
/// Refuses starts and changes whose addresses lead where nobody may go, so that the caller hears the reason at once.
/// The node that records looks at each connection again, because a name may lead elsewhere by then.
/// </summary>
/// <param name="gate">Resolves names, and knows the policy.</param>
/// <param name="route">How browsers reach pages; null: directly.</param>
internal sealed class AddressDesk(AddressGate gate, IPageRoute? route = null)
{
    /// <summary>How long a name may take to be resolved. A name that takes longer is looked at when the connection is
    /// made.</summary>
    private static readonly TimeSpan ResolveLimit = TimeSpan.FromSeconds(1);

    /// <summary>Why a session may not start; null when nothing is against its addresses.</summary>
    /// <param name="spec">What to record.</param>
    public async Task<EdgeRefusal?> RefusalOfAsync(SessionSpec spec)
    {
        if (spec is not PageSessionSpec page)
        {
            return null;
        }
        return await RefusalOfAsync("data." + StartFields.Uri, page.Page)
            ?? await RefusalOfAsync("data." + StartFields.StreamUris, page.StreamTargets);
    }

    /// <summary>Why a page is refused; null when nothing is against its address.</summary>
    /// <param name="field">The field that names the page.</param>
    /// <param name="page">The page.</param>
    public async Task<EdgeRefusal?> RefusalOfAsync(string field, Uri page)
    {
        var refused =
            route?.IsByProxy(page) == true
                ? gate.Policy.WhyRefused(page.IdnHost, page.Port)
                : await gate.WhyRefusedAsync(page.IdnHost, page.Port, ResolveLimit);
        return refused is { } why ? Refused(field, why) : null;
    }

    /// <summary>Why stream targets are refused; null when nothing is against their addresses.</summary>
    /// <param name="field">The field that names the targets.</param>
    /// <param name="targets">The targets.</param>
    public async Task<EdgeRefusal?> RefusalOfAsync(string field, IEnumerable<StreamTarget> targets)
    {
        foreach (var target in targets)
        {
            if (
                target.Peer is { } peer
                && await gate.WhyRefusedAsync(peer.Host, peer.Port, ResolveLimit) is { } why
            )
            {
                return Refused(field, why);
            }
        }
        return null;
    }

    private static EdgeRefusal Refused(string field, string why) =>
        new(ErrorCode.AddressNotAllowed, $"{field}: {why}") { Field = field };
}
