namespace Recorder.Cluster.Network;

/// <summary>How this node's browsers reach pages.</summary>
public interface IPageRoute
{
    /// <summary>Whether a proxy stands before a page. The proxy resolves the page's name then, so what this node's
    /// resolver says of the name means nothing.</summary>
    /// <param name="page">The page's address.</param>
    bool IsByProxy(Uri page);
}
