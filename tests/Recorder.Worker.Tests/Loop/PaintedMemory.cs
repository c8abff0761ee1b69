using System.Runtime.InteropServices;
using Recorder.Worker.Native;
using Recorder.Worker.Picture;

namespace Recorder.Worker.Tests.Loop;

/// <summary>A picture source without a display: a moving grey picture, painted when a test says so.</summary>
internal sealed class PaintedMemory : IPictureSource
{
    private readonly EventDescriptor painted = new();
    private int paints;
    private int taken;
    private volatile bool lost;
    private TimeSpan stall;

    /// <summary>Whether the picture is noise: what compresses worst.</summary>
    public bool Noise { get; init; }

    /// <summary>Stops the thread that takes the next picture for so long, as a host does that has no processor to give.</summary>
    public void StallOnce(TimeSpan length) => stall = length;

    public int Descriptor => painted.Number;

    public void Paint()
    {
        Interlocked.Increment(ref paints);
        painted.Signal();
    }

    public void Lose()
    {
        lost = true;
        painted.Signal();
    }

    public PaintSignal Drain()
    {
        painted.Clear();
        int before = taken;
        taken = Volatile.Read(ref paints);
        return lost ? PaintSignal.Lost : taken != before ? PaintSignal.Painted : PaintSignal.None;
    }

    public void Convert(PictureMemory target)
    {
        using ManualResetEventSlim never = new();
        never.Wait(stall);
        stall = TimeSpan.Zero;
        byte[] frame = new byte[target.Format.Length];
        Array.Fill(frame, (byte)(16 + (taken * 8 % 200)), 0, target.Format.BlueOffset);
        Array.Fill(frame, (byte)128, target.Format.BlueOffset, frame.Length - target.Format.BlueOffset);
        if (Noise)
            Random.Shared.NextBytes(frame);
        Marshal.Copy(frame, 0, target.Data, frame.Length);
    }

    public void Dispose() => painted.Dispose();
}
