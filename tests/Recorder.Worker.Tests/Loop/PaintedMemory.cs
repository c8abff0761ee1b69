using System.Runtime.InteropServices;
using Recorder.Worker.Native;
using Recorder.Worker.Picture;

namespace Recorder.Worker.Tests.Loop;

/// <summary>A picture source without a display: a moving grey picture, painted when a test says so.</summary>
internal sealed class PaintedMemory : IPictureSource
{
    private readonly EventDescriptor _painted = new();
    private int _paints;
    private int _taken;
    private volatile bool _lost;
    private TimeSpan _stall;

    /// <summary>Whether the picture is noise: what compresses worst.</summary>
    public bool Noise { get; init; }

    /// <summary>Stops the thread that takes the next picture for so long, as a host does that has no processor to
    /// give.</summary>
    public void StallOnce(TimeSpan length) => _stall = length;

    public int Descriptor => _painted.Number;

    public void Paint()
    {
        Interlocked.Increment(ref _paints);
        _painted.Signal();
    }

    public void Lose()
    {
        _lost = true;
        _painted.Signal();
    }

    public PaintSignal Drain()
    {
        _painted.Clear();
        var before = _taken;
        _taken = Volatile.Read(ref _paints);
        return _lost ? PaintSignal.Lost
            : _taken != before ? PaintSignal.Painted
            : PaintSignal.None;
    }

    public void Convert(PictureMemory target)
    {
        using ManualResetEventSlim never = new();
        never.Wait(_stall);
        _stall = TimeSpan.Zero;
        var frame = new byte[target.Format.Length];
        Array.Fill(frame, (byte)(16 + (_taken * 8 % 200)), 0, target.Format.BlueOffset);
        Array.Fill(frame, (byte)128, target.Format.BlueOffset, frame.Length - target.Format.BlueOffset);
        if (Noise)
        {
            Random.Shared.NextBytes(frame);
        }
        Marshal.Copy(frame, 0, target.Data, frame.Length);
    }

    public void Dispose() => _painted.Dispose();
}
