namespace Recorder.Http.Edge.Conversations;

/// <summary>A conversation tells itself that its time is up.</summary>
internal sealed record LimitReached
{
    public static LimitReached Instance { get; } = new();
}
