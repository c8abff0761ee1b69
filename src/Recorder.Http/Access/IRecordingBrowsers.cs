using System.Net;

namespace Recorder.Http.Access;

/// <summary>
/// Knows the browsers that record sessions on this node. They have no business with its own API: a caller's page may
/// send its browser there, by a redirect, and what a browser is sent to first looks as if a person had typed the
/// address.
/// </summary>
public interface IRecordingBrowsers
{
    /// <summary>Whether one of them is at the other end of a connection.</summary>
    /// <param name="caller">The caller's end.</param>
    /// <param name="node">The node's end.</param>
    Task<bool> IsOneAtAsync(IPEndPoint caller, IPEndPoint node);
}
