using System.Net;

namespace Recorder.Http.Access;

/// <summary>
/// Recognises the browsers that record sessions on this node. Such a browser must not use the node's own API. A
/// caller's page may redirect its browser to the API. The first request after a redirect can look as if a person had
/// typed the address.
/// </summary>
public interface IRecordingBrowsers
{
    /// <summary>Whether a connection is one of a recording browser's gateway. Cheap enough for every call.</summary>
    /// <param name="caller">The caller's end.</param>
    bool IsGatewayAt(IPEndPoint caller);

    /// <summary>Whether a recording browser is at the other end of a connection.</summary>
    /// <param name="caller">The caller's end.</param>
    /// <param name="node">The node's end.</param>
    Task<bool> IsOneAtAsync(IPEndPoint caller, IPEndPoint node);
}
