namespace Recorder.Worker.Files.Matroska;

/// <summary>A cluster of a Matroska file.</summary>
/// <param name="Position">Where it begins in the file.</param>
/// <param name="KeyPicture">Time of its first key frame of the picture in milliseconds, or null.</param>
/// <param name="Sound">Time of its first piece of sound in milliseconds, or null.</param>
internal sealed record MatroskaCluster(long Position, long? KeyPicture, long? Sound);

/// <summary>The clusters of a Matroska file that is written or read: what its cues are made of, and where the next
/// cluster begins.</summary>
internal sealed class MatroskaClusters
{
    private const long Longest = 5000;
    private const long Shortest = 500;

    // A block's time within its cluster has 16 bits with a sign.
    private const long Earliest = -30_000;

    private readonly List<MatroskaCluster> _clusters = [];

    /// <summary>How many there are.</summary>
    public int Count => _clusters.Count;

    /// <summary>The time that the last one's blocks are counted from, in milliseconds. A reader sets it when the file
    /// has told it.</summary>
    public long Time { get; set; }

    /// <summary>One of them.</summary>
    public MatroskaCluster this[int index] => _clusters[index];

    /// <summary>Whether the next block belongs into a new cluster: a key frame of the picture begins one, so that
    /// players find it.</summary>
    /// <param name="time">The block's time in milliseconds.</param>
    /// <param name="isKeyPicture">Whether it is a key frame of the picture.</param>
    public bool IsDue(long time, bool isKeyPicture) =>
        _clusters.Count == 0
        || time - Time > Longest
        || time - Time < Earliest
        || (isKeyPicture && time - Time >= Shortest);

    /// <summary>A cluster begins.</summary>
    /// <param name="position">Where in the file.</param>
    /// <param name="time">Its time in milliseconds.</param>
    public void Begin(long position, long time)
    {
        _clusters.Add(new MatroskaCluster(position, null, null));
        Time = time;
    }

    /// <summary>A block is in the last cluster.</summary>
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

/// <summary>Where a track of a Matroska file ends, in milliseconds.</summary>
internal sealed class TrackEnd
{
    // A picture that was shown for longer than the others says nothing about how long the last one is shown.
    private const long LongestPicture = 1000;

    private long _latest = -1;
    private long _between;
    private long _heard;

    /// <summary>How many frames there are.</summary>
    public long Frames { get; private set; }

    /// <summary>The end of the latest frame; a frame that does not say how long it lasts is as long as the one before
    /// was. 0 without frames.</summary>
    public long End => Frames == 0 ? 0 : Math.Max(_heard, _latest + Math.Min(_between, LongestPicture));

    /// <summary>The next frame.</summary>
    /// <param name="time">Its time.</param>
    /// <param name="length">How long it lasts, or 0: until the next.</param>
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
