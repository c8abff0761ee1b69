namespace Recorder.Worker.Files;

/// <summary>What a finished file contains.</summary>
/// <param name="Duration">Seconds until the end of the later of its tracks.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Frames">Pictures; 0 when there are none or their number is unknown.</param>
internal sealed record FileSummary(double Duration, long Bytes, long Frames);
