namespace Recorder.Http.Edge;

/// <summary>Key of the edge actor in the actor registry. Only this project's endpoints ask the edge actor.</summary>
public sealed class HttpEdge;
