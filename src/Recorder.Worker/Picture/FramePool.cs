using System.Runtime.InteropServices;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Picture;

/// <summary>
/// A fixed number of frames in native memory, each behind a GstBuffer while it is in use. Frames are taken on one
/// thread and come back on any; nothing is allocated on the managed heap.
/// </summary>
internal sealed unsafe class FramePool : IDisposable
{
    private const int Alignment = 64;

    private readonly PictureFormat _format;
    private readonly nint[] _memory;
    private readonly int* _busy;

    /// <summary>A pool whose frames get their memory when they are first used.</summary>
    public FramePool(PictureFormat format, int frames)
    {
        this._format = format;
        _memory = new nint[frames];
        _busy = (int*)NativeMemory.AllocZeroed((nuint)frames, sizeof(int));
    }

    /// <summary>A frame nobody uses, or the null buffer when all are in use. The caller owns the reference.</summary>
    public Buffer Take(out PictureMemory picture)
    {
        for (var i = 0; i < _memory.Length; i++)
        {
            if (Volatile.Read(ref _busy[i]) == 0)
            {
                if (_memory[i] == 0)
                {
                    _memory[i] = (nint)NativeMemory.AlignedAlloc((nuint)_format.Length, Alignment);
                }

                _busy[i] = 1;
                picture = new PictureMemory(_memory[i], _format);
                return Buffer.NewWrappedReadOnly(_memory[i], _format.Length, (nint)(&_busy[i]), &OnUnused);
            }
        }

        picture = default;
        return default;
    }

    /// <summary>Frees the memory. Only after the pipeline that got the frames is down.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _memory.Length; i++)
        {
            if (Volatile.Read(ref _busy[i]) != 0)
            {
                // A pipeline that could not be brought down may still read it.
                return;
            }
        }

        foreach (var frame in _memory)
        {
            NativeMemory.AlignedFree((void*)frame);
        }

        NativeMemory.Free(_busy);
    }

    [UnmanagedCallersOnly]
    private static void OnUnused(nint flag) => Volatile.Write(ref *(int*)flag, 0);
}
