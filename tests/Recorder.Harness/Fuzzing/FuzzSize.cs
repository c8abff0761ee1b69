using System.Globalization;

namespace Recorder.Harness.Fuzzing;

/// <summary>How much is tried. A run of all tests tries little, and the same each time. <c>RECORDER_FUZZ=100</c> tries
/// a hundred times as much, and <c>RECORDER_FUZZ_SEED</c> something else.</summary>
internal static class FuzzSize
{
    /// <summary>The seed of the run.</summary>
    public static int Seed => Number("RECORDER_FUZZ_SEED", 1);

    /// <summary>A number of tries.</summary>
    /// <param name="usual">The number in a run of all tests.</param>
    public static int Of(int usual) => usual * Number("RECORDER_FUZZ", 1);

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}
