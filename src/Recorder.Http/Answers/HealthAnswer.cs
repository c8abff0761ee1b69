namespace Recorder.Http.Answers;

/// <summary>The health of the node.</summary>
/// <param name="Status">live, ready, or not_ready.</param>
internal sealed record HealthAnswer(string Status);
