using Recorder.Benchmarks.Measuring;
using Recorder.Benchmarks.Systems;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>What a record of steady tones lacks.</summary>
/// <param name="Compared">How much was compared.</param>
/// <param name="HeardByBoth">Breaks that the other listener hears too: the browser's own.</param>
/// <param name="Differences">Where the record does not hold what the other listener heard.</param>
internal sealed record SoundReport(TimeSpan Compared, int HeardByBoth, IReadOnlyList<SoundDifference> Differences);

/// <summary>A page of steady tones, recorded beside another listener on the same monitor.</summary>
/// <param name="product">The product's build output.</param>
/// <param name="duration">How long.</param>
internal sealed class SoundScenario(string product, TimeSpan duration)
{
    // The picture stands still and is not what is measured.
    private static readonly RecordingFormat Format = new(320, 180, 5, 200);

    // The browser opens its sound device meanwhile.
    private static readonly TimeSpan Opening = TimeSpan.FromSeconds(1);

    /// <summary>Runs the scenario.</summary>
    public async Task<SoundReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("recorder-benchmark-").FullName;
        // The browser's account must be able to pass through to its profile.
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        try
        {
            var pages = await ReferencePageServer.StartAsync(cancellationToken: cancellationToken);
            await using var pagesEnd = pages;
            var session = await new ProductSystem(product, ProductSystem.RecordName).StartAsync(
                new RecordingRequest(pages.Tone, Format, folder),
                cancellationToken
            );
            await using var sessionEnd = session;
            var listener = SoundListener.Start(ServerOf(session));
            await using var listenerEnd = listener;
            await Task.Delay(duration, cancellationToken);
            var heard = await listener.EndAsync();
            var record = await session.StopAsync(cancellationToken);
            var sound = await new MediaAnalysis(record).SoundAsync(cancellationToken);
            var differences = SoundComparison.Of(sound, heard, out var compared);
            return new SoundReport(
                compared,
                ToneBreaks.In(heard, ToneBreaks.OfThePage).Count,
                [.. differences.Where(difference => difference.At > Opening)]
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A rehearsal that gives way to the session may be there still; the run directories of the first session's attempts
    // begin with its number.
    private static string ServerOf(IRecordingSession session)
    {
        const string socket = "socket=";
        return "unix:"
            + session
                .Processes.Current()
                .Where(process => SessionParts.Of(process) == SessionPart.Sound)
                .SelectMany(process => process.Arguments)
                .SelectMany(argument => argument.Split(' '))
                .Where(word => word.StartsWith(socket, StringComparison.Ordinal))
                .Select(word => word[socket.Length..])
                .Single(path => path.Contains("/1-", StringComparison.Ordinal));
    }
}
