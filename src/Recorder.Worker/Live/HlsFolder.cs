using Recorder.Worker.Native;

namespace Recorder.Worker.Live;

/// <summary>The folder of a live playlist, beside its record.</summary>
internal static class HlsFolder
{
    /// <summary>
    /// Makes the folder, or checks that this user made the existing folder. Where everybody may put files beside
    /// records, as in <c>/tmp</c>, another user may have put a folder or a link there. The segments would then be
    /// written somewhere else.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be made, or belongs to another user.</exception>
    public static void Make(string path)
    {
        Directory.CreateDirectory(path);
        if (new DirectoryInfo(path).LinkTarget is not null || Libc.OwnerOf(path) != Libc.geteuid())
        {
            throw new IOException($"The folder {path} of the live playlist was put there by another user. Remove it.");
        }
    }
}
