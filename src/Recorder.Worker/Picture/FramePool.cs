using System.Runtime.InteropServices;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Picture;

/// <summary>
/// A fixed number of frames in native memory, each behind a GstBuffer while it is in use. Frames are taken on one thread and come back on
/// any; nothing is allocated on the managed heap.
/// </summary>
internal sealed unsafe class FramePool : IDisposable
{
    private const int Alignment = 64;

    private readonly PictureFormat format;
    private readonly nint[] memory;
    private readonly int* busy;

    /// <summary>A pool whose frames get their memory when they are first used.</summary>
    public FramePool(PictureFormat format, int frames)
    {
        this.format = format;
        memory = new nint[frames];
        busy = (int*)NativeMemory.AllocZeroed((nuint)frames, sizeof(int));
    }

    /// <summary>A frame nobody uses, or the null buffer when all are in use. The caller owns the reference.</summary>
    public Buffer Take(out PictureMemory picture)
    {
        for (int i = 0; i < memory.Length; i++)
        {
            if (Volatile.Read(ref busy[i]) == 0)
            {
                if (memory[i] == 0)
                {
                    memory[i] = (nint)NativeMemory.AlignedAlloc((nuint)format.Length, Alignment);
                }

                busy[i] = 1;
                picture = new PictureMemory(memory[i], format);
                return Buffer.NewWrappedReadOnly(memory[i], format.Length, (nint)(&busy[i]), &OnUnused);
            }
        }

        picture = default;
        return default;
    }

    /// <summary>Frees the memory. Only after the pipeline that got the frames is down.</summary>
    public void Dispose()
    {
        for (int i = 0; i < memory.Length; i++)
        {
            if (Volatile.Read(ref busy[i]) != 0)
            {
                // A pipeline that could not be brought down may still read it.
                return;
            }
        }

        foreach (nint frame in memory)
        {
            NativeMemory.AlignedFree((void*)frame);
        }

        NativeMemory.Free(busy);
    }

    [UnmanagedCallersOnly]
    private static void OnUnused(nint flag) => Volatile.Write(ref *(int*)flag, 0);
}
