namespace Recorder.Http.Answers;

/// <summary>How the node is.</summary>
/// <param name="Status">live, ready, or not_ready.</param>
internal sealed record HealthAnswer(string Status);
