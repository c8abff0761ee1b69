namespace Recorder.Node.Pipelines.Files;

/// <summary>What a finished file contains.</summary>
/// <param name="Duration">Seconds.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Frames">Pictures; 0 when unknown.</param>
internal sealed record FileSummary(double Duration, long Bytes, long Frames);
