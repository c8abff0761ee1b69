namespace Recorder.ReferencePages;

/// <summary>Watches a live stream as a viewer does: an ffmpeg that is attached to its server and decodes each frame as
/// soon as it is there.</summary>
/// <param name="address">Such as <c>rtmp://127.0.0.1:1935/live/name</c>.</param>
public sealed class LiveStream(string address)
{
    /// <summary>Reads until the stream ends or the call is cancelled.</summary>
    /// <param name="onNumber">Called for each frame with a readable number, with the time at which it had been
    /// decoded.</param>
    /// <param name="cancellationToken">Ends the viewer; the call then returns.</param>
    /// <exception cref="InvalidDataException">The viewer ended by itself without having seen one frame.</exception>
    public async Task ReadNumbersAsync(Action<int, DateTimeOffset> onNumber, CancellationToken cancellationToken)
    {
        var frames = 0;
        try
        {
            var result = await MediaTool.RunAsync(
                "ffmpeg",
                [
                    // One thread: several decode several frames at once and hand each out later. The server sends no
                    // picture before a key frame.
                    "-nostdin",
                    "-v",
                    "error",
                    "-fflags",
                    "nobuffer",
                    "-flags",
                    "low_delay",
                    "-threads",
                    "1",
                    "-analyzeduration",
                    "5000000",
                    "-i",
                    address,
                    "-map",
                    "0:v:0",
                    "-vf",
                    BarcodeReader.Filters(PictureRegion.Whole),
                    "-fps_mode",
                    "passthrough",
                    "-flush_packets",
                    "1",
                    "-f",
                    "rawvideo",
                    "pipe:1",
                ],
                readOutput: async (stream, token) =>
                {
                    var pixels = new byte[BarcodeReader.PictureBytes];
                    while (
                        await stream.ReadAtLeastAsync(pixels, pixels.Length, throwOnEndOfStream: false, token)
                        == pixels.Length
                    )
                    {
                        frames++;
                        if (BarcodeReader.NumberOf(pixels) is { } number)
                        {
                            onNumber(number, TimeProvider.System.GetUtcNow());
                        }
                    }
                },
                cancellationToken: cancellationToken
            );
            if (frames == 0)
            {
                throw new InvalidDataException($"{address} showed no frame: {result.LastErrorLines}");
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The viewer was to look until now.
        }
    }
}
