namespace Recorder.Node.Pipelines.Sound;

/// <summary>How much later sound comes out of the record than the picture of the same moment, were nothing done about it.</summary>
internal static class SoundDelay
{
    /// <summary>The constant part, which the sound track's origin makes up for, in nanoseconds.</summary>
    public const long Nanoseconds = 0;
}
