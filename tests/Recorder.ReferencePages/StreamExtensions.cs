namespace Recorder.ReferencePages;

/// <summary>Collecting a child's output.</summary>
internal static class StreamExtensions
{
    /// <summary>The other direction of <see cref="Stream.CopyToAsync(Stream, CancellationToken)"/>, in the shape the
    /// tools want.</summary>
    public static Task CopyFromAsync(this MemoryStream memory, Stream source, CancellationToken cancellationToken) =>
        source.CopyToAsync(memory, cancellationToken);
}
