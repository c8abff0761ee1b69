using System.Diagnostics;
using Recorder.Worker.Sound;

namespace Recorder.Worker.Tests.Loop;

/// <summary>White noise as it would come from a sound server: in real time, 20 ms at once.</summary>
internal sealed class NoiseSound : ISoundSource
{
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(20);

    private readonly byte[] _piece = new byte[
        (int)(SoundFormat.Rate * Piece.TotalSeconds) * SoundFormat.BytesPerSample
    ];
    private readonly ManualResetEventSlim _woken = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private int _given;

    private bool IsDue => Stopwatch.GetElapsedTime(_began) > Piece * (_given + 1);

    public bool Wait(TimeSpan limit)
    {
        if (!IsDue)
        {
            _woken.Wait(Piece);
        }
        return true;
    }

    public ReadOnlySpan<byte> Read()
    {
        if (!IsDue)
        {
            return [];
        }
        _given++;
        Random.Shared.NextBytes(_piece);
        return _piece;
    }

    public void WakeUp() => _woken.Set();

    public void Dispose() => _woken.Dispose();
}
