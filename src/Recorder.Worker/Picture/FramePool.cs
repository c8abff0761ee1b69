using System.Runtime.InteropServices;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Picture;

/// <summary>
/// A fixed number of frames in native memory. A frame in use is behind a GstBuffer. One thread takes frames, and any
/// thread returns them. Nothing is allocated on the managed heap.
/// </summary>
internal sealed unsafe class FramePool : IDisposable
{
    private const int Alignment = 64;

    private readonly PictureFormat _format;
    private readonly nint[] _memory;
    private readonly int* _busy;

    /// <summary>A pool whose frames get their memory at their first use.</summary>
    public FramePool(PictureFormat format, int frames)
    {
        this._format = format;
        _memory = new nint[frames];
        _busy = (int*)NativeMemory.AllocZeroed((nuint)frames, sizeof(int));
    }

    /// <summary>A free frame, or the null buffer when all frames are in use. The caller owns the reference.</summary>
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

    /// <summary>Frees the memory. Only after the pipeline that got the frames has stopped.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _memory.Length; i++)
        {
            if (Volatile.Read(ref _busy[i]) != 0)
            {
                // A pipeline that could not be stopped may still read the memory.
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
