namespace Recorder.Worker.Files.Matroska;

/// <summary>A cluster of a Matroska file.</summary>
/// <param name="Position">The cluster's position in the file.</param>
/// <param name="KeyPicture">Time of the cluster's first key frame of the picture in milliseconds, or null.</param>
/// <param name="Sound">Time of the cluster's first piece of sound in milliseconds, or null.</param>
internal sealed record MatroskaCluster(long Position, long? KeyPicture, long? Sound);

/// <summary>The clusters of a Matroska file that is written or read. They give the cues, and decide where the next
/// cluster begins.</summary>
internal sealed class MatroskaClusters
{
    private const long Longest = 5000;
    private const long Shortest = 500;

    // A block's time within its cluster is a signed number of 16 bits.
    private const long Earliest = -30_000;

    private readonly List<MatroskaCluster> _clusters = [];

    /// <summary>Number of clusters.</summary>
    public int Count => _clusters.Count;

    /// <summary>The time from which the last cluster's blocks are counted, in milliseconds. A reader sets the time when
    /// the file has told it.</summary>
    public long Time { get; set; }

    /// <summary>The cluster with this index.</summary>
    public MatroskaCluster this[int index] => _clusters[index];

    /// <summary>Whether the next block belongs into a new cluster. A key frame of the picture begins a cluster, so that
    /// players find the key frame.</summary>
    /// <param name="time">The block's time in milliseconds.</param>
    /// <param name="isKeyPicture">Whether the block is a key frame of the picture.</param>
    public bool IsDue(long time, bool isKeyPicture) =>
        _clusters.Count == 0
        || time - Time > Longest
        || time - Time < Earliest
        || (isKeyPicture && time - Time >= Shortest);

    /// <summary>Begins a cluster.</summary>
    /// <param name="position">The cluster's position in the file.</param>
    /// <param name="time">The cluster's time in milliseconds.</param>
    public void Begin(long position, long time)
    {
        _clusters.Add(new MatroskaCluster(position, null, null));
        Time = time;
    }

    /// <summary>Adds a block to the last cluster.</summary>
    public void Add(bool isPicture, bool isKey, long time)
    {
        var last = _clusters[^1];
        if (isPicture && isKey && last.KeyPicture is null)
        {
            _clusters[^1] = last with { KeyPicture = time };
        }
        else if (!isPicture && last.Sound is null)
        {
            _clusters[^1] = last with { Sound = time };
        }
    }
}

/// <summary>The end of a track of a Matroska file, in milliseconds.</summary>
internal sealed class TrackEnd
{
    // A picture that was shown for longer than the other pictures says nothing about the length of the last picture.
    private const long LongestPicture = 1000;

    private long _latest = -1;
    private long _between;
    private long _heard;

    /// <summary>Number of frames.</summary>
    public long Frames { get; private set; }

    /// <summary>The end of the latest frame; 0 without frames. A frame without a length of its own is taken to be as
    /// long as the frame before.</summary>
    public long End => Frames == 0 ? 0 : Math.Max(_heard, _latest + Math.Min(_between, LongestPicture));

    /// <summary>Adds the next frame.</summary>
    /// <param name="time">The frame's time.</param>
    /// <param name="length">The frame's length, or 0: until the next frame.</param>
    public void Add(long time, long length)
    {
        Frames++;
        if (length > 0)
        {
            _heard = Math.Max(_heard, time + length);
        }
        else if (time > _latest)
        {
            _between = _latest < 0 ? _between : time - _latest;
        }

        _latest = Math.Max(_latest, time);
    }
}
