using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Files.Matroska;

/// <summary>Makes a Matroska file of <see cref="MatroskaWriter"/> final: cues at the end, and in the head's room the
/// position of the cues and the duration.</summary>
internal static class MatroskaTail
{
    /// <summary>Writes the cues behind the last cluster, and fills the head's room. A file without them plays too, but
    /// a player cannot tell its length and has to search in the file.</summary>
    /// <returns>The file's length.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static long Write(
        SafeFileHandle file,
        MatroskaHead head,
        MatroskaClusters clusters,
        long end,
        double milliseconds
    )
    {
        CloseClusters(file, clusters, Math.Max(0, clusters.Count - 1), clusters.Count, end);
        EbmlWriter writer = new();
        writer.Master(
            MatroskaId.Cues,
            () =>
            {
                for (var i = 0; i < clusters.Count; i++)
                {
                    WriteCue(writer, clusters[i], head);
                }
            }
        );
        RandomAccess.Write(file, writer.ToArray(), end);
        var length = end + writer.Length;
        RandomAccess.Write(file, head.TableOf(end), head.Table);
        RandomAccess.Write(file, MatroskaHead.DurationOf(milliseconds), head.Duration);
        WriteLength(file, head.Segment - sizeof(ulong), length - head.Segment);
        return length;
    }

    /// <summary>Writes the lengths of clusters into the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="clusters">The file's clusters.</param>
    /// <param name="from">Index of the first cluster to close.</param>
    /// <param name="until">Index after the last cluster to close.</param>
    /// <param name="end">The end of the very last cluster.</param>
    public static void CloseClusters(SafeFileHandle file, MatroskaClusters clusters, int from, int until, long end)
    {
        const int idLength = sizeof(uint);
        for (var i = from; i < until; i++)
        {
            var content = clusters[i].Position + idLength + sizeof(ulong);
            var next = i + 1 < clusters.Count ? clusters[i + 1].Position : end;
            WriteLength(file, content - sizeof(ulong), next - content);
        }
    }

    private static void WriteCue(EbmlWriter writer, MatroskaCluster cluster, MatroskaHead head)
    {
        if ((cluster.KeyPicture ?? cluster.Sound) is not { } time)
        {
            return;
        }

        writer.Master(
            MatroskaId.CuePoint,
            () =>
            {
                writer.Number(MatroskaId.CueTime, (ulong)time);
                writer.Master(
                    MatroskaId.CueTrackPositions,
                    () =>
                    {
                        writer.Number(
                            MatroskaId.CueTrack,
                            (ulong)(cluster.KeyPicture is null ? MatroskaHead.SoundTrack : MatroskaHead.PictureTrack)
                        );
                        writer.Number(MatroskaId.CueClusterPosition, (ulong)(cluster.Position - head.Segment));
                    }
                );
            }
        );
    }

    private static void WriteLength(SafeFileHandle file, long position, long length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, EbmlWriter.Long(length));
        RandomAccess.Write(file, bytes, position);
    }
}
