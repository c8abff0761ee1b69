namespace Recorder.Http.Edge;

/// <summary>Key of the edge actor in the actor registry. It is asked by this project's endpoints only.</summary>
public sealed class HttpEdge;
