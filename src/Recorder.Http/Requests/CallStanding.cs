using Microsoft.AspNetCore.Http;

namespace Recorder.Http.Requests;

/// <summary>How far a call has come, for a node that is told to stop.</summary>
internal sealed class CallStanding
{
    private volatile bool _read;

    /// <summary>Whether the whole call has been read, so that only the node's own answer is missing.</summary>
    public bool Read => _read;

    /// <summary>The whole call has been read.</summary>
    /// <param name="context">The call.</param>
    public static void MarkRead(HttpContext context)
    {
        if (context.Features.Get<CallStanding>() is { } standing)
        {
            standing._read = true;
        }
    }
}
