using System.Diagnostics;
using Recorder.Worker.Sound;

namespace Recorder.Worker.Tests.Loop;

/// <summary>White noise as it would come from a sound server: in real time, 20 ms at once.</summary>
internal sealed class NoiseSound : ISoundSource
{
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(20);

    private readonly byte[] piece = new byte[(int)(SoundFormat.Rate * Piece.TotalSeconds) * SoundFormat.BytesPerSample];
    private readonly ManualResetEventSlim woken = new();
    private readonly long began = Stopwatch.GetTimestamp();
    private int given;

    private bool IsDue => Stopwatch.GetElapsedTime(began) > Piece * (given + 1);

    public bool Wait(TimeSpan limit)
    {
        if (!IsDue)
            woken.Wait(Piece);
        return true;
    }

    public ReadOnlySpan<byte> Read()
    {
        if (!IsDue)
            return [];
        given++;
        Random.Shared.NextBytes(piece);
        return piece;
    }

    public void WakeUp() => woken.Set();

    public void Dispose() => woken.Dispose();
}
