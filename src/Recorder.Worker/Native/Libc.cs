using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Native;

/// <summary>System calls that .NET does not offer.</summary>
internal static unsafe partial class Libc
{
    internal const short PollIn = 0x001;
    internal const short PollError = 0x008;
    internal const short PollHangup = 0x010;
    internal const int ShmReadOnly = 0x1000;

    private const string C = "libc";

    /// <summary>Waits for descriptors, at most for a time span of CLOCK_MONOTONIC. Returns the number of ready
    /// descriptors, or -1 on a signal or an error.</summary>
    internal static int Poll(Span<PollDescriptor> descriptors, long nanoseconds)
    {
        nanoseconds = Math.Max(nanoseconds, 0);
        TimeSpec limit = new() { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        fixed (PollDescriptor* first = descriptors)
        {
            return ppoll(first, (ulong)descriptors.Length, &limit, null);
        }
    }

    /// <summary>Inserts zeros before a file's content. False: the file system cannot insert, or has no space.</summary>
    internal static bool InsertRange(SafeFileHandle file, long length)
    {
        const int insertRange = 0x20;
        return fallocate((int)file.DangerousGetHandle(), insertRange, 0, length) == 0;
    }

    /// <summary>Removes bytes at a file's start.</summary>
    internal static bool CollapseRange(SafeFileHandle file, long length)
    {
        const int collapseRange = 0x08;
        return fallocate((int)file.DangerousGetHandle(), collapseRange, 0, length) == 0;
    }

    /// <summary>The owner of a file or folder. For a link, the owner of the link's destination.</summary>
    /// <exception cref="IOException">The system does not tell the owner.</exception>
    internal static uint OwnerOf(string path)
    {
        // struct statx, see statx(2). The layout is the same on every machine; the owner is the sixth number of 32
        // bits.
        const int currentFolder = -100;
        const uint ownerWanted = 0x8;
        var status = new byte[256];
        return statx(currentFolder, path, 0, ownerWanted, status) == 0
            ? BitConverter.ToUInt32(status, 20)
            : throw new IOException($"The owner of {path} is not told (errno {Marshal.GetLastPInvokeError()}).");
    }

    [LibraryImport(C)]
    internal static partial int close(int descriptor);

    [LibraryImport(C)]
    internal static partial void free(nint memory);

    [LibraryImport(C, SetLastError = true)]
    internal static partial nint shmat(int id, nint address, int flags);

    [LibraryImport(C)]
    internal static partial int shmdt(nint address);

    [LibraryImport(C, SetLastError = true)]
    internal static partial int shmctl(int id, int command, ShmIdDs* status);

    [LibraryImport(C, SetLastError = true)]
    internal static partial long copy_file_range(
        int input,
        long* inputOffset,
        int output,
        long* outputOffset,
        ulong length,
        uint flags
    );

    [LibraryImport(C)]
    internal static partial uint geteuid();

    [LibraryImport(C, SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);

    [LibraryImport(C)]
    internal static partial long write(SafeHandle descriptor, void* data, ulong size);

    [LibraryImport(C)]
    internal static partial long read(SafeHandle descriptor, void* data, ulong size);

    [LibraryImport(C, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint wanted, [Out] byte[] status);

    [LibraryImport(C, SetLastError = true)]
    private static partial int ppoll(PollDescriptor* descriptors, ulong count, TimeSpec* limit, void* signals);

    [LibraryImport(C, SetLastError = true)]
    private static partial int fallocate(int descriptor, int mode, long offset, long length);

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }

    /// <summary>struct shmid_ds up to the segment's size, on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 112)]
    internal struct ShmIdDs
    {
        [FieldOffset(48)]
        internal ulong SegmentSize;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
