using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>What a call was about and what became of it, beyond path and status: noted while the call is answered, for
/// the audit.</summary>
internal sealed class CallNotes
{
    /// <summary>The session that the call is about; null where there is none.</summary>
    public SessionId? Session { get; private set; }

    /// <summary>The code of the error that was answered; null where none was.</summary>
    public string? Code { get; private set; }

    /// <summary>What else says what was done; null where nothing does.</summary>
    public string? Detail { get; private set; }

    /// <summary>What is noted of a call so far; null where nothing is.</summary>
    public static CallNotes? Of(HttpContext context) => context.Items[typeof(CallNotes)] as CallNotes;

    /// <summary>Notes the session that a call is about.</summary>
    /// <param name="context">The call; null outside of calls.</param>
    /// <param name="session">The session.</param>
    public static void Note(HttpContext? context, SessionId session) => Change(context, one => one.Session = session);

    /// <summary>Notes the code of an error.</summary>
    public static void NoteCode(HttpContext context, string code) => Change(context, one => one.Code = code);

    /// <summary>Notes what else says what was done. The words must have no secret.</summary>
    public static void NoteDetail(HttpContext? context, string detail) => Change(context, one => one.Detail = detail);

    private static void Change(HttpContext? context, Action<CallNotes> change)
    {
        if (context is null)
        {
            return;
        }
        if (Of(context) is not { } outcome)
        {
            context.Items[typeof(CallNotes)] = outcome = new CallNotes();
        }
        change(outcome);
    }
}
