namespace Recorder.Worker.Files;

/// <summary>The content of a finished file.</summary>
/// <param name="Duration">Seconds until the end of the track that ends last.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Frames">Number of pictures; 0 when there are none or their number is unknown.</param>
internal sealed record FileSummary(double Duration, long Bytes, long Frames);
